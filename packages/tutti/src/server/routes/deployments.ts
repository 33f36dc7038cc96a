import {
  BULK_RUNS_MAX,
  deploymentChanges,
  deployments,
  deploymentScheduleToWire,
  deploymentToWire,
  runRequest,
  scheduleChanges,
} from '../../api/deployments.ts'
import { flowRunToWire } from '../../api/flow-runs.ts'
import { listingOf, numberedListingOf, pageOut } from '../../api/lists.ts'
import { joinedCondition } from '../../api/filters.ts'
import { pageOf } from '../../api/page.ts'
import { ANYTHING } from '../../core/condition.ts'
import { TuttiError } from '../../core/errors.ts'
import type { DeploymentRunRequest } from '../../core/deployment.ts'
import type { ServerOrchestrator } from '../../core/server-orchestrator.ts'
import { after } from '../../core/time.ts'
import type { Clock, Instant } from '../../core/time.ts'
import type { Mount } from '../mount.ts'
import { createdOr } from '../reply.ts'
import type { Wake } from '../wake.ts'

const DAY_MS = 86_400_000
const WINDOW = { days: 100, minTimeS: 3_600, minRuns: 3, maxRuns: 100 }

export function mountDeployments(mount: Mount, { deployments: door }: ServerOrchestrator, clock: Clock, wake: Wake): void {
  mount(deployments.create, async ({ body }) => {
    const { view, isNew } = await door.ensure(body.flow_id, body.name, deploymentChanges(body, clock.now()), null)
    return createdOr(isNew, deploymentToWire(view))
  })
  mount(deployments.read, async ({ params }) => deploymentToWire(await door.read(params.id)))
  mount(deployments.readByName, async ({ params }) => deploymentToWire(await door.readByName(params.flow_name, params.deployment_name)))
  mount(deployments.update, ({ params, body }) => door.update(params.id, deploymentChanges(body, clock.now())))
  mount(deployments.remove, ({ params }) => door.remove(params.id))

  mount(deployments.filter, async ({ body }) => (await door.filter(listingOf('deployments', body))).map(deploymentToWire))
  mount(deployments.count, ({ body }) => door.count(joinedCondition('deployments', body)))
  mount(deployments.paginate, async ({ body }) => {
    const listing = numberedListingOf('deployments', body)
    return pageOut((await door.filter(listing)).map(deploymentToWire), await door.count(listing.where), listing, body.page)
  })
  mount(deployments.bulkDelete, async ({ body }) => {
    const found = await door.filter({ where: body.deployments ?? ANYTHING, sort: 'NAME_ASC', limit: body.limit, offset: 0 })
    for (const { deployment } of found) await door.remove(deployment.id)
    return { deleted: found.map(({ deployment }) => deployment.id) }
  })

  mount(deployments.due, async ({ body }) => {
    const { limit } = pageOf({ limit: body.limit, offset: 0 })
    const now = clock.now()
    return (await door.due(body.deployment_ids, body.scheduled_before ?? null, limit)).map((view) => flowRunToWire(view, now))
  })
  mount(deployments.schedule, async ({ params, body }) => {
    const start = body.start_time ?? clock.now()
    await door.read(params.id)
    await door.makeScheduledRuns(params.id, {
      start,
      end: body.end_time ?? after(start, WINDOW.days * DAY_MS),
      minTimeS: body.min_time ?? WINDOW.minTimeS,
      minRuns: body.min_runs ?? WINDOW.minRuns,
      maxRuns: body.max_runs ?? WINDOW.maxRuns,
    })
    return null
  })
  mount(deployments.pause, async ({ params }) => {
    await door.setPaused(params.id, true)
    return null
  })
  mount(deployments.resume, async ({ params }) => {
    await door.setPaused(params.id, false)
    return null
  })

  mount(deployments.createFlowRun, async ({ params, body }) => {
    const request = runRequest(body)
    const made = door.run(params.id, request, null)
    if (isDueAtOnce(request, clock.now())) wake.announce(params.id)
    const { view, isNew } = await made
    return createdOr(isNew, flowRunToWire(view, clock.now()))
  })
  mount(deployments.createFlowRuns, async ({ params, body }) => {
    if (body.length > BULK_RUNS_MAX)
      throw new TuttiError('BAD_REQUEST', `at most ${BULK_RUNS_MAX} flow runs are made at once, ${body.length} were asked for`)
    await door.read(params.id)
    const results = []
    for (const each of body) {
      const made = door.run(params.id, runRequest(each), null)
      results.push(
        await made.then(
          ({ view }) => ({ flow_run_id: view.run.id, status: 'CREATED' as const, error: null }),
          (error: unknown) => ({
            flow_run_id: null,
            status: 'FAILED' as const,
            error: error instanceof Error ? error.message : String(error),
          }),
        ),
      )
    }
    return { results }
  })

  mount(deployments.workQueueCheck, async ({ params }) => {
    await door.read(params.id)
    return []
  })
  mount(deployments.schedules, async ({ params }) => (await door.schedules(params.id)).map(deploymentScheduleToWire))
  mount(deployments.addSchedules, async ({ params, body }) => {
    const now = clock.now()
    const added = await door.addSchedules(
      params.id,
      body.map((each) => scheduleChanges(each, now)),
    )
    return added.map(deploymentScheduleToWire)
  })
  mount(deployments.updateSchedule, ({ params, body }) =>
    door.updateSchedule(params.id, params.schedule_id, scheduleChanges(body, clock.now())),
  )
  mount(deployments.removeSchedule, ({ params }) => door.removeSchedule(params.id, params.schedule_id))
}

function isDueAtOnce({ state }: DeploymentRunRequest, now: Instant): boolean {
  return state === undefined || (state.type === 'scheduled' && (state.scheduledFor ?? now) <= now)
}
