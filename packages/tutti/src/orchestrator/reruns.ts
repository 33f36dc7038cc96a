import { TuttiError } from '../core/errors.ts'
import { isPlan } from '../core/flow-run-event.ts'
import type { Dispatch, FlowRun } from '../core/flow-run.ts'
import { JsonText, plainJson } from '../core/literal-json.ts'
import type { StoredValue } from '../core/json.ts'
import type { Rerun, RerunOperations } from '../core/orchestrator.ts'
import { parametersProblem } from '../core/parameter-schema.ts'
import { beginsAnew, planRerun, RESULTS_MAX, SUPERSEDED } from '../core/rerun.ts'
import type { PlannedRerun, RerunPlan, RerunRequest } from '../core/rerun.ts'
import { isTerminal } from '../core/state.ts'
import { HISTORY_MAX } from '../core/task-run.ts'
import type { CallKey, Checkpoint, JournalEntry } from '../core/task-run.ts'
import type { Told } from '../core/told.ts'
import { isObject } from '../core/work-pool.ts'
import { RERUN_KEY } from '../core/run-context.ts'
import type { Script } from '../store/port.ts'
import type { Deps } from './deps.ts'
import { emitFlowRunState } from './flow-run-events.ts'
import { apply, existing } from './flow-runs.ts'
import { writeAndTell } from './telling.ts'

/** All is done in one transaction, for which others wait. */
const TASK_RUNS_MAX = 50_000
const ENTRIES_PAGE = 1_000
const OUTCOMES_PAGE = 500

export function rerunOperations(deps: Deps): RerunOperations {
  return {
    planRerun: (id, request) =>
      deps.store.read(function* () {
        const run = yield* existing(deps, id)
        return planned(run, yield* entriesOf(deps, run), request).plan
      }),
    rerun: (id, request) =>
      writeAndTell(deps, function* (told) {
        const run = yield* existing(deps, id)
        const entries = yield* entriesOf(deps, run)
        const { plan, supplied } = planned(run, entries, request)
        const made = request.id === null ? undefined : yield* deps.store.tables.flowRuns.get(request.id)
        if (made !== undefined) return { run: made, plan }
        return request.how === 'retry'
          ? yield* goOn(deps, told, run, { entries, plan, supplied })
          : yield* begin(deps, told, run, { entries, plan, supplied, request })
      }),
  }
}

type Planned = Extract<PlannedRerun, { type: 'plan' }>

/** Throws `RERUN_REFUSED` and says why. */
function planned(run: FlowRun, entries: readonly JournalEntry[], request: RerunRequest): Planned {
  const what = `flow run ${run.name} (${run.id})`
  if (!isTerminal(run.state.type))
    throw new TuttiError('RERUN_REFUSED', `${what} is ${run.state.name}: only a run that ended can be run again`)
  if (request.how === 'retry' && run.state.type === 'completed')
    throw new TuttiError('RERUN_REFUSED', `${what} has completed, so it cannot be retried; it can be run again as a new run`)
  if (request.how === 'retry' && request.parameters !== null)
    throw new TuttiError('RERUN_REFUSED', `${what} keeps its parameters when it is retried; run it again as a new run to change them`)
  if (request.results.length > RESULTS_MAX)
    throw new TuttiError('RERUN_REFUSED', `${request.results.length} results were supplied, and at most ${RESULTS_MAX} are taken`)
  // Clients that propose states keep their task runs to themselves: nothing can be handed to them again.
  const isForeign = run.attempt === 0 && run.runCount > 0
  const isPart = request.results.length > 0 || (request.from !== null && (request.how === 'retry' || request.from !== 'start'))
  if (isForeign && isPart)
    throw new TuttiError(
      'RERUN_REFUSED',
      `${what} was not run by an engine of Tutti, so nothing of it can be reused; only all of it can run again`,
    )
  const result = planRerun(entries, isForeign && request.how === 'new run' ? { ...request, from: 'start' } : request)
  if (result.type === 'refused') throw new TuttiError('RERUN_REFUSED', `${what}: ${result.reason}`)
  return result
}

function* entriesOf({ store }: Deps, run: FlowRun): Script<readonly JournalEntry[]> {
  const entries: JournalEntry[] = []
  let after: CallKey | null = null
  for (;;) {
    const page: readonly JournalEntry[] = yield* store.tables.journal.entries(run.id, after, ENTRIES_PAGE)
    entries.push(...page)
    if (entries.length > TASK_RUNS_MAX)
      throw new TuttiError(
        'RERUN_REFUSED',
        `flow run ${run.name} (${run.id}) has more than ${TASK_RUNS_MAX} task runs; call the flow again for a new run`,
      )
    const last = page.at(-1)
    if (last === undefined || page.length < ENTRIES_PAGE) return entries
    after = last
  }
}

interface Parts extends Omit<Planned, 'type'> {
  readonly entries: readonly JournalEntry[]
}

/* ── the same run ───────────────────────────────────────────────────────────────────────────────── */

/**
 * Task runs that are to run again have no result any more, then the run is retried. Those that are called again go on as the same task runs; of
 * those that are not, their state says why they have no result.
 */
function* goOn(deps: Deps, told: Told[], run: FlowRun, { entries, plan, supplied }: Parts): Script<Rerun> {
  const { taskRuns } = deps.store.tables
  const again = new Map(plan.again.map(({ taskRunId, because }) => [taskRunId, because]))
  let number = Math.max(0, ...entries.filter(({ id }) => !again.has(id)).map((entry) => entry.number ?? 0))
  const changed: Checkpoint[] = []
  for (const entry of entries) {
    const because = again.get(entry.id)
    const stored = supplied.get(entry.id)
    if (stored !== undefined) {
      number += entry.number === null ? 1 : 0
      changed.push(suppliedIn(deps, entry, { stored, number: entry.number ?? number }))
    } else if (because !== undefined && beginsAnew(because)) changed.push(reset(deps, entry))
  }
  if (changed.length > 0) yield* taskRuns.saveAll(changed)
  for (const each of changed) told.push({ type: 'task-run', run: each })
  const { decision, run: after } = yield* apply(deps, run, { type: 'retry', message: messageOf(plan) }, told)
  if (decision.type !== 'accept')
    throw new TuttiError(
      'TRANSITION_REJECTED',
      `flow run ${run.name} (${run.id}) could not be retried: ${decision.type === 'reject' ? decision.reason : decision.type}`,
    )
  return { run: after, plan }
}

function messageOf({ reused, again }: RerunPlan): string {
  return `${reused.length} task runs are reused, ${again.length} run again`
}

function reset(deps: Deps, entry: JournalEntry): Checkpoint {
  const stamp = stampAfter(deps, entry)
  return {
    ...entered(entry),
    state: { ...stamp, type: 'cancelled', name: SUPERSEDED, message: 'its flow run goes on from before it' },
    childFlowRunId: null,
    runCount: 0,
    failures: 0,
    number: null,
    endedAt: stamp.timestamp,
    outcome: null,
  }
}

function suppliedIn(
  deps: Deps,
  entry: JournalEntry,
  { stored, number }: { readonly stored: StoredValue; readonly number: number },
): Checkpoint {
  const stamp = stampAfter(deps, entry)
  return {
    ...entered(entry),
    state: { ...stamp, type: 'completed', name: 'Supplied', message: SUPPLIED },
    childFlowRunId: null,
    number,
    startedAt: entry.startedAt ?? stamp.timestamp,
    endedAt: stamp.timestamp,
    outcome: stored,
  }
}

const SUPPLIED = 'its result was supplied by whoever ran it again'

function entered(entry: JournalEntry): Omit<Checkpoint, 'outcome'> {
  const { outcomeFormat: _format, retryAt: _retryAt, history, state, ...rest } = entry
  const { id, type, name, timestamp } = state
  return {
    ...rest,
    sequence: entry.sequence + 1,
    state,
    history: [...history, { id, type, name, timestamp }].slice(-HISTORY_MAX),
    cache: null,
  }
}

function stampAfter({ ids, clock }: Deps, { state }: JournalEntry): { readonly id: string; readonly timestamp: number } {
  return { id: ids.next(), timestamp: Math.max(clock.now(), state.timestamp + 1) }
}

/* ── a new run ──────────────────────────────────────────────────────────────────────────────────── */

function* begin(
  deps: Deps,
  told: Told[],
  run: FlowRun,
  { entries, plan, supplied, request }: Parts & { readonly request: RerunRequest },
): Script<Rerun> {
  const { flowRuns } = deps.store.tables
  const id = request.id ?? deps.ids.next()
  const made = yield* newRun(deps, run, id, request)
  yield* flowRuns.insert(made, [made.state], deps.actor)
  if (!isPlan(made, null)) yield* emitFlowRunState(deps, told, made, null)
  told.push({ type: 'flow-run', run: made, from: null })
  if (plan.reused.length > 0) yield* seed(deps, run, made, { entries, plan, supplied })
  return { run: made, plan }
}

function* newRun(deps: Deps, run: FlowRun, id: string, request: RerunRequest): Script<FlowRun> {
  const now = deps.clock.now()
  const { retries, crashRestarts, retryDelayS } = run.policy
  return {
    id,
    flowId: run.flowId,
    flowName: run.flowName,
    name: request.name ?? (run.name.endsWith('-rerun') ? run.name : `${run.name}-rerun`),
    version: run.version,
    entrypoint: run.entrypoint,
    tags: run.tags,
    parameters: yield* parametersOf(deps, run, id, request),
    idempotencyKey: null,
    parentTaskRunId: null,
    rootId: id,
    policy: { retries, crashRestarts, ...(retryDelayS === undefined ? undefined : { retryDelayS }) },
    state: {
      id: deps.ids.next(),
      type: 'scheduled',
      name: 'Scheduled',
      timestamp: now,
      message: `flow run ${run.name} (${run.id}) is run again`,
      scheduledFor: now,
    },
    runCount: 0,
    attempt: 0,
    failures: 0,
    replayFailedFrom: 0,
    lease: null,
    createdAt: now,
    expectedAt: now,
    startedAt: null,
    endedAt: null,
    totalRunMs: 0,
    outcome: null,
    dispatch: yield* dispatchOf(deps, run, request),
  }
}

const NOTHING = new JsonText('{}')

/** The run is linked to the one before it, and says which code it wants. */
function* dispatchOf({ store }: Deps, run: FlowRun, { code, from }: RerunRequest): Script<Dispatch> {
  const { dispatch } = run
  const deploymentId = dispatch?.deploymentId ?? null
  const deployment = deploymentId === null ? undefined : yield* store.tables.deployments.get(deploymentId)
  if (deploymentId !== null && deployment === undefined)
    throw new TuttiError(
      'RERUN_REFUSED',
      `the deployment ${deploymentId} of flow run ${run.name} (${run.id}) was deleted, so no worker could run it`,
    )
  return {
    deploymentId,
    deploymentVersion: code === 'newest' ? (deployment?.version ?? null) : (dispatch?.deploymentVersion ?? null),
    workQueueId: dispatch?.workQueueId ?? deployment?.workQueueId ?? null,
    autoScheduled: false,
    createdBy: { id: run.id, type: 'RERUN', displayValue: run.name },
    labels: laidOver(dispatch?.labels ?? NOTHING, { 'tutti.rerun-of': run.id }),
    context: laidOver(dispatch?.context ?? NOTHING, { [RERUN_KEY]: { of: run.id, code, from } }),
    jobVariables: dispatch?.jobVariables ?? null,
    infrastructureDocumentId: dispatch?.infrastructureDocumentId ?? null,
    infrastructurePid: null,
  }
}

function laidOver(text: JsonText, members: object): JsonText {
  return JsonText.of({ ...(text.toJSON() as object), ...members }) // an object: so it was read
}

function* parametersOf(deps: Deps, run: FlowRun, id: string, { parameters }: RerunRequest): Script<StoredValue> {
  if (parameters?.type === 'replace') return parameters.stored
  if (run.parameters.format === 'blob') yield* shareResult(deps, run.id, id, run.parameters.text)
  if (parameters === null) return run.parameters
  const own = run.parameters.format === 'json' ? new JsonText(run.parameters.text) : undefined
  if (own === undefined || !isObject(plainJson(own.plain())))
    throw new TuttiError(
      'RERUN_REFUSED',
      `the parameters of flow run ${run.name} (${run.id}) are not a JSON object, so single ones cannot be changed here`,
    )
  const merged = laidOver(own, new JsonText(parameters.text).toJSON() as object) // an object: so it was read
  const deploymentId = run.dispatch?.deploymentId ?? null
  const deployment = deploymentId === null ? undefined : yield* deps.store.tables.deployments.get(deploymentId)
  if (deployment?.enforceParameterSchema === true && deployment.parameterSchema !== null) {
    const problem = parametersProblem(deployment.parameterSchema, merged, { ignoreRequired: false })
    if (problem !== undefined) throw new TuttiError('INVALID_PARAMETERS', problem.problem)
  }
  return { format: 'json', text: merged.text }
}

/** The journal of the new run holds what is reused, as if its own calls had ended so: their numbers keep the order of results. */
function* seed(deps: Deps, from: FlowRun, to: FlowRun, { entries, plan, supplied }: Parts): Script<void> {
  const { journal, taskRuns } = deps.store.tables
  const reused = new Set(plan.reused.map(({ taskRunId }) => taskRunId))
  const byOldId = new Map(entries.map((entry) => [entry.id, entry]))
  // Around what is reused stand calls that are made again: as task runs without a result, so that what they called finds its place.
  const around = new Set<string>()
  for (const { id, parentTaskRunId } of entries) {
    if (!reused.has(id)) continue
    for (let above = parentTaskRunId; above !== null && !around.has(above); above = byOldId.get(above)?.parentTaskRunId ?? null)
      around.add(above)
  }
  const kept = entries.filter(({ id }) => reused.has(id) || around.has(id))
  const ids = new Map(kept.map(({ id }) => [id, deps.ids.next()]))
  let number = Math.max(0, ...kept.map((entry) => entry.number ?? 0))
  for (let at = 0; at < kept.length; at += OUTCOMES_PAGE) {
    const page = kept.slice(at, at + OUTCOMES_PAGE)
    const outcomes = yield* journal.outcomes(
      from.id,
      page.map(({ id }) => id),
    )
    const outcomeOf = new Map(outcomes.map(({ taskRunId, outcome }) => [taskRunId, outcome]))
    const copies: Checkpoint[] = []
    for (const entry of page) {
      const isAgain = !reused.has(entry.id)
      if (!isAgain && entry.number === null) number += 1
      const stored = supplied.get(entry.id)
      const copy = (isAgain ? blank : copied)(deps, entry, { to, from, ids, number: entry.number ?? number, stored })
      const outcome = isAgain ? null : (stored ?? outcomeOf.get(entry.id) ?? null)
      // A large result becomes the new run's own. That of a sub-flow lies with the run of the sub-flow.
      const isLarge = stored === undefined && outcome?.format === 'blob'
      if (isLarge) yield* shareResult(deps, entry.childFlowRunId ?? from.id, to.id, outcome.text)
      copies.push({ ...copy, childFlowRunId: isAgain || isLarge || stored !== undefined ? null : entry.childFlowRunId, outcome })
    }
    yield* taskRuns.saveAll(copies)
  }
  // Moments that tasks were told are theirs; those of the flow lead to the calls that are reused.
  const gone = entries.filter(({ id }) => !reused.has(id)).map(({ taskKey, dynamicKey }) => `${taskKey}\n${dynamicKey}\n`)
  for (const value of yield* journal.values(from.id))
    if (!gone.some((scope) => value.key.startsWith(scope))) yield* journal.addValue(to.id, value)
}

interface Copying {
  readonly from: FlowRun
  readonly to: FlowRun
  /** New ids of those that are copied. */
  readonly ids: ReadonlyMap<string, string>
  readonly number: number
  readonly stored: StoredValue | undefined
}

function copied(deps: Deps, entry: JournalEntry, { from, to, ids, number, stored }: Copying): Omit<Checkpoint, 'outcome'> {
  const now = to.createdAt
  const state = { id: deps.ids.next(), timestamp: now }
  const { taskKey, dynamicKey, ordinal, name, kind, tags } = entry
  const origin = `taken from flow run ${from.name} (task run ${entry.id})`
  return {
    id: ids.get(entry.id)!, // all that are copied have one
    flowRunId: to.id,
    taskKey,
    dynamicKey,
    ordinal,
    name,
    kind,
    tags,
    parentTaskRunId: entry.parentTaskRunId === null ? null : (ids.get(entry.parentTaskRunId) ?? null),
    childFlowRunId: null,
    upstream: entry.upstream.flatMap((id) => ids.get(id) ?? []),
    sequence: 1,
    // None of this run's: so its end can tell which of them it never came to.
    attempt: 0,
    state:
      stored !== undefined
        ? { ...state, type: 'completed', name: 'Supplied', message: SUPPLIED }
        : entry.state.type === 'failed'
          ? { ...state, type: 'failed', name: entry.state.name, message: entry.state.message }
          : { ...state, type: 'completed', name: 'Cached', message: origin },
    history: [],
    runCount: 0,
    failures: 0,
    number,
    createdAt: now,
    startedAt: now,
    endedAt: now,
    cache: null,
  }
}

/** A call that is made again. */
function blank(deps: Deps, entry: JournalEntry, copying: Copying): Omit<Checkpoint, 'outcome'> {
  const copy = copied(deps, entry, copying)
  const { id, timestamp } = copy.state
  return {
    ...copy,
    number: null,
    state: { id, timestamp, type: 'cancelled', name: SUPERSEDED, message: 'its flow run is run again from inside it' },
  }
}

function* shareResult({ files }: Deps, from: string, to: string, key: string): Script<void> {
  const shared = files.share(from, to, key)
  if (!(typeof shared === 'boolean' ? shared : yield* shared))
    throw new TuttiError('RESULT_MISSING', `the stored result ${key} of flow run ${from} is gone, so it cannot be reused`)
}
