import type { FlowRun } from './flow-run.ts'
import { isTerminal, STATE_TYPES } from './state.ts'
import type { StateType } from './state.ts'
import type { Instant } from './time.ts'

/* ── the grid: the last runs of a flow, and how their tasks went ────────────────────────────────── */

export const GRID_RUNS_MAX = 100
export const GRID_TASKS_MAX = 200

export interface GridRequest {
  /** Columns: 1 to 100. */
  readonly runs: number
  /** Rows: 1 to 200. */
  readonly tasks: number
  /** Only runs of this deployment. */
  readonly deploymentId: string | null
}

export interface FlowGrid {
  /** Newest first. Those that are not due yet are left out. */
  readonly runs: readonly FlowRun[]
  /** The tasks with the most calls, in the order in which they begin. */
  readonly tasks: readonly GridTask[]
  /** Tasks that found no place. */
  readonly moreTasks: number
  readonly cells: readonly GridCell[]
}

export interface GridTask {
  readonly taskKey: string
  readonly name: string
  readonly calls: number
}

/** The calls of one task in one run. */
export interface GridCell {
  readonly flowRunId: string
  readonly taskKey: string
  /** Of the worst call. */
  readonly stateType: StateType
  readonly stateName: string
  readonly taskRunId: string
  readonly calls: number
  /** Calls that failed or crashed. */
  readonly failed: number
  /** From the first start to the last end, or until now; `null`: none has begun. */
  readonly tookMs: number | null
  /** There are more calls than were looked at: the worst of them may be another one. */
  readonly isSampled: boolean
}

/** How many calls of a task a run has. */
export interface CallCount {
  readonly flowRunId: string
  readonly taskKey: string
  readonly calls: number
}

/** Calls of one task in one run that are in one state. */
export interface CallStates extends CallCount {
  readonly stateType: StateType
  readonly stateName: string
  /** One of them. */
  readonly taskRunId: string
  readonly name: string
  readonly firstStart: Instant | null
  readonly lastEnd: Instant | null
  /** Calls that have begun and not ended. */
  readonly going: number
}

/** The tasks that get a row: those with the most calls. */
export function rowsOf(counts: readonly CallCount[], tasksMax: number): { readonly keys: readonly string[]; readonly more: number } {
  const calls = new Map<string, number>()
  for (const count of counts) calls.set(count.taskKey, (calls.get(count.taskKey) ?? 0) + count.calls)
  const byUse = [...calls].toSorted(([one, uses], [other, otherUses]) => otherUses - uses || (one < other ? -1 : 1))
  return { keys: byUse.slice(0, tasksMax).map(([key]) => key), more: Math.max(0, byUse.length - tasksMax) }
}

/** What is told first of several calls. */
const WORST_FIRST: readonly StateType[] = [
  'crashed',
  'failed',
  'cancelled',
  'cancelling',
  'running',
  'paused',
  'pending',
  'scheduled',
  'completed',
]

export function gridOf(
  runs: readonly FlowRun[],
  rows: { readonly keys: readonly string[]; readonly more: number },
  counts: readonly CallCount[],
  states: readonly CallStates[],
  now: Instant,
): FlowGrid {
  const wanted = new Set(rows.keys)
  const found = Map.groupBy(states, cellKey)
  const cells = counts.filter(({ taskKey }) => wanted.has(taskKey)).flatMap((count) => cellOf(count, found.get(cellKey(count)) ?? [], now))
  return { runs, tasks: tasksOf(runs, rows.keys, counts, states), moreTasks: rows.more, cells }
}

function cellKey({ flowRunId, taskKey }: Pick<CallCount, 'flowRunId' | 'taskKey'>): string {
  return `${flowRunId} ${taskKey}`
}

function cellOf({ flowRunId, taskKey, calls }: CallCount, states: readonly CallStates[], now: Instant): readonly GridCell[] {
  const [worst] = states.toSorted((one, other) => WORST_FIRST.indexOf(one.stateType) - WORST_FIRST.indexOf(other.stateType))
  if (worst === undefined) return []
  const started = states.flatMap(({ firstStart }) => firstStart ?? [])
  const ended = states.flatMap(({ lastEnd, going }) => [...(going > 0 ? [now] : []), ...(lastEnd === null ? [] : [lastEnd])])
  const isFailure = ({ stateType }: CallStates): boolean => stateType === 'failed' || stateType === 'crashed'
  const { stateType, stateName, taskRunId } = worst
  return [
    {
      flowRunId,
      taskKey,
      stateType,
      stateName,
      taskRunId,
      calls,
      failed: sum(states.filter(isFailure)),
      tookMs: started.length === 0 || ended.length === 0 ? null : Math.max(0, Math.max(...ended) - Math.min(...started)) / 1000,
      isSampled: sum(states) < calls,
    },
  ]
}

function sum(counts: readonly CallCount[]): number {
  return counts.reduce((all, { calls }) => all + calls, 0)
}

/** Tasks as they begin in the newest run that has them. */
function tasksOf(
  runs: readonly FlowRun[],
  keys: readonly string[],
  counts: readonly CallCount[],
  states: readonly CallStates[],
): readonly GridTask[] {
  const age = new Map(runs.map(({ id }, at) => [id, at]))
  const started = new Map(runs.map(({ id, startedAt, expectedAt }) => [id, startedAt ?? expectedAt]))
  const byKey = Map.groupBy(states, ({ taskKey }) => taskKey)
  const usesByKey = Map.groupBy(counts, ({ taskKey }) => taskKey)
  const placed = keys.map((taskKey) => {
    const calls = byKey.get(taskKey) ?? []
    const newest = Math.min(...calls.map(({ flowRunId }) => age.get(flowRunId) ?? runs.length))
    const last = calls.filter(({ flowRunId }) => age.get(flowRunId) === newest)
    const begins = last.map(({ firstStart, flowRunId }) => (firstStart ?? Number.MAX_SAFE_INTEGER) - (started.get(flowRunId) ?? 0))
    return {
      task: { taskKey, name: taskName(last[0]?.name ?? taskKey), calls: sum(usesByKey.get(taskKey) ?? []) },
      begins: Math.min(...begins, Number.MAX_SAFE_INTEGER),
    }
  })
  return placed.toSorted((one, other) => one.begins - other.begins || (one.task.name < other.task.name ? -1 : 1)).map(({ task }) => task)
}

/** The name of a call without what tells it apart from others: `load-0` and `load-a3f` are calls of `load`. */
function taskName(call: string): string {
  return call.replace(/-(?:\d+|[0-9a-f]{3})$/, '')
}

/* ── statistics ─────────────────────────────────────────────────────────────────────────────────── */

/** Runs that are looked at, the newest of the time. */
export const STATS_RUNS_MAX = 5_000

export interface StatsRequest {
  readonly after: Instant | null
  readonly before: Instant | null
  readonly deploymentId: string | null
}

/** What statistics are made of: a run without what it carries. */
export interface RunTimes {
  readonly stateType: StateType
  readonly expectedAt: Instant
  readonly startedAt: Instant | null
  readonly ranMs: number
}

export interface FlowStats {
  /** Runs that were looked at. */
  readonly runs: number
  /** There may be more in this time. */
  readonly isSampled: boolean
  readonly byState: ReadonlyMap<StateType, number>
  /** Of the runs that ended, cancelled ones left out; `null`: none did. */
  readonly failureRate: number | null
  /** Of the runs that completed or failed. */
  readonly ranMs: Spread
  readonly lateMs: Spread
}

export interface Spread {
  readonly p50: number | null
  readonly p95: number | null
  readonly p99: number | null
  readonly max: number | null
}

export function statsOf(runs: readonly RunTimes[], isSampled: boolean): FlowStats {
  const byState = new Map<StateType, number>(STATE_TYPES.map((type) => [type, 0]))
  for (const { stateType } of runs) byState.set(stateType, (byState.get(stateType) ?? 0) + 1)
  const failed = (byState.get('failed') ?? 0) + (byState.get('crashed') ?? 0)
  const ended = failed + (byState.get('completed') ?? 0)
  return {
    runs: runs.length,
    isSampled,
    byState,
    failureRate: ended === 0 ? null : failed / ended,
    ranMs: spreadOf(
      runs
        .filter(({ stateType }) => isTerminal(stateType) && stateType !== 'cancelled')
        .flatMap((run) => (run.startedAt === null ? [] : run.ranMs)),
    ),
    lateMs: spreadOf(runs.flatMap(({ startedAt, expectedAt }) => (startedAt === null ? [] : Math.max(0, startedAt - expectedAt) / 1000))),
  }
}

/** Each a value that was there: so many percent of all are no greater. */
function spreadOf(values: readonly number[]): Spread {
  const sorted = Float64Array.from(values).toSorted()
  const at = (percent: number): number | null => sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? null
  return { p50: at(50), p95: at(95), p99: at(99), max: at(100) }
}

/* ── overviews: many flows or deployments at once ───────────────────────────────────────────────── */

/** A run as a bar in a list. */
export interface RunBar {
  readonly id: string
  readonly name: string
  readonly stateType: StateType
  readonly stateName: string
  readonly expectedAt: Instant
  readonly startedAt: Instant | null
  readonly endedAt: Instant | null
  readonly ranMs: number
}

/** The run that begins next. */
export interface NextRun {
  readonly id: string
  readonly name: string
  readonly stateName: string
  readonly scheduledFor: Instant
  readonly deploymentId: string | null
}

export interface RunsOverview {
  /** Newest first; those that are not due yet are left out. */
  readonly last: readonly RunBar[]
  readonly next: NextRun | null
}

export interface FlowOverview extends RunsOverview {
  readonly deployments: number
}

export interface FlowPageOperations {
  /** Throws `NOT_FOUND`. */
  grid(flowId: string, request: GridRequest): Promise<FlowGrid>
  /** Throws `NOT_FOUND`. */
  stats(flowId: string, request: StatsRequest): Promise<FlowStats>
  flowOverviews(flowIds: readonly string[]): Promise<ReadonlyMap<string, FlowOverview>>
  deploymentOverviews(deploymentIds: readonly string[]): Promise<ReadonlyMap<string, RunsOverview>>
}
