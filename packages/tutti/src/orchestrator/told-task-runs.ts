import { TuttiError } from '../core/errors.ts'
import { JsonText } from '../core/literal-json.ts'
import type { Proposal } from '../core/proposal.ts'
import { stateFrom } from '../core/proposal.ts'
import { defaultStateName } from '../core/state.ts'
import type { State } from '../core/state.ts'
import type { TaskRun } from '../core/task-run.ts'
import { proposeTaskRunState } from '../core/task-run-proposal.ts'
import type { TaskProposalFacts } from '../core/task-run-proposal.ts'
import type { NewToldTaskRun, TaskRunsOfFlowRun, ToldTaskRunOperations } from '../core/told-task-run-operations.ts'
import type { Told } from '../core/told.ts'
import type { Script } from '../store/port.ts'
import type { Deps } from './deps.ts'
import { applyTagSlots, tagSlots } from './tag-slots.ts'
import { writeAndTell } from './telling.ts'
import type { ToldDeps } from './flow-run-changes.ts'

export function toldTaskRunOperations(deps: ToldDeps): ToldTaskRunOperations {
  const { taskRuns } = deps.store.tables
  return {
    create: (asked) => writeAndTell(deps, (told) => create(deps, told, asked)),

    propose: (id, proposal, { forced }) =>
      writeAndTell(deps, function* (told) {
        const run = yield* existing(deps, id)
        const facts = yield* factsOf(deps, run, proposal, forced)
        const { verdict, run: after, slots, caches } = proposeTaskRunState(run, proposal, facts, deps.clock.now())
        if (after === run) return { verdict, state: run.state, isNew: false, run }
        yield* taskRuns.saveTold(after)
        if (slots !== 'leave') yield* applyTagSlots(deps, after, slots)
        if (caches !== null) yield* keepInCache(deps, after, caches)
        told.push({ type: 'task-run', run: after })
        return { verdict, state: after.state, isNew: true, run: after }
      }),

    ofFlowRun: (flowRunId, page) => deps.store.read(() => withChildNames(deps, taskRuns.inOrderOfCalls(flowRunId, page))),
    changedSince: (flowRunId, page) => deps.store.read(() => withChildNames(deps, taskRuns.changedSince(flowRunId, page))),

    rename: (id, name) =>
      deps.store.write(function* () {
        if ((yield* taskRuns.rename(id, name)) === 0) throw notFound(id)
      }),

    remove: (id) =>
      deps.store.write(function* () {
        if ((yield* taskRuns.delete(id)) === 0) throw notFound(id)
      }),
  }
}

function* withChildNames({ store }: Deps, read: Script<readonly TaskRun[]>): Script<TaskRunsOfFlowRun> {
  const runs = yield* read
  const ids = runs.map(({ childFlowRunId }) => childFlowRunId).filter((id) => id !== null)
  if (ids.length === 0) return { runs, childNames: new Map() }
  const children = yield* store.tables.flowRuns.getMany(ids)
  return { runs, childNames: new Map(children.map(({ id, name }) => [id, name])) }
}

function notFound(id: string): TuttiError {
  return new TuttiError('TASK_RUN_NOT_FOUND', `no task run has the id ${id}`)
}

function* existing({ store }: Deps, id: string): Script<TaskRun> {
  const run = yield* store.tables.taskRuns.get(id)
  if (run === undefined) throw notFound(id)
  return run
}

function* create(deps: ToldDeps, told: Told[], asked: NewToldTaskRun): Script<{ run: TaskRun; isNew: boolean }> {
  const { taskRuns, flowRuns } = deps.store.tables
  const known = yield* taskRuns.byCall(asked.flowRunId, asked.taskKey, asked.dynamicKey)
  if (known !== undefined) return { run: known, isNew: false }
  const parent = asked.flowRunId === null ? undefined : yield* flowRuns.get(asked.flowRunId)
  const run = newTaskRun(deps, asked, parent?.dispatch?.labels)
  if (!(yield* taskRuns.insertTold(run))) return { run: yield* existing(deps, run.id), isNew: false }
  told.push({ type: 'task-run', run })
  return { run, isNew: true }
}

function newTaskRun(deps: ToldDeps, asked: NewToldTaskRun, parentLabels: JsonText | undefined): TaskRun {
  const now = deps.clock.now()
  const first: Proposal = asked.state ?? { type: 'pending', name: defaultStateName('pending'), message: null, details: {} }
  const state = stateFrom(first, deps.ids.next(), now)
  const owner = asked.flowRunId === null ? {} : { 'prefect.flow-run.id': asked.flowRunId }
  return {
    id: asked.id ?? deps.ids.next(),
    flowRunId: asked.flowRunId,
    taskKey: asked.taskKey,
    dynamicKey: asked.dynamicKey,
    ordinal: 0,
    name: asked.name === undefined || asked.name === '' ? deps.names() : asked.name,
    kind: 'task',
    tags: asked.tags,
    parentTaskRunId: null,
    childFlowRunId: null,
    upstream: [],
    sequence: 0,
    attempt: 0,
    state,
    history: [],
    runCount: state.type === 'running' ? 1 : 0,
    failures: 0,
    number: null,
    createdAt: now,
    startedAt: state.type === 'running' ? now : null,
    endedAt: null,
    outcome: null,
    told: {
      cacheKey: asked.cacheKey,
      cacheExpiration: asked.cacheExpiration,
      taskVersion: asked.taskVersion,
      policy: asked.policy,
      labels: JsonText.of(Object.assign({}, parentLabels?.toJSON(), owner, asked.labels.toJSON())),
      taskInputs: asked.taskInputs,
      flowRunRunCount: 0,
      expectedAt: state.type === 'scheduled' ? state.scheduledFor : now,
      totalRunMs: 0,
    },
  }
}

function* factsOf(deps: Deps, run: TaskRun, proposal: Proposal, forced: boolean): Script<TaskProposalFacts> {
  const { tables } = deps.store
  const { cacheKey } = proposal.details
  const asksCache = proposal.type === 'running' && cacheKey !== undefined && proposal.details.refreshCache !== true
  const parent = run.flowRunId === null ? undefined : yield* tables.flowRuns.get(run.flowRunId)
  const cached = asksCache ? yield* cachedState(deps, cacheKey) : undefined
  return {
    forced,
    stateId: deps.ids.next(),
    random: deps.random?.next() ?? 0.5,
    parent:
      parent === undefined
        ? { type: run.flowRunId === null ? 'none' : 'unknown' }
        : { type: 'run', state: parent.state, runCount: parent.runCount },
    cached,
    slots: proposal.type === 'running' && !forced ? yield* tagSlots(deps, run) : 'none asked',
  }
}

function* cachedState({ store, clock }: Deps, key: string): Script<State | undefined> {
  const entry = yield* store.tables.caches.get(told(key), clock.now())
  if (entry === undefined) return undefined
  const run = yield* store.tables.taskRuns.get(entry.taskRunId)
  return run?.state.type === 'completed' ? run.state : undefined
}

/** Only which task run completed is kept: its state says where the result lies. */
function* keepInCache(
  { store, clock }: Deps,
  run: TaskRun,
  { key, expiresAt }: { readonly key: string; readonly expiresAt: number | null },
): Script<void> {
  yield* store.tables.caches.put({
    key: told(key),
    expiresAt,
    taskRunId: run.id,
    flowRunId: run.flowRunId ?? '',
    outcome: { format: 'none', text: '' },
    createdAt: clock.now(),
  })
}

/** Keys of foreign clients stand beside those of our own engine, whose results they could not read. */
function told(key: string): string {
  return `told ${key}`
}
