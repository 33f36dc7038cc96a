import type { Artifact } from './artifact.ts'
import type { FlowRun } from './flow-run.ts'
import type { State, StateType } from './state.ts'
import type { TaskRun } from './task-run.ts'
import type { Instant } from './time.ts'

/** A flow run as people look at it: its task runs and sub-flow runs, and what waited for what. */
export interface RunGraph {
  readonly startedAt: Instant | null
  readonly endedAt: Instant | null
  /** Nodes that waited for none. */
  readonly roots: readonly string[]
  /** In the order of their starts. */
  readonly nodes: readonly GraphNode[]
  /** Those that belong to none of the nodes. */
  readonly artifacts: readonly GraphArtifact[]
  readonly states: readonly State[]
}

export interface GraphArtifact {
  readonly artifact: Artifact
  /** Whether it is what its key shows. */
  readonly isLatest: boolean
}

export interface GraphNode {
  readonly kind: 'task-run' | 'flow-run'
  readonly id: string
  readonly label: string
  readonly stateType: StateType
  readonly startedAt: Instant
  readonly endedAt: Instant | null
  readonly parents: readonly string[]
  readonly children: readonly string[]
  /** Nodes inside which this one was called. */
  readonly encapsulating: readonly string[]
  readonly artifacts: readonly GraphArtifact[]
}

export const GRAPH_NODES_MAX = 10_000

export interface GraphParts {
  readonly taskRuns: readonly TaskRun[]
  /** The sub-flow runs that task runs stand for, by their ids. */
  readonly children: ReadonlyMap<string, FlowRun>
  readonly artifacts: readonly GraphArtifact[]
  readonly states: readonly State[]
}

export function runGraph(run: FlowRun, { taskRuns, children, artifacts, states }: GraphParts): RunGraph {
  const byTask = Map.groupBy(artifacts, ({ artifact }) => artifact.taskRunId)
  const nodeIds = new Map(taskRuns.map((each) => [each.id, each.childFlowRunId ?? each.id]))
  const toNodes = (ids: readonly string[]): readonly string[] => ids.map((id) => nodeIds.get(id)).filter((id) => id !== undefined)
  const known = taskRuns
    .map((each) => {
      const { parents, encapsulating } = inputsOf(each)
      const links = { parents: toNodes(parents), encapsulating: toNodes(encapsulating), artifacts: byTask.get(each.id) ?? [] }
      return nodeOf(each, children.get(each.childFlowRunId ?? ''), links)
    })
    .filter((node) => node !== undefined)
    .toSorted((a, b) => a.startedAt - b.startedAt || (a.endedAt ?? Infinity) - (b.endedAt ?? Infinity) || (a.id < b.id ? -1 : 1))

  const followers = new Map<string, string[]>()
  for (const { id, parents } of known) {
    for (const parent of parents) {
      const list = followers.get(parent)
      if (list === undefined) followers.set(parent, [id])
      else list.push(id)
    }
  }
  return {
    startedAt: run.startedAt,
    endedAt: run.endedAt,
    roots: known.filter((node) => node.parents.length === 0).map((node) => node.id),
    nodes: known.map((node) => ({ ...node, children: followers.get(node.id) ?? [] })),
    artifacts: byTask.get(null) ?? [],
    states,
  }
}

function nodeOf(
  task: TaskRun,
  child: FlowRun | undefined,
  links: Pick<GraphNode, 'parents' | 'encapsulating' | 'artifacts'>,
): GraphNode | undefined {
  const expectedAt = task.told === undefined ? task.createdAt : task.told.expectedAt
  const startedAt = child?.startedAt ?? child?.expectedAt ?? task.startedAt ?? expectedAt
  if (startedAt === null) return undefined
  const { type } = child?.state ?? task.state
  const endedAt = child?.endedAt ?? task.endedAt ?? (type === 'completed' ? expectedAt : null)
  const shared = { stateType: type, startedAt, endedAt, children: [], ...links }
  return child === undefined
    ? { kind: 'task-run', id: task.id, label: task.name, ...shared }
    : { kind: 'flow-run', id: child.id, label: `${child.flowName} / ${child.name}`, ...shared }
}

/** Task runs whose results a task run took, and those inside which it was called. */
export function inputsOf(task: TaskRun): { readonly parents: readonly string[]; readonly encapsulating: readonly string[] } {
  if (task.told === undefined) return { parents: task.upstream, encapsulating: task.parentTaskRunId === null ? [] : [task.parentTaskRunId] }
  const parents: string[] = []
  const encapsulating: string[] = []
  for (const [argument, inputs] of Object.entries(task.told.taskInputs.plain() as Record<string, unknown>)) {
    if (!Array.isArray(inputs)) continue
    for (const input of inputs as readonly unknown[]) {
      if (typeof input !== 'object' || input === null || !('id' in input) || typeof input.id !== 'string') continue
      ;(argument === '__parents__' ? encapsulating : parents).push(input.id)
    }
  }
  return { parents, encapsulating }
}
