/** The tables whose rows are counted when somebody asks how much a database holds. */
export const COUNTED = ['flows', 'flow_runs', 'task_runs', 'flow_run_states', 'logs', 'cache_entries'] as const
