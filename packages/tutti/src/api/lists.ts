import { z } from 'zod'
import type { Condition, ConditionNoun, Listing } from '../core/condition.ts'
import type { FlowRunHistory, HistoryRequest } from '../core/listing-operations.ts'
import type { GraphArtifact, GraphNode, RunGraph } from '../core/run-graph.ts'
import { endpoint } from './endpoint.ts'
import { flowRunWire } from './flow-runs.ts'
import { flowWire } from './flows.ts'
import { joinedCondition, joinedShape, logFilter } from './filters.ts'
import type { JoinedKey } from './filters.ts'
import { logWire } from './logs.ts'
import { numberedPart, pageFields, pageOf } from './page.ts'
import { count, idParams } from './shapes.ts'
import { orchestrationResult, stateCreate, stateWire } from './states.ts'
import { taskRunWire } from './task-runs.ts'
import { instant, jsonOf, number, stateTypeText, timeText, uuid, wire } from './values.ts'

/* ── bodies ─────────────────────────────────────────────────────────────────────────────────────── */

const flowKeys = joinedShape('flows', 'flow_runs', 'task_runs', 'deployments', 'work_pools')
const flowRunKeys = joinedShape('flows', 'flow_runs', 'task_runs', 'deployments', 'work_pools', 'work_pool_queues')
const taskRunKeys = joinedShape('flows', 'flow_runs', 'task_runs', 'deployments')
const historyKeys = joinedShape('flows', 'flow_runs', 'task_runs', 'deployments', 'work_pools', 'work_queues')

export function sortOf<const Sorts extends readonly [string, ...string[]]>(...sorts: Sorts) {
  return z.preprocess((value) => value ?? sorts[0], z.enum(sorts))
}

const flowSort = sortOf('NAME_ASC', 'NAME_DESC', 'CREATED_DESC', 'UPDATED_DESC')
export const flowRunSort = sortOf(
  'ID_DESC',
  'START_TIME_ASC',
  'START_TIME_DESC',
  'EXPECTED_START_TIME_ASC',
  'EXPECTED_START_TIME_DESC',
  'NAME_ASC',
  'NAME_DESC',
  'NEXT_SCHEDULED_START_TIME_ASC',
  'END_TIME_DESC',
)
const taskRunSort = sortOf(
  'ID_DESC',
  'EXPECTED_START_TIME_ASC',
  'EXPECTED_START_TIME_DESC',
  'NAME_ASC',
  'NAME_DESC',
  'NEXT_SCHEDULED_START_TIME_ASC',
  'END_TIME_DESC',
)
const logSort = sortOf('TIMESTAMP_ASC', 'TIMESTAMP_DESC')

/** A body may be left out altogether: then it asks for everything. */
export function optionalBody<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.preprocess((value) => value ?? {}, z.object(shape))
}

function listBody<Keys extends z.ZodRawShape, Sort extends z.ZodType>(keys: Keys, sort: Sort) {
  return optionalBody({ ...keys, ...pageFields, sort })
}

const pageNumber = z.preprocess((value) => value ?? 1, number).pipe(z.int().min(1))

function numberedBody<Keys extends z.ZodRawShape, Sort extends z.ZodType>(keys: Keys, sort: Sort) {
  return optionalBody({ ...keys, limit: pageFields.limit, page: pageNumber, sort })
}

/** How much a bulk operation takes at once. */
const BULK_MAX = 50
const bulkLimit = z.preprocess((value) => value ?? BULK_MAX, number).pipe(z.int().min(1).max(BULK_MAX))

type Joined = Readonly<Partial<Record<JoinedKey, Condition | null | undefined>>>

/** The list that a body asks for. */
export function listingOf(
  noun: ConditionNoun,
  body: Joined & { readonly sort: string; readonly limit?: number | null | undefined; readonly offset: number },
): Listing {
  return { where: joinedCondition(noun, body), sort: body.sort, ...pageOf(body) }
}

export function numberedListingOf(
  noun: ConditionNoun,
  body: Joined & { readonly sort: string; readonly limit?: number | null | undefined; readonly page: number },
): Listing {
  return { where: joinedCondition(noun, body), sort: body.sort, ...numberedPart(body) }
}

export function pageOut<Item>(items: Item[], total: number, { limit }: Listing, page: number): PageOut<Item> {
  return { results: items, count: total, limit, pages: limit === 0 ? 0 : Math.ceil(total / limit), page }
}

interface PageOut<Item> {
  readonly results: Item[]
  readonly count: number
  readonly limit: number
  readonly pages: number
  readonly page: number
}

function pageWire<Item extends z.ZodType>(item: Item) {
  return z.object({ results: z.array(item), count, limit: z.int(), pages: z.int(), page: z.int() })
}

const historyBody = z.object({
  history_start: instant,
  history_end: instant,
  history_interval_seconds: number.pipe(z.number().min(1, { message: 'History interval must not be less than 1 second.' })),
  ...historyKeys,
})

const BUCKETS_MAX = 500

export function historyRequest({
  history_start: start,
  history_end: end,
  history_interval_seconds: seconds,
}: z.output<typeof historyBody>): HistoryRequest {
  const intervalUs = Math.round(seconds * 1_000_000)
  return { start, end: Math.min(end, start + BUCKETS_MAX * intervalUs), intervalUs }
}

const historyWire = z
  .object({
    interval_start: wire.time,
    interval_end: wire.time,
    states: z.array(
      z.object({
        state_type: wire.stateType,
        state_name: z.string(),
        count_runs: z.int(),
        sum_estimated_run_time: z.number(),
        sum_estimated_lateness: z.number(),
      }),
    ),
  })
  .meta({ id: 'HistoryResponse' })

/** Every interval, also those in which nothing was. */
export function historyToWire(
  { start, end, intervalUs }: HistoryRequest,
  found: readonly FlowRunHistory[],
): z.output<typeof historyWire>[] {
  const byBucket = Map.groupBy(found, (each) => each.bucket)
  const buckets = Math.max(0, Math.ceil((end - start) / intervalUs))
  return Array.from({ length: buckets }, (_, bucket) => ({
    interval_start: timeText(start + bucket * intervalUs),
    interval_end: timeText(start + (bucket + 1) * intervalUs),
    states: (byBucket.get(bucket) ?? []).map((each) => ({
      state_type: stateTypeText(each.stateType),
      state_name: each.stateName,
      count_runs: each.runs,
      sum_estimated_run_time: each.ranUs / 1_000_000,
      sum_estimated_lateness: each.lateUs / 1_000_000,
    })),
  }))
}

/* ── graphs ─────────────────────────────────────────────────────────────────────────────────────── */

const edge = z.object({ id: wire.uuid })

const graphArtifactWire = z
  .object({
    id: wire.uuid,
    created: wire.time,
    key: z.string().nullable(),
    type: z.string().nullable(),
    is_latest: z.boolean(),
    data: wire.json,
  })
  .meta({ id: 'GraphArtifact' })

const graphWire = z
  .object({
    start_time: wire.time.nullable(),
    end_time: wire.time.nullable(),
    root_node_ids: z.array(wire.uuid),
    nodes: z.array(
      z.tuple([
        wire.uuid,
        z.object({
          kind: z.enum(['flow-run', 'task-run']),
          id: wire.uuid,
          label: z.string(),
          state_type: wire.stateType,
          start_time: wire.time,
          end_time: wire.time.nullable(),
          parents: z.array(edge),
          children: z.array(edge),
          encapsulating: z.array(edge),
          artifacts: z.array(graphArtifactWire),
        }),
      ]),
    ),
    artifacts: z.array(graphArtifactWire),
    states: z.array(z.object({ id: wire.uuid, timestamp: wire.time, type: wire.stateType, name: z.string() })),
  })
  .meta({ id: 'Graph' })

export function graphToWire(graph: RunGraph, since: number | undefined): z.output<typeof graphWire> {
  const nodes = since === undefined ? graph.nodes : graph.nodes.filter(({ endedAt }) => endedAt === null || endedAt >= since)
  return {
    start_time: timeText(graph.startedAt),
    end_time: timeText(graph.endedAt),
    root_node_ids: [...graph.roots],
    nodes: nodes.map((node) => [node.id, nodeToWire(node)]),
    artifacts: graph.artifacts.map(graphArtifactToWire),
    states: graph.states.map(({ id, timestamp, type, name }) => ({ id, timestamp: timeText(timestamp), type: stateTypeText(type), name })),
  }
}

function nodeToWire(node: GraphNode): z.output<typeof graphWire>['nodes'][number][1] {
  const edges = (ids: readonly string[]): { id: string }[] => ids.map((id) => ({ id }))
  return {
    kind: node.kind,
    id: node.id,
    label: node.label,
    state_type: stateTypeText(node.stateType),
    start_time: timeText(node.startedAt),
    end_time: timeText(node.endedAt),
    parents: edges(node.parents),
    children: edges(node.children),
    encapsulating: edges(node.encapsulating),
    artifacts: node.artifacts.map(graphArtifactToWire),
  }
}

/** Only progress is drawn; of others it is enough that they are there. */
function graphArtifactToWire({ artifact, isLatest }: GraphArtifact): z.output<typeof graphArtifactWire> {
  const { id, createdAt, key, type, data } = artifact
  return { id, created: timeText(createdAt), key, type, is_latest: isLatest, data: type === 'progress' ? jsonOf(data) : null }
}

const dependencyWire = z
  .object({
    id: wire.uuid,
    name: z.string(),
    upstream_dependencies: z.array(z.unknown()),
    state: stateWire.nullable(),
    expected_start_time: wire.time.nullable(),
    start_time: wire.time.nullable(),
    end_time: wire.time.nullable(),
    total_run_time: z.number().nullable(),
    estimated_run_time: z.number().nullable(),
    untrackable_result: z.boolean(),
  })
  .meta({ id: 'DependencyResult' })

/* ── endpoints ──────────────────────────────────────────────────────────────────────────────────── */

export const flowLists = {
  filter: endpoint({
    method: 'POST',
    path: '/flows/filter',
    summary: 'Flows that meet conditions.',
    body: listBody(flowKeys, flowSort),
    output: z.array(flowWire),
  }),
  count: endpoint({
    method: 'POST',
    path: '/flows/count',
    summary: 'How many flows meet conditions.',
    body: optionalBody(flowKeys),
    output: count,
  }),
  paginate: endpoint({
    method: 'POST',
    path: '/flows/paginate',
    summary: 'One page of flows, and how many there are.',
    body: numberedBody(flowKeys, flowSort),
    output: pageWire(flowWire),
  }),
  bulkDelete: endpoint({
    method: 'POST',
    path: '/flows/bulk_delete',
    summary: 'Deletes flows that meet conditions, with their runs.',
    body: optionalBody({ flows: flowKeys.flows, limit: bulkLimit }),
    output: z.object({ deleted: z.array(wire.uuid) }),
  }),
}

export const flowRunLists = {
  filter: endpoint({
    method: 'POST',
    path: '/flow_runs/filter',
    summary: 'Flow runs that meet conditions.',
    body: listBody(flowRunKeys, flowRunSort),
    output: z.array(flowRunWire),
  }),
  count: endpoint({
    method: 'POST',
    path: '/flow_runs/count',
    summary: 'How many flow runs meet conditions.',
    body: optionalBody(flowRunKeys),
    output: count,
  }),
  paginate: endpoint({
    method: 'POST',
    path: '/flow_runs/paginate',
    summary: 'One page of flow runs, and how many there are.',
    body: numberedBody(flowRunKeys, flowRunSort),
    output: pageWire(flowRunWire),
  }),
  history: endpoint({
    method: 'POST',
    path: '/flow_runs/history',
    summary: 'Flow runs by state in equal intervals of time.',
    body: historyBody,
    output: z.array(historyWire),
  }),
  lateness: endpoint({
    method: 'POST',
    path: '/flow_runs/lateness',
    summary: 'By how many seconds flow runs begin late, in the middle.',
    body: optionalBody(flowRunKeys),
    output: z.number().nullable(),
  }),
  bulkDelete: endpoint({
    method: 'POST',
    path: '/flow_runs/bulk_delete',
    summary: 'Deletes flow runs that meet conditions.',
    body: optionalBody({ flow_runs: flowRunKeys.flow_runs, limit: bulkLimit }),
    output: z.object({ deleted: z.array(wire.uuid) }),
  }),
  bulkSetState: endpoint({
    method: 'POST',
    path: '/flow_runs/bulk_set_state',
    summary: 'Proposes a state for flow runs that meet conditions, each by itself.',
    body: z.object({
      flow_runs: flowRunKeys.flow_runs,
      state: stateCreate,
      force: z.boolean().default(false),
      limit: bulkLimit,
    }),
    output: z.object({
      results: z.array(
        z.object({ flow_run_id: wire.uuid, status: z.string(), state: stateWire.nullable(), details: orchestrationResult.shape.details }),
      ),
    }),
  }),
  graph: endpoint({
    method: 'GET',
    path: '/flow_runs/{id}/graph',
    summary: 'The task runs of a flow run and what they waited for.',
    params: idParams,
    output: z.array(dependencyWire),
    errors: ['FLOW_RUN_NOT_FOUND'],
  }),
  graph2: endpoint({
    method: 'GET',
    path: '/flow_runs/{id}/graph-v2',
    summary: 'A flow run as nodes and edges, with sub-flow runs.',
    params: idParams,
    query: z.object({ since: instant.optional() }),
    output: graphWire,
    errors: ['FLOW_RUN_NOT_FOUND', 'BAD_REQUEST'],
  }),
  downloadLogs: endpoint({
    method: 'GET',
    path: '/flow_runs/{id}/logs/download',
    summary: 'The log of a flow run as a file.',
    params: idParams,
    output: z.string(),
    media: 'text/csv',
    errors: ['FLOW_RUN_NOT_FOUND'],
  }),
}

export const taskRunLists = {
  filter: endpoint({
    method: 'POST',
    path: '/task_runs/filter',
    summary: 'Task runs that meet conditions.',
    body: listBody(taskRunKeys, taskRunSort),
    output: z.array(taskRunWire),
  }),
  count: endpoint({
    method: 'POST',
    path: '/task_runs/count',
    summary: 'How many task runs meet conditions.',
    body: optionalBody(taskRunKeys),
    output: count,
  }),
  paginate: endpoint({
    method: 'POST',
    path: '/task_runs/paginate',
    summary: 'One page of task runs, and how many there are.',
    body: numberedBody(taskRunKeys, taskRunSort),
    output: pageWire(taskRunWire),
  }),
  history: endpoint({
    method: 'POST',
    path: '/task_runs/history',
    summary: 'Task runs by state in equal intervals of time.',
    body: historyBody,
    output: z.array(historyWire),
  }),
}

export const logLists = {
  filter: endpoint({
    method: 'POST',
    path: '/logs/filter',
    summary: 'Lines of logs that meet conditions.',
    body: optionalBody({ logs: logFilter.nullish(), ...pageFields, sort: logSort }),
    output: z.array(logWire),
  }),
}

export const stateLists = {
  flowRunState: endpoint({
    method: 'GET',
    path: '/flow_run_states/{id}',
    summary: 'One state of a flow run.',
    params: idParams,
    output: stateWire,
    errors: ['NOT_FOUND'],
  }),
  flowRunStates: endpoint({
    method: 'GET',
    path: '/flow_run_states/',
    summary: 'The states of a flow run, oldest first.',
    query: z.object({ flow_run_id: uuid }),
    output: z.array(stateWire),
  }),
  taskRunState: endpoint({
    method: 'GET',
    path: '/task_run_states/{id}',
    summary: 'One state of a task run.',
    params: idParams,
    output: stateWire,
    errors: ['NOT_FOUND'],
  }),
  taskRunStates: endpoint({
    method: 'GET',
    path: '/task_run_states/',
    summary: 'The states of a task run, oldest first.',
    query: z.object({ task_run_id: uuid }),
    output: z.array(stateWire),
  }),
}
