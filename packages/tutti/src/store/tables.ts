/** Rows as the database keeps them: times in microseconds, lists and objects as JSON text, `null` for what is not known. */
export interface Database {
  flows: FlowRow
  flow_runs: FlowRunRow
  flow_run_states: StateRow
  flow_run_tags: FlowRunTagRow
  task_runs: TaskRunRow
  journal_values: JournalValueRow
  logs: LogRow
  cache_entries: CacheRow
  run_counts: RunCountRow
  run_counts_until: RunCountsUntilRow
  stale_run_counts: StaleRunCountRow
  saved_searches: SavedSearchRow
  deleted_flow_runs: DeletedFlowRunRow
  events: EventRow
  event_resources: EventResourceRow
  concurrency_limits: ConcurrencyLimitRow
  slot_leases: SlotLeaseRow
  slot_lease_limits: SlotLeaseLimitRow
  work_pools: WorkPoolRow
  work_queues: WorkQueueRow
  workers: WorkerRow
  run_claims: RunClaimRow
  results: ResultRow
  variables: VariableRow
  flow_run_inputs: FlowRunInputRow
  artifacts: ArtifactRow
  artifact_collections: ArtifactCollectionRow
  block_types: BlockTypeRow
  block_schemas: BlockSchemaRow
  block_documents: BlockDocumentRow
  server_values: ServerValueRow
  deployments: DeploymentRow
  deployment_versions: DeploymentVersionRow
  deployment_schedules: DeploymentScheduleRow
  calendars: CalendarRow
  backfills: BackfillRow
  backfill_runs: BackfillRunRow
  service_turns: ServiceTurnRow
  maintenance_modes: MaintenanceModeRow
  schema_versions: SchemaVersionRow
}

export interface FlowRow {
  id: string
  name: string
  created_at: number
  tags: string | null
  labels: string | null
  updated_at: number | null
}

export interface FlowRunRow {
  id: string
  flow_id: string
  flow_name: string
  name: string
  version: string | null
  entrypoint: string | null
  tags: string
  parameters_format: string
  parameters_text: string
  idempotency_key: string | null
  parent_task_run_id: string | null
  root_id: string
  policy: string
  state_id: string
  state_type: string
  state_name: string
  state_timestamp: number
  state_message: string | null
  scheduled_for: number | null
  run_count: number
  attempt: number
  failures: number
  replay_failed_from: number
  lease_until: number | null
  lease_holder: string | null
  created_at: number
  expected_at: number
  started_at: number | null
  ended_at: number | null
  total_run_us: number
  outcome_format: string | null
  outcome_text: string | null
  updated_at: number | null
  state_details: string | null
  state_data: string | null
  deployment_id: string | null
  deployment_version: string | null
  deployment_version_id: string | null
  work_queue_id: string | null
  auto_scheduled: number | null
  created_by_id: string | null
  created_by_type: string | null
  created_by_value: string | null
  /** Not null when the run has a dispatch. */
  labels: string | null
  context: string | null
  job_variables: string | null
  infrastructure_document_id: string | null
  infrastructure_pid: string | null
}

export interface StateRow {
  id: string
  flow_run_id: string
  type: string
  name: string
  timestamp: number
  message: string | null
  scheduled_for: number | null
  details: string | null
  data: string | null
  /** `actorText` of who brought it about; `null` when that is not known. */
  actor: string | null
}

export interface FlowRunTagRow {
  tag: string
  flow_run_id: string
}

export interface TaskRunRow {
  id: string
  flow_run_id: string | null
  task_key: string
  dynamic_key: string
  ordinal: number
  name: string
  kind: string
  tags: string | null
  parent_task_run_id: string | null
  child_flow_run_id: string | null
  upstream: string | null
  sequence: number
  attempt: number
  state_id: string
  state_type: string
  state_name: string
  state_timestamp: number
  state_message: string | null
  scheduled_for: number | null
  history: string | null
  run_count: number
  failures: number
  number: number | null
  created_at: number
  started_at: number | null
  ended_at: number | null
  outcome_format: string | null
  outcome_text: string | null
  state_details: string | null
  state_data: string | null
  told: string | null
}

export interface JournalValueRow {
  flow_run_id: string
  key: string
  text: string
}

export interface LogRow {
  id: string
  flow_run_id: string | null
  task_run_id: string | null
  logger: string
  level: number
  message: string
  timestamp: number
}

export interface CacheRow {
  key: string
  expires_at: number | null
  task_run_id: string
  flow_run_id: string
  outcome_format: string
  outcome_text: string
  created_at: number
}

/** How many runs that were expected in one span of time have ended so. */
export interface RunCountRow {
  noun: string
  /** `quarter` of an hour or `day`. */
  span: string
  /** Which of them since the epoch. */
  nth: number
  state_type: string
  state_name: string
  runs: number
  /** How long they ran, and how late they began, all together. */
  ran_us: number
  late_us: number
}

/** Up to this quarter the runs of a noun are counted. */
export interface RunCountsUntilRow {
  noun: string
  quarter: number
}

/** Filters under a name. */
export interface SavedSearchRow {
  id: string
  name: string
  filters: string
  created_at: number
  updated_at: number
}

/** A quarter whose runs have changed since they were counted. */
export interface StaleRunCountRow {
  noun: string
  quarter: number
}

/** A flow run that was deleted and whose task runs, logs, values and files are still to go. */
export interface DeletedFlowRunRow {
  id: string
  deleted_at: number
}

export interface SchemaVersionRow {
  version: number
  name: string
  applied_at: number
}

export interface EventRow {
  id: string
  name: string
  occurred_at: number
  received_at: number
  resource_id: string
  resource: string
  related: string
  payload: string
  follows: string | null
}

/** Which resources had a part in an event; the primary one has the empty role. */
export interface EventResourceRow {
  event_id: string
  resource_id: string
  role: string
  occurred_at: number
}

export interface ConcurrencyLimitRow {
  id: string
  name: string
  active: number
  slots_max: number
  active_slots: number
  active_since: number
  denied_slots: number
  denied_since: number
  slot_decay_per_second: number
  avg_occupancy_s: number
  created_at: number
  updated_at: number
}

/** Slots that somebody holds for a time. */
export interface SlotLeaseRow {
  id: string
  slots: number
  holder_type: string | null
  holder_id: string | null
  taken_at: number
  until: number
}

/** Of which limits a lease holds slots. */
export interface SlotLeaseLimitRow {
  lease_id: string
  limit_id: string
}

export interface WorkPoolRow {
  id: string
  name: string
  description: string | null
  type: string
  base_job_template: string
  is_paused: number
  concurrency_limit: number | null
  status: string | null
  default_queue_id: string
  storage: string
  created_at: number
  updated_at: number
}

export interface WorkQueueRow {
  id: string
  work_pool_id: string
  name: string
  description: string | null
  is_paused: number
  concurrency_limit: number | null
  priority: number
  filter: string | null
  status: string
  last_polled_at: number | null
  created_at: number
  updated_at: number
}

export interface WorkerRow {
  id: string
  work_pool_id: string
  name: string
  heartbeat_at: number
  heartbeat_interval_s: number | null
  /** `tutti/0.1.0`; `null`: it did not say. */
  version: string | null
  status: string
  created_at: number
  updated_at: number
}

export interface VariableRow {
  id: string
  name: string
  value: string
  tags: string | null
  created_at: number
  updated_at: number
}

export interface FlowRunInputRow {
  id: string
  flow_run_id: string
  key: string
  value: string
  sender: string | null
  created_at: number
  updated_at: number
}

export interface ArtifactRow {
  id: string
  key: string | null
  type: string | null
  description: string | null
  data: string | null
  metadata: string | null
  flow_run_id: string | null
  task_run_id: string | null
  created_at: number
  updated_at: number
}

/** The latest artifact of a key, with an id of the collection's own. */
export interface ArtifactCollectionRow extends ArtifactRow {
  key: string
  latest_id: string
  latest_created_at: number
}

export interface BlockTypeRow {
  id: string
  name: string
  slug: string
  logo_url: string | null
  documentation_url: string | null
  description: string | null
  code_example: string | null
  is_protected: number
  created_at: number
  updated_at: number
}

export interface BlockSchemaRow {
  id: string
  block_type_id: string
  checksum: string
  version: string
  capabilities: string | null
  fields: string
  created_at: number
  updated_at: number
}

export interface BlockDocumentRow {
  id: string
  name: string
  data: string
  block_schema_id: string
  block_type_id: string
  block_type_name: string
  is_anonymous: number
  created_at: number
  updated_at: number
}

/** A single value that a server keeps. */
export interface ServerValueRow {
  key: string
  value: string
}

/** A large result that is kept in the database. */
export interface ResultRow {
  owner: string
  key: string
  bytes: Uint8Array
  written_at: number
}

/** A run that a worker is about to start. */
export interface RunClaimRow {
  id: string
  flow_run_id: string
  worker: string
  until: number
}

export interface DeploymentRow {
  id: string
  flow_id: string
  name: string
  description: string | null
  version: string | null
  paused: number
  tags: string | null
  labels: string
  parameters: string
  parameter_schema: string | null
  enforce_parameter_schema: number
  job_variables: string
  pull_steps: string | null
  path: string | null
  entrypoint: string | null
  work_queue_id: string | null
  storage_document_id: string | null
  infrastructure_document_id: string | null
  concurrency_limit_id: string | null
  concurrency_options: string | null
  options: string
  version_id: string | null
  deleted_at: number | null
  status: string
  last_polled_at: number | null
  created_by: string | null
  created_at: number
  updated_at: number
}

/** What a deployment was after a deploy. */
export interface DeploymentVersionRow {
  id: string
  deployment_id: string
  number: number
  version: string | null
  origin: string | null
  changes: string
  snapshot: string
  created_at: number
}

export interface DeploymentScheduleRow {
  id: string
  deployment_id: string
  schedule: string
  active: number
  max_scheduled_runs: number | null
  parameters: string
  slug: string | null
  options: string | null
  created_at: number
  updated_at: number
}

/** Days on which nothing runs. */
export interface CalendarRow {
  name: string
  description: string | null
  weekend: string
  holidays: string
  created_at: number
  updated_at: number
}

/** A deployment that is run for times that have passed. */
export interface BackfillRow {
  id: string
  deployment_id: string
  status: string
  from_at: number
  until_at: number
  policy: string
  parameters: string
  created_at: number
  updated_at: number
}

/** A time of a backfill, and its run once that is made. */
export interface BackfillRunRow {
  backfill_id: string
  ordinal: number
  logical_date: number
  schedule_id: string | null
  flow_run_id: string | null
}

export interface ServiceTurnRow {
  service: string
  holder: string
  until: number
}

/** Where nothing new may start: `server`, or a work pool by its id. */
export interface MaintenanceModeRow {
  scope: string
  message: string | null
  started_at: number
}
