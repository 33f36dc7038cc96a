/** What the dashboard, our command and the Prefect client and command ask a server for, and how: each is to answer within its budget. */
export interface Query {
  readonly name: string
  readonly method: 'GET' | 'POST'
  /** Below `/api`. */
  path(place: Place): string
  body?(place: Place): object
}

/** Where in the database one request looks. */
export interface Place {
  readonly flowRunId: string
  readonly flowId: string
  /** From 0 to 1: at what time. */
  readonly at: number
  /** Now, in milliseconds. */
  readonly nowMs: number
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

const states = (...types: readonly string[]): object => ({ state: { type: { any_: types } } })
const since = ({ nowMs }: Place, days: number): string => new Date(nowMs - days * DAY_MS).toISOString()
/** A chart begins and ends with a whole hour or day. */
const chart = ({ nowMs }: Place, days: number, stepMs: number): object => {
  const endMs = Math.ceil(nowMs / stepMs) * stepMs
  return {
    history_start: new Date(endMs - days * DAY_MS).toISOString(),
    history_end: new Date(endMs).toISOString(),
    history_interval_seconds: stepMs / 1000,
  }
}

export const queries: readonly Query[] = [
  { name: 'flow run', method: 'GET', path: ({ flowRunId }) => `/flow_runs/${flowRunId}` },
  { name: 'flow runs, newest', method: 'POST', path: () => '/flow_runs/filter', body: () => ({ limit: 200 }) },
  {
    name: 'flow runs, newest of a flow',
    method: 'POST',
    path: () => '/flow_runs/filter',
    body: ({ flowId }) => ({ flows: { id: { any_: [flowId] } }, limit: 50, sort: 'ID_DESC' }),
  },
  {
    name: 'flow runs, failed',
    method: 'POST',
    path: () => '/flow_runs/filter',
    body: () => ({ flow_runs: states('FAILED', 'CRASHED'), limit: 50, sort: 'ID_DESC' }),
  },
  {
    name: 'flow runs, by start time',
    method: 'POST',
    path: () => '/flow_runs/filter',
    body: () => ({ limit: 50, sort: 'START_TIME_DESC' }),
  },
  {
    name: 'flow runs, by expected start time',
    method: 'POST',
    path: () => '/flow_runs/filter',
    body: () => ({ limit: 50, sort: 'EXPECTED_START_TIME_DESC' }),
  },
  {
    name: 'flow runs, next scheduled',
    method: 'POST',
    path: () => '/flow_runs/filter',
    body: () => ({ flow_runs: states('SCHEDULED'), limit: 50, sort: 'NEXT_SCHEDULED_START_TIME_ASC' }),
  },
  {
    name: 'flow runs, with a tag',
    method: 'POST',
    path: () => '/flow_runs/filter',
    body: () => ({ flow_runs: { tags: { all_: ['backfill'] } }, limit: 50 }),
  },
  {
    name: 'flow runs, of one day',
    method: 'POST',
    path: () => '/flow_runs/filter',
    body: (place) => ({ flow_runs: { expected_start_time: { after_: since(place, 1) } }, limit: 50 }),
  },
  {
    name: 'flow runs, still going',
    method: 'POST',
    path: () => '/flow_runs/filter',
    body: () => ({ flow_runs: states('RUNNING', 'PENDING', 'CANCELLING'), limit: 200 }),
  },
  {
    name: 'count of flow runs, one day',
    method: 'POST',
    path: () => '/flow_runs/count',
    body: (place) => ({ flow_runs: { expected_start_time: { after_: since(place, 1) } } }),
  },
  {
    name: 'count of flow runs, still going',
    method: 'POST',
    path: () => '/flow_runs/count',
    body: () => ({ flow_runs: states('RUNNING', 'PENDING') }),
  },
  {
    name: 'history of flow runs, one day',
    method: 'POST',
    path: () => '/flow_runs/history',
    body: (place) => chart(place, 1, HOUR_MS),
  },
  {
    name: 'task runs of a flow run',
    method: 'POST',
    path: () => '/task_runs/filter',
    body: ({ flowRunId }) => ({ flow_runs: { id: { any_: [flowRunId] } }, limit: 200 }),
  },
  {
    name: 'task runs of a flow run, by its id',
    method: 'POST',
    path: () => '/task_runs/filter',
    body: ({ flowRunId }) => ({ task_runs: { flow_run_id: { any_: [flowRunId] } }, limit: 200, sort: 'EXPECTED_START_TIME_ASC' }),
  },
  {
    name: 'count of task runs of a flow run',
    method: 'POST',
    path: () => '/task_runs/count',
    body: ({ flowRunId }) => ({ task_runs: { flow_run_id: { any_: [flowRunId] } } }),
  },
  { name: 'task runs, newest', method: 'POST', path: () => '/task_runs/filter', body: () => ({ limit: 50 }) },
  {
    name: 'task runs, failed',
    method: 'POST',
    path: () => '/task_runs/filter',
    body: () => ({ task_runs: states('FAILED'), limit: 50 }),
  },
  { name: 'states of a flow run', method: 'GET', path: ({ flowRunId }) => `/flow_run_states/?flow_run_id=${flowRunId}` },
  { name: 'graph of a flow run', method: 'GET', path: ({ flowRunId }) => `/flow_runs/${flowRunId}/graph-v2` },
  {
    name: 'logs of a flow run',
    method: 'POST',
    path: () => '/logs/filter',
    body: ({ flowRunId }) => ({ logs: { flow_run_id: { any_: [flowRunId] } }, limit: 200 }),
  },
  { name: 'log of a flow run, its end', method: 'GET', path: ({ flowRunId }) => `/flow_runs/${flowRunId}/logs?tail=1` },
  { name: 'text in the log of a flow run', method: 'GET', path: ({ flowRunId }) => `/flow_runs/${flowRunId}/logs/find?text=line` },
  { name: 'logs of all runs, newest', method: 'POST', path: () => '/logs/search', body: () => ({}) },
  { name: 'page of flow runs, longest', method: 'POST', path: () => '/flow_runs/page', body: () => ({ sort: 'DURATION_DESC' }) },
  {
    name: 'page of flow runs, text in parameters',
    method: 'POST',
    path: () => '/flow_runs/page',
    body: () => ({ parameters: { like_: 'no such text' } }),
  },
  { name: 'flows', method: 'POST', path: () => '/flows/filter', body: () => ({ limit: 200 }) },
  { name: 'grid of a flow', method: 'GET', path: ({ flowId }) => `/flows/${flowId}/grid` },
  {
    name: 'statistics of a flow, one week',
    method: 'GET',
    path: (place) => `/flows/${place.flowId}/stats?after=${since(place, 7)}`,
  },
  { name: 'statistics of a flow', method: 'GET', path: ({ flowId }) => `/flows/${flowId}/stats` },
  { name: 'overview of a flow', method: 'POST', path: () => '/ui/flows/overview', body: ({ flowId }) => ({ flow_ids: [flowId] }) },
  {
    name: 'flows, by name',
    method: 'POST',
    path: () => '/flows/filter',
    body: () => ({ flows: { name: { like_: 'flow-1' } }, limit: 50 }),
  },
  { name: 'deployments', method: 'POST', path: () => '/deployments/filter', body: () => ({ limit: 200 }) },
  {
    name: 'page of flow runs of a flow',
    method: 'POST',
    path: () => '/flow_runs/paginate',
    body: ({ flowId }) => ({ flow_runs: { ...states('FAILED') }, flows: { id: { any_: [flowId] } }, limit: 50, page: 1 }),
  },
  { name: 'count of flow runs, all', method: 'POST', path: () => '/flow_runs/count', body: () => ({}) },
  {
    name: 'count of flow runs, failed in 90 days',
    method: 'POST',
    path: () => '/flow_runs/count',
    body: (place) => ({ flow_runs: { ...states('FAILED'), expected_start_time: { after_: since(place, 90) } } }),
  },
  {
    name: 'count of flow runs of a flow',
    method: 'POST',
    path: () => '/flow_runs/count',
    body: ({ flowId }) => ({ flows: { id: { any_: [flowId] } } }),
  },
  { name: 'page of flow runs', method: 'POST', path: () => '/flow_runs/paginate', body: () => ({ limit: 50, page: 3 }) },
  {
    name: 'history of flow runs, one week',
    method: 'POST',
    path: () => '/flow_runs/history',
    body: (place) => chart(place, 7, 6 * HOUR_MS),
  },
  {
    name: 'history of flow runs, 90 days',
    method: 'POST',
    path: () => '/flow_runs/history',
    body: (place) => chart(place, 90, DAY_MS),
  },
  {
    name: 'lateness of flow runs, one day',
    method: 'POST',
    path: () => '/flow_runs/lateness',
    body: (place) => ({ flow_runs: { expected_start_time: { after_: since(place, 1) } } }),
  },
  { name: 'count of task runs, all', method: 'POST', path: () => '/task_runs/count', body: () => ({}) },
  { name: 'count of task runs, failed', method: 'POST', path: () => '/task_runs/count', body: () => ({ task_runs: states('FAILED') }) },
  {
    name: 'history of task runs, one day',
    method: 'POST',
    path: () => '/task_runs/history',
    body: (place) => chart(place, 1, HOUR_MS),
  },
  {
    name: 'history of task runs, 90 days',
    method: 'POST',
    path: () => '/task_runs/history',
    body: (place) => chart(place, 90, DAY_MS),
  },
  { name: 'page of task runs', method: 'POST', path: () => '/task_runs/paginate', body: () => ({ limit: 50, page: 3 }) },
  {
    name: 'logs, newest errors',
    method: 'POST',
    path: () => '/logs/filter',
    body: () => ({ logs: { level: { ge_: 40 } }, limit: 50, sort: 'TIMESTAMP_DESC' }),
  },
  { name: 'count of flows', method: 'POST', path: () => '/flows/count', body: () => ({}) },
  { name: 'count of deployments', method: 'POST', path: () => '/deployments/count', body: () => ({}) },
  { name: 'artifacts', method: 'POST', path: () => '/artifacts/filter', body: () => ({ limit: 50 }) },
  { name: 'variables', method: 'POST', path: () => '/variables/filter', body: () => ({ limit: 50 }) },
  { name: 'work pools', method: 'POST', path: () => '/work_pools/filter', body: () => ({ limit: 50 }) },
  {
    name: 'events of one day, counted by hour',
    method: 'POST',
    path: () => '/events/count-by/time',
    body: (place) => ({
      filter: { occurred: { since: since(place, 1), until: since(place, 0) } },
      time_unit: 'hour',
      time_interval: 1,
    }),
  },
  {
    name: 'events of one hour',
    method: 'POST',
    path: () => '/events/filter',
    body: (place) => ({
      filter: { occurred: { since: new Date(place.nowMs - 3_600_000).toISOString(), until: since(place, 0) } },
      limit: 50,
    }),
  },
]
