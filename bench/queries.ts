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

const DAY_MS = 86_400_000

const states = (...types: readonly string[]): object => ({ state: { type: { any_: types } } })
const since = ({ nowMs }: Place, days: number): string => new Date(nowMs - days * DAY_MS).toISOString()

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
    body: (place) => ({ history_start: since(place, 1), history_end: since(place, 0), history_interval_seconds: 3600 }),
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
  { name: 'flows', method: 'POST', path: () => '/flows/filter', body: () => ({ limit: 200 }) },
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
