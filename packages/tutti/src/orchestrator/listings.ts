import type { Condition } from '../core/condition.ts'
import { TuttiError } from '../core/errors.ts'
import type { FlowRun } from '../core/flow-run.ts'
import type { ListingOperations } from '../core/listing-operations.ts'
import { GRAPH_NODES_MAX, runGraph } from '../core/run-graph.ts'
import type { GraphArtifact } from '../core/run-graph.ts'
import type { State } from '../core/state.ts'
import type { HistoryEntry, TaskRun } from '../core/task-run.ts'
import type { Script } from '../store/port.ts'
import type { Deps } from './deps.ts'
import { existing } from './flow-runs.ts'
import { queueNames } from './queue-names.ts'

/** Ids in one statement. */
const IDS_PER_READ = 500

export function listingOperations(deps: Deps): ListingOperations {
  const { store, clock } = deps
  const { listings, flowRuns, taskRuns } = store.tables
  return {
    flows: (listing) => store.read(() => listings.flows(listing)),
    flowRuns: (listing) =>
      store.read(function* () {
        const runs = yield* listings.flowRuns(listing)
        const ids = runs.map((run) => run.dispatch?.workQueueId ?? null).filter((id) => id !== null)
        const names = yield* queueNames(deps, ids)
        return runs.map((run) => ({ run, queue: names.get(run.dispatch?.workQueueId ?? '') ?? null }))
      }),
    taskRuns: (listing) => store.read(() => listings.taskRuns(listing)),
    logs: (listing) => store.read(() => listings.logs(listing)),
    count: (noun, where) => store.read(() => listings.count(noun, where)),
    flowRunHistory: (where, request) => store.read(() => listings.flowRunHistory(where, request, clock.now())),
    taskRunHistory: (where, request) => store.read(() => listings.taskRunHistory(where, request, clock.now())),
    lateness: (where) => store.read(() => listings.lateness(where, clock.now())),

    flowRunState: (id) => store.read(() => flowRuns.state(id)),

    taskRunState: (id) =>
      store.read(function* () {
        const run = yield* taskRuns.byState(id)
        const state = run === undefined ? undefined : statesOf(run).find((each) => each.id === id)
        return run === undefined || state === undefined ? undefined : { run, state }
      }),

    taskRunStates: (id) =>
      store.read(function* () {
        const run = yield* taskRuns.get(id)
        return run === undefined ? undefined : { run, states: statesOf(run) }
      }),

    graph: (id) =>
      store.read(function* () {
        const run = yield* existing(deps, id)
        const tasks = yield* taskRuns.ofFlowRun(id, GRAPH_NODES_MAX + 1)
        if (tasks.length > GRAPH_NODES_MAX)
          throw new TuttiError('BAD_REQUEST', `flow run ${id} has more than ${GRAPH_NODES_MAX} nodes, which is too many for a graph`)
        const children = yield* childrenOf(deps, tasks)
        const artifacts = yield* artifactsOf(deps, id)
        return runGraph(run, { taskRuns: tasks, children, artifacts, states: yield* flowRuns.states(id) })
      }),
  }
}

/** What the run made for people to look at; results of task runs are for programs. */
function* artifactsOf({ store }: Deps, flowRunId: string): Script<readonly GraphArtifact[]> {
  const { artifacts } = store.tables
  const ofRun: Condition = { type: 'field', field: 'flowRunId', test: { is: 'in', values: [flowRunId] } }
  const isResult: Condition = { type: 'field', field: 'type', test: { is: 'in', values: ['result'] } }
  const page = { sort: 'CREATED_DESC', limit: GRAPH_NODES_MAX, offset: 0 }
  const found = yield* artifacts.list({ where: { type: 'all', of: [ofRun, { type: 'not', of: isResult }] }, ...page })
  if (found.length === 0) return []
  // A key shows its latest artifact with the run that made it.
  const latest = new Set((yield* artifacts.collections({ where: ofRun, ...page })).map((collection) => collection.latest.id))
  return found.map((artifact) => ({ artifact, isLatest: artifact.key === null || latest.has(artifact.id) })).toReversed()
}

function* childrenOf({ store }: Deps, tasks: readonly TaskRun[]): Script<ReadonlyMap<string, FlowRun>> {
  const ids = tasks.map((task) => task.childFlowRunId).filter((id) => id !== null)
  const found = new Map<string, FlowRun>()
  for (let at = 0; at < ids.length; at += IDS_PER_READ) {
    const page = ids.slice(at, at + IDS_PER_READ)
    const where = { type: 'field', field: 'id', test: { is: 'in', values: page } } as const
    for (const run of yield* store.tables.listings.flowRuns({ where, sort: 'ID_DESC', limit: page.length, offset: 0 }))
      found.set(run.id, run)
  }
  return found
}

/** Oldest first, the present one last. */
function statesOf(run: TaskRun): readonly State[] {
  return [...run.history.map(stateOf), run.state]
}

/** A former state from what the row keeps of it. */
function stateOf({ message, ...entry }: HistoryEntry): State {
  const said = { message: message ?? null }
  return entry.type === 'scheduled'
    ? { ...entry, ...said, type: entry.type, scheduledFor: entry.details?.scheduledTime ?? entry.timestamp }
    : { ...entry, ...said, type: entry.type }
}
