import type { Calendar, CalendarOperations } from '../core/calendar.ts'
import { calendarProblem } from '../core/calendar-days.ts'
import type { DeploymentSchedule } from '../core/deployment.ts'
import { TuttiError } from '../core/errors.ts'
import type { Told } from '../core/told.ts'
import type { Script } from '../store/port.ts'
import type { Deps } from './deps.ts'
import { writeAndTell } from './telling.ts'

export function calendarOperations(deps: Deps): CalendarOperations {
  const { store, clock } = deps
  const { calendars } = store.tables

  return {
    list: (page) => store.read(() => calendars.list(page)),
    read: (name) => store.read(() => found(name)),

    put(name, content) {
      const problem = calendarProblem(name, content)
      if (problem !== undefined) throw new TuttiError('INVALID_REQUEST', problem)
      return writeAndTell(deps, function* (told) {
        const now = clock.now()
        const known = yield* calendars.get(name)
        const calendar: Calendar = { name, ...content, createdAt: known?.createdAt ?? now, updatedAt: now }
        yield* calendars.put(calendar)
        yield* makeRunsAnew(told, yield* goingBy(name))
        return { calendar, isNew: known === undefined }
      })
    },

    remove: (name) =>
      store.write(function* () {
        yield* found(name)
        const [schedule] = yield* goingBy(name)
        if (schedule !== undefined)
          throw new TuttiError(
            'CONFLICT',
            `schedule ${schedule.slug ?? schedule.id} of deployment ${schedule.deploymentId} goes by the calendar ${name}`,
          )
        yield* calendars.delete(name)
      }),
  }

  function* found(name: string): Script<Calendar> {
    const calendar = yield* calendars.get(name)
    if (calendar === undefined) throw new TuttiError('NOT_FOUND', `there is no calendar ${name}`)
    return calendar
  }

  function* goingBy(name: string): Script<readonly DeploymentSchedule[]> {
    return (yield* store.tables.deployments.schedulesWithOptions()).filter(({ options }) => options.calendar?.name === name)
  }

  /** The scheduler looks at changed deployments at once. */
  function* makeRunsAnew(told: Told[], schedules: readonly DeploymentSchedule[]): Script<void> {
    const { deployments, flowRuns } = store.tables
    const now = clock.now()
    for (const id of new Set(schedules.map(({ deploymentId }) => deploymentId))) {
      const deployment = yield* deployments.get(id)
      if (deployment === undefined) continue
      yield* flowRuns.delete(yield* deployments.unbegunRuns(id, now), now)
      yield* deployments.save({ ...deployment, updatedAt: now })
      told.push({ type: 'changed', noun: 'deployments', id })
    }
  }
}
