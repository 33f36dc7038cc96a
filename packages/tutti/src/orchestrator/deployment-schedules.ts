import type { Deployment, DeploymentSchedule, ScheduleChanges, ScheduleWindow } from '../core/deployment.ts'
import { scheduleKey } from '../core/deployment-plan.ts'
import { TuttiError } from '../core/errors.ts'
import type { FlowRun, FlowRunPolicy } from '../core/flow-run.ts'
import type { ClientAbilities } from '../core/flow-run-proposal.ts'
import { JsonText } from '../core/literal-json.ts'
import { OpenDays } from '../core/calendar-days.ts'
import { contextOf } from '../core/run-context.ts'
import type { MadeBySchedule } from '../core/run-context.ts'
import type { ScheduleOptions } from '../core/schedule/definition.ts'
import { scheduleProblem } from '../core/schedule/index.ts'
import { plannedRuns } from '../core/schedule/plan.ts'
import type { Plan, PlannedRun } from '../core/schedule/plan.ts'
import type { Schedule } from '../core/schedule/schedule.ts'
import { after, formatInstant } from '../core/time.ts'
import type { Instant } from '../core/time.ts'
import type { Told } from '../core/told.ts'
import type { Script } from '../store/port.ts'
import { createFlowRun, propose } from './flow-run-changes.ts'
import type { ToldDeps } from './flow-run-changes.ts'

const NOTHING = new JsonText('{}')
const CREATOR_NAMES = { interval: 'IntervalSchedule', cron: 'CronSchedule', rrule: 'RRuleSchedule' } as const

/** All schedules anew, as a deployment that is written again has them. */
export function* replaceSchedules(deps: ToldDeps, deployment: Deployment, schedules: readonly ScheduleChanges[]): Script<void> {
  const { deployments } = deps.store.tables
  const known = yield* deployments.schedules([deployment.id])
  yield* deployments.deleteSchedules(known.map(({ id }) => id))
  yield* add(deps, deployment, schedules, known)
}

/** One that takes the place of a former one keeps its id, by which its runs know each other. */
function* add(
  deps: ToldDeps,
  deployment: Deployment,
  schedules: readonly ScheduleChanges[],
  former: readonly DeploymentSchedule[] = [],
): Script<readonly DeploymentSchedule[]> {
  const added: DeploymentSchedule[] = []
  for (const { schedule, active = true, maxScheduledRuns = null, parameters = NOTHING, slug = null, options = {} } of schedules) {
    if (schedule === undefined) throw new TuttiError('INVALID_REQUEST', 'a new schedule needs a `schedule`: cron, interval or rrule')
    refuseUnusable(schedule)
    yield* refuseUnknownCalendar(deps, options)
    const now = deps.clock.now()
    const before = former.find((each) => !added.some(({ id }) => id === each.id) && isSame(each, schedule, slug))
    const made: DeploymentSchedule = {
      id: before?.id ?? deps.ids.next(),
      deploymentId: deployment.id,
      schedule,
      active,
      maxScheduledRuns,
      parameters,
      slug,
      options,
      createdAt: before?.createdAt ?? now,
      updatedAt: now,
    }
    if (!(yield* deps.store.tables.deployments.insertSchedule(made)))
      throw new TuttiError('CONFLICT', `deployment ${deployment.name} has a schedule with the slug ${String(slug)} already`)
    added.push(made)
  }
  return added
}

function isSame(former: DeploymentSchedule, schedule: Schedule, slug: string | null): boolean {
  return slug === null ? JSON.stringify(former.schedule) === JSON.stringify(schedule) : former.slug === slug
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
  if (changes.options !== undefined) yield* refuseUnknownCalendar(deps, changes.options)
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

function* refuseUnknownCalendar({ store }: ToldDeps, { calendar }: ScheduleOptions): Script<void> {
  if (calendar !== undefined && (yield* store.tables.calendars.get(calendar.name)) === undefined)
    throw new TuttiError('INVALID_REQUEST', `there is no calendar ${calendar.name}: make it with \`tutti calendar set ${calendar.name}\``)
}

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
    const plan = yield* planOf(deps, schedule)
    const limit = Math.min(maxRuns, schedule.maxScheduledRuns ?? Infinity)
    // So far at least, or else so many: times that are not needed are not looked for.
    const soon = plannedRuns(plan, { from: start, until: Math.min(end, start + minTimeS * 1_000_000), limit })
    const few = Math.min(limit, minRuns)
    const planned = soon.length >= few ? soon : plannedRuns(plan, { from: start, until: end, limit: few })
    for (const run of planned) if (yield* makeRun(deps, deployment, schedule, run)) made += 1
  }
  if (made > 0) told.push({ type: 'changed', noun: 'flow_runs', id: deployment.id })
  return made
}

export function* planOf({ store }: ToldDeps, { id, schedule, options }: DeploymentSchedule): Script<Plan> {
  const calendar = options.calendar === undefined ? undefined : yield* store.tables.calendars.get(options.calendar.name)
  return { scheduleId: id, schedule, options, openDays: calendar === undefined ? null : new OpenDays(calendar) }
}

/** `false`: it was there. */
function* makeRun(deps: ToldDeps, deployment: Deployment, schedule: DeploymentSchedule, run: PlannedRun): Script<boolean> {
  const { id, options } = schedule
  const { isNew } = yield* createFlowRun(deps, [], {
    ...runOf(deployment, schedule.parameters),
    context: contextOf(said(options, run)),
    tags: ['auto-scheduled', ...deployment.tags],
    idempotencyKey: `scheduled ${deployment.id} ${id} ${formatInstant(run.logicalDate)}`,
    autoScheduled: true,
    createdBy: { id, type: 'SCHEDULE', displayValue: schedule.slug ?? CREATOR_NAMES[schedule.schedule.type] },
    state: { type: 'scheduled', name: 'Scheduled', message: 'Flow run scheduled', details: {}, scheduledFor: run.dueAt },
  })
  return isNew
}

/** Nothing, where the schedule says no more than the protocol has. */
function said({ expiresAfterS, overlap = 'allow' }: ScheduleOptions, { logicalDate, dueAt }: PlannedRun): MadeBySchedule {
  return {
    overlap,
    ...(dueAt === logicalDate ? undefined : { logicalDate }),
    ...(expiresAfterS === undefined ? undefined : { expiresAt: after(dueAt, expiresAfterS * 1000) }),
  }
}

/** What every run has that is made for a deployment without anybody asking. */
export function runOf(deployment: Deployment, ...parameters: readonly JsonText[]) {
  return {
    flowId: deployment.flowId,
    flowVersion: null,
    parameters: JsonText.of(Object.assign({}, deployment.parameters.toJSON(), ...parameters.map((layer) => layer.toJSON()))),
    parentTaskRunId: null,
    policy: policyOf(deployment),
    labels: NOTHING,
    workQueueId: deployment.workQueueId,
    jobVariables: null,
    infrastructureDocumentId: deployment.infrastructureDocumentId,
    deployment: { id: deployment.id, version: deployment.version, versionId: deployment.versionId, labels: deployment.labels },
  }
}

export interface Downtime {
  readonly since: Instant
  readonly until: Instant
}

/** What was due while no server was there, by what each schedule says of that; those that say nothing are left as they are. */
export function* catchUp(deps: ToldDeps, told: Told[], deployment: Deployment, { since, until }: Downtime): Script<void> {
  if (deployment.paused) return
  const { deployments, flowRuns } = deps.store.tables
  let isChanged = false
  for (const schedule of yield* deployments.schedules([deployment.id])) {
    const { catchUp: policy } = schedule.options
    if (!schedule.active || policy === undefined) continue
    const missed = missedRuns(yield* planOf(deps, schedule), { since, until })
    const wanted = policy === 'none' ? [] : policy === 'latest' ? missed.slice(-1) : missed.slice(-CATCH_UP_MAX)
    const waiting = yield* deployments.waitingRuns(schedule, { since, until })
    const keys = new Set(wanted.map((run) => run.dueAt))
    const left = waiting.filter(({ dueAt }) => !keys.has(dueAt)).map(({ id }) => id)
    for (const run of yield* flowRuns.getMany(left)) yield* skip(deps, told, run, MISSED[policy])
    for (const run of wanted) isChanged = (yield* makeRun(deps, deployment, schedule, run)) || isChanged
  }
  if (isChanged) told.push({ type: 'changed', noun: 'flow_runs', id: deployment.id })
}

/** Runs that one schedule catches up with at most: its latest. */
const CATCH_UP_MAX = 1_000

const MISSED = {
  all: `It was due while no server was running, and ${CATCH_UP_MAX} later runs of the schedule were too.`,
  latest: 'It was due while no server was running, and the schedule catches up with its latest run only.',
  none: 'It was due while no server was running, and the schedule does not catch up.',
} as const

function missedRuns(plan: Plan, { since, until }: Downtime): readonly PlannedRun[] {
  let missed: readonly PlannedRun[] = []
  for (let from = since; ;) {
    const some = plannedRuns(plan, { from, until: until - 1, limit: CATCH_UP_MAX })
    missed = [...missed, ...some].slice(-CATCH_UP_MAX)
    const last = some.at(-1)
    if (last === undefined || some.length < CATCH_UP_MAX) return missed
    from = last.dueAt + 1
  }
}

function* skip(deps: ToldDeps, told: Told[], run: FlowRun, message: string): Script<void> {
  yield* propose(deps, told, run, { type: 'cancelled', name: 'Skipped', message, details: {} }, { mode: 'forced', client: ABILITIES })
}

/** The server itself proposes. */
const ABILITIES: ClientAbilities = { holdsLeases: true, countsSlots: false, resetsFailedTasks: false, keepsPauses: true }
