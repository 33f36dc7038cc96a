import type { Deployment, DeploymentSchedule, ScheduleChanges, ScheduleWindow } from '../core/deployment.ts'
import { scheduleKey } from '../core/deployment-plan.ts'
import { TuttiError } from '../core/errors.ts'
import type { FlowRunPolicy } from '../core/flow-run.ts'
import { JsonText } from '../core/literal-json.ts'
import { occurrences, scheduleProblem } from '../core/schedule/index.ts'
import type { Schedule } from '../core/schedule/schedule.ts'
import { formatInstant } from '../core/time.ts'
import type { Told } from '../core/told.ts'
import type { Script } from '../store/port.ts'
import { createFlowRun } from './flow-run-changes.ts'
import type { ToldDeps } from './flow-run-changes.ts'

const NOTHING = new JsonText('{}')
const CREATOR_NAMES = { interval: 'IntervalSchedule', cron: 'CronSchedule', rrule: 'RRuleSchedule' } as const

/** All schedules anew, as a deployment that is written again has them. */
export function* replaceSchedules(deps: ToldDeps, deployment: Deployment, schedules: readonly ScheduleChanges[]): Script<void> {
  const { deployments } = deps.store.tables
  const known = yield* deployments.schedules([deployment.id])
  yield* deployments.deleteSchedules(known.map(({ id }) => id))
  yield* add(deps, deployment, schedules)
}

function* add(deps: ToldDeps, deployment: Deployment, schedules: readonly ScheduleChanges[]): Script<readonly DeploymentSchedule[]> {
  const added: DeploymentSchedule[] = []
  for (const { schedule, active = true, maxScheduledRuns = null, parameters = NOTHING, slug = null } of schedules) {
    if (schedule === undefined) throw new TuttiError('INVALID_REQUEST', 'a new schedule needs a `schedule`: cron, interval or rrule')
    refuseUnusable(schedule)
    const now = deps.clock.now()
    const made: DeploymentSchedule = {
      id: deps.ids.next(),
      deploymentId: deployment.id,
      schedule,
      active,
      maxScheduledRuns,
      parameters,
      slug,
      createdAt: now,
      updatedAt: now,
    }
    if (!(yield* deps.store.tables.deployments.insertSchedule(made)))
      throw new TuttiError('CONFLICT', `deployment ${deployment.name} has a schedule with the slug ${String(slug)} already`)
    added.push(made)
  }
  return added
}

/** By their slugs, where all have one; else all anew. */
function* merge(deps: ToldDeps, deployment: Deployment, given: readonly ScheduleChanges[]): Script<void> {
  const { deployments } = deps.store.tables
  const known = yield* deployments.schedules([deployment.id])
  const isNamed = known.length > 0 && known.every(({ slug }) => slug !== null)
  if (!isNamed) return yield* replaceSchedules(deps, deployment, given)
  if (given.some(({ slug }) => (slug ?? null) === null))
    throw new TuttiError(
      'INVALID_REQUEST',
      'Please provide a slug for each schedule in your request to ensure schedules are updated correctly.',
    )
  const bySlug = new Map(known.map((schedule) => [schedule.slug, schedule]))
  const replaced = given.map(({ replaces }) => replaces ?? null).filter((slug) => slug !== null)
  if (new Set(replaced).size < replaced.length) throw new TuttiError('INVALID_REQUEST', 'Two schedules cannot replace the same one.')
  for (const changes of given) {
    // The one that is replaced has been already, when the same deployment is written again.
    const former = bySlug.get(changes.replaces ?? null) ?? bySlug.get(changes.slug ?? null)
    if (former === undefined) yield* add(deps, deployment, [changes])
    else {
      if (changes.slug !== former.slug && bySlug.has(changes.slug ?? null))
        throw new TuttiError('INVALID_REQUEST', `there is a schedule with the slug ${String(changes.slug)} already`)
      yield* change(deps, former, changes)
    }
  }
}

function* change(deps: ToldDeps, former: DeploymentSchedule, changes: ScheduleChanges): Script<void> {
  if (changes.schedule !== undefined) refuseUnusable(changes.schedule)
  const { replaces: _, ...columns } = changes
  yield* deps.store.tables.deployments.saveSchedule({ ...former, ...columns, updatedAt: deps.clock.now() })
}

function* one(deps: ToldDeps, deployment: Deployment, id: string): Script<DeploymentSchedule> {
  const found = (yield* deps.store.tables.deployments.schedules([deployment.id])).find((schedule) => schedule.id === id)
  if (found === undefined) throw new TuttiError('NOT_FOUND', `deployment ${deployment.name} has no schedule ${id}`)
  return found
}

function* update(deps: ToldDeps, deployment: Deployment, id: string, changes: ScheduleChanges): Script<void> {
  const former = yield* one(deps, deployment, id)
  const { slug } = changes
  if (slug !== undefined && slug !== null && slug !== former.slug) {
    const others = yield* deps.store.tables.deployments.schedules([deployment.id])
    if (others.some((each) => each.slug === slug)) throw new TuttiError('CONFLICT', `there is a schedule with the slug ${slug} already`)
  }
  yield* change(deps, former, changes)
}

function* remove(deps: ToldDeps, deployment: Deployment, id: string): Script<void> {
  const found = yield* one(deps, deployment, id)
  yield* deps.store.tables.deployments.deleteSchedules([found.id])
}

/** What is given and nothing else; a schedule that is known by its slug, or by all it says of time, stays the one it is. */
function* match(deps: ToldDeps, deployment: Deployment, given: readonly ScheduleChanges[]): Script<void> {
  const { deployments } = deps.store.tables
  const known = new Map((yield* deployments.schedules([deployment.id])).map((schedule) => [scheduleKey(schedule), schedule]))
  const wanted = new Map(given.map((changes) => [scheduleKey(changes), changes]))
  if (wanted.size < given.length)
    throw new TuttiError(
      'INVALID_REQUEST',
      'two of its schedules have the same slug, or no slug and the same time: give each a slug of its own',
    )
  yield* deployments.deleteSchedules([...known].filter(([key]) => !wanted.has(key)).map(([, { id }]) => id))
  for (const [key, changes] of wanted) {
    const former = known.get(key)
    if (former === undefined) yield* add(deps, deployment, [changes])
    else yield* change(deps, former, changes)
  }
}

export const scheduleOperations = { add, merge, match, update, remove }

function refuseUnusable(schedule: Schedule): void {
  const problem = scheduleProblem(schedule)
  if (problem !== undefined) throw new TuttiError('INVALID_REQUEST', problem)
}

/** How its runs are tried again; what a client asked for itself stands. */
export function policyOf({ options: { retries = 0, crashRestarts = 0 } }: Deployment, asked?: FlowRunPolicy): FlowRunPolicy {
  return asked === undefined ? { retries, crashRestarts } : { ...asked, retries: asked.retries || retries, crashRestarts }
}

/**
 * Runs that the schedules ask for, each made once: its key names the deployment, the schedule and the time. They are told of as waiting work
 * only; their history begins when somebody takes them.
 */
export function* makeScheduledRuns(
  deps: ToldDeps,
  told: Told[],
  deployment: Deployment,
  { start, end, minTimeS, minRuns, maxRuns }: ScheduleWindow,
): Script<number> {
  if (deployment.paused) return 0
  let made = 0
  for (const schedule of yield* deps.store.tables.deployments.schedules([deployment.id])) {
    if (!schedule.active) continue
    const enough = start + minTimeS * 1_000_000
    const limit = Math.min(maxRuns, schedule.maxScheduledRuns ?? Infinity)
    for (const [index, at] of occurrences(schedule.schedule, start, { limit, until: end }).entries()) {
      if (index >= minRuns && at > enough) break
      const { isNew } = yield* createFlowRun(deps, [], {
        flowId: deployment.flowId,
        flowVersion: null,
        parameters: JsonText.of(Object.assign({}, deployment.parameters.toJSON(), schedule.parameters.toJSON())),
        context: NOTHING,
        parentTaskRunId: null,
        policy: policyOf(deployment),
        tags: ['auto-scheduled', ...deployment.tags],
        labels: NOTHING,
        idempotencyKey: `scheduled ${deployment.id} ${schedule.id} ${formatInstant(at)}`,
        workQueueId: deployment.workQueueId,
        jobVariables: null,
        infrastructureDocumentId: deployment.infrastructureDocumentId,
        deployment: { id: deployment.id, version: deployment.version, versionId: deployment.versionId, labels: deployment.labels },
        autoScheduled: true,
        createdBy: { id: schedule.id, type: 'SCHEDULE', displayValue: schedule.slug ?? CREATOR_NAMES[schedule.schedule.type] },
        state: { type: 'scheduled', name: 'Scheduled', message: 'Flow run scheduled', details: {}, scheduledFor: at },
      })
      if (isNew) made += 1
    }
  }
  if (made > 0) told.push({ type: 'changed', noun: 'flow_runs', id: deployment.id })
  return made
}
