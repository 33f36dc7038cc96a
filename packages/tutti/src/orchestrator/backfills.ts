import { planBackfill } from '../core/backfill-plan.ts'
import type { Backfill, BackfillDate, BackfillOperations, BackfillPlan, BackfillRequest, BackfillView } from '../core/backfill.ts'
import type { Deployment } from '../core/deployment.ts'
import { TuttiError } from '../core/errors.ts'
import type { ClientAbilities } from '../core/flow-run-proposal.ts'
import { JsonText } from '../core/literal-json.ts'
import { parametersProblem } from '../core/parameter-schema.ts'
import { contextOf, madeBySchedule } from '../core/run-context.ts'
import { isTimeZone } from '../core/schedule/time-zone.ts'
import type { Plan } from '../core/schedule/plan.ts'
import { isTerminal } from '../core/state.ts'
import type { StateType } from '../core/state.ts'
import type { Instant } from '../core/time.ts'
import type { Told } from '../core/told.ts'
import type { Script } from '../store/port.ts'
import { planOf, runOf } from './deployment-schedules.ts'
import { createFlowRun, propose } from './flow-run-changes.ts'
import type { ToldDeps } from './flow-run-changes.ts'
import { writeAndTell } from './telling.ts'

/** Runs that are made, or cancelled, in one transaction. */
const BATCH = 50
/** Runs that are looked at to know what became of a time: the latest. */
const KNOWN_MAX = 50_000
const EMPTY = new JsonText('{}')
const ABILITIES: ClientAbilities = { holdsLeases: true, countsSlots: false, resetsFailedTasks: false, keepsPauses: true }

export function backfillOperations(deps: ToldDeps): BackfillOperations {
  const { store, clock, ids } = deps
  const { backfills, flowRuns } = store.tables

  return {
    plan: (deploymentId, request) =>
      store.read(function* () {
        return yield* planned(deps, yield* existing(deploymentId), request)
      }),

    create: (deploymentId, request) =>
      writeAndTell(deps, function* (told) {
        const deployment = yield* existing(deploymentId)
        const { dates } = yield* planned(deps, deployment, request)
        if (dates.length === 0) throw new TuttiError('INVALID_REQUEST', 'no time of the span needs a run')
        const now = clock.now()
        const backfill: Backfill = { id: ids.next(), deploymentId, status: 'running', request, createdAt: now, updatedAt: now }
        yield* backfills.insert(backfill, dates)
        yield* advance(deps, told, backfill.id)
        return yield* view(backfill.id)
      }),

    read: (id) => store.read(() => view(id)),

    list: (page) =>
      store.read(function* () {
        const views: BackfillView[] = []
        for (const { id } of yield* backfills.list(page)) views.push(yield* view(id))
        return views
      }),

    pause: (id) =>
      store.write(function* () {
        yield* unendedOne(id)
        yield* backfills.setStatus(id, 'paused', clock.now())
        return yield* view(id)
      }),

    resume: (id) =>
      writeAndTell(deps, function* (told) {
        yield* unendedOne(id)
        yield* backfills.setStatus(id, 'running', clock.now())
        yield* advance(deps, told, id)
        return yield* view(id)
      }),

    async cancel(id) {
      await store.write(function* () {
        yield* unendedOne(id)
        yield* backfills.setStatus(id, 'cancelled', clock.now())
      })
      // Those that run end by and by: they are asked once.
      const asked = new Set<string>()
      for (let found: readonly string[] = ['']; found.length > 0;) {
        found = (await store.read(() => backfills.unended(id, BATCH + asked.size))).filter((each) => !asked.has(each))
        await writeAndTell(deps, function* (told) {
          for (const run of yield* flowRuns.getMany(found)) {
            if (isTerminal(run.state.type) || run.state.type === 'cancelling') continue
            const message = `The backfill ${id} was cancelled.`
            const proposal = { type: 'cancelling', name: 'Cancelling', message, details: {} } as const
            yield* propose(deps, told, run, proposal, { mode: 'forced', client: ABILITIES })
          }
        })
        for (const each of found) asked.add(each)
      }
      return store.read(() => view(id))
    },

    async advance() {
      let made = 0
      for (const id of await store.read(() => backfills.ofStatus('running')))
        made += await writeAndTell(deps, (told) => advance(deps, told, id))
      return made
    },
  }

  function* existing(id: string): Script<Deployment> {
    const deployment = yield* store.tables.deployments.get(id)
    if (deployment === undefined) throw new TuttiError('NOT_FOUND', `there is no deployment ${id}`)
    return deployment
  }

  function* found(id: string): Script<Backfill> {
    const backfill = yield* backfills.get(id)
    if (backfill === undefined) throw new TuttiError('NOT_FOUND', `there is no backfill ${id}`)
    return backfill
  }

  function* unendedOne(id: string): Script<void> {
    const { status } = yield* found(id)
    if (status === 'completed' || status === 'cancelled') throw new TuttiError('CONFLICT', `the backfill ${id} is ${status} already`)
  }

  function* view(id: string): Script<BackfillView> {
    return { backfill: yield* found(id), ...(yield* backfills.total(id)), runs: yield* backfills.countByState(id) }
  }
}

function* planned(deps: ToldDeps, deployment: Deployment, request: BackfillRequest): Script<BackfillPlan> {
  const { timezone } = request
  if (timezone !== null && !isTimeZone(timezone)) throw new TuttiError('INVALID_REQUEST', `'${timezone}' is no time zone`)
  const { enforceParameterSchema, parameterSchema } = deployment
  const { parameters } = runOf(deployment, request.parameters)
  const problem =
    enforceParameterSchema && parameterSchema !== null
      ? parametersProblem(parameterSchema, parameters, { ignoreRequired: true })
      : undefined
  if (problem !== undefined) throw new TuttiError('INVALID_REQUEST', problem.problem)
  const plans: Plan[] = []
  for (const schedule of yield* deps.store.tables.deployments.schedules([deployment.id]))
    if (schedule.active) plans.push(yield* planOf(deps, schedule))
  const known = new Map<Instant, StateType>()
  if (request.only !== 'all')
    for (const { expectedAt, context, state } of yield* deps.store.tables.backfills.madeRuns(deployment.id, KNOWN_MAX))
      known.set(madeBySchedule(context).logicalDate ?? expectedAt, state)
  return planBackfill(request, { plans, known })
}

/** Makes the next runs of one, if there is room; one without any left is completed. */
function* advance(deps: ToldDeps, told: Told[], id: string): Script<number> {
  const { backfills, deployments } = deps.store.tables
  const backfill = yield* backfills.get(id)
  if (backfill === undefined || backfill.status !== 'running') return 0
  const deployment = yield* deployments.get(backfill.deploymentId)
  if (deployment === undefined) {
    yield* backfills.setStatus(id, 'cancelled', deps.clock.now())
    return 0
  }
  const { concurrency } = backfill.request
  const unended = (yield* backfills.unended(id, concurrency)).length
  const dates = yield* backfills.next(id, Math.min(BATCH, concurrency - unended))
  if (dates.length === 0) {
    if (unended === 0) yield* backfills.setStatus(id, 'completed', deps.clock.now())
    return 0
  }
  const schedules = new Map((yield* deployments.schedules([deployment.id])).map((schedule) => [schedule.id, schedule]))
  for (const date of dates) {
    const ofSchedule = schedules.get(date.scheduleId ?? '')?.parameters ?? EMPTY
    yield* backfills.setRun(id, date.ordinal, yield* makeRun(deps, told, { deployment, backfill, date, ofSchedule }))
  }
  return dates.length
}

interface NextRun {
  readonly deployment: Deployment
  readonly backfill: Backfill
  readonly date: BackfillDate
  /** Parameters of the schedule whose time it is. */
  readonly ofSchedule: JsonText
}

function* makeRun(deps: ToldDeps, told: Told[], { deployment, backfill, date, ofSchedule }: NextRun): Script<string> {
  const { id, request } = backfill
  const { logicalDate } = date
  const { view } = yield* createFlowRun(deps, told, {
    ...runOf(deployment, ofSchedule, request.parameters),
    context: contextOf({ logicalDate, backfillId: id }),
    tags: [`backfill:${id}`, ...deployment.tags],
    idempotencyKey: `backfill ${id} ${logicalDate}`,
    autoScheduled: false,
    createdBy: { id, type: 'BACKFILL', displayValue: null },
    state: { type: 'scheduled', name: 'Scheduled', message: 'Made by a backfill', details: {}, scheduledFor: deps.clock.now() },
  })
  return view.run.id
}
