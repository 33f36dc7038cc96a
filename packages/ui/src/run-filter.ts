// Which runs are looked at: as it is chosen, as it stands in the address, and as the server is asked.
import type { AddressChanges, AddressReader } from './address.ts'
import { STATE_TYPES } from './states.ts'
import { boundsOf, readWindow, writeWindow } from './time-window.ts'
import type { TimeWindow } from './time-window.ts'

export type RunSort =
  | 'START_TIME_DESC'
  | 'START_TIME_ASC'
  | 'EXPECTED_START_TIME_DESC'
  | 'EXPECTED_START_TIME_ASC'
  | 'END_TIME_DESC'
  | 'DURATION_DESC'
  | 'DURATION_ASC'

interface AnyOf {
  readonly any_: readonly string[]
}

interface Between {
  readonly after_?: string
  readonly before_?: string
}

/** As the server takes them. */
export interface RunConditions {
  readonly flow_runs?: {
    readonly id?: AnyOf
    readonly state?: { readonly operator: 'or_'; readonly type?: AnyOf; readonly name?: AnyOf }
    readonly deployment_id?: AnyOf
    readonly tags?: AnyOf | { readonly all_: readonly string[] }
    readonly name?: { readonly like_: string }
    readonly parent_task_run_id?: { readonly is_null_: boolean }
    readonly start_time?: Between
    readonly expected_start_time?: Between
    readonly end_time?: Between
  }
  readonly flows?: { readonly id: AnyOf }
  readonly work_pools?: { readonly name: AnyOf }
  readonly parameters?: { readonly like_: string }
}

type FlowRunConditions = NonNullable<RunConditions['flow_runs']>

/** Which time of a run a window speaks of. */
export type TimeOf = 'start' | 'expected' | 'end'

export interface RunFilter {
  /** Types (`FAILED`) and names (`Late`). */
  readonly states: readonly string[]
  /** Ids. */
  readonly flows: readonly string[]
  /** Ids. */
  readonly deployments: readonly string[]
  readonly pools: readonly string[]
  readonly tags: readonly string[]
  readonly tagsAre: 'any' | 'all'
  readonly time: TimeWindow | undefined
  readonly timeOf: TimeOf
  /** Part of the name of the run. */
  readonly name: string
  /** Somewhere in the parameters. */
  readonly parameters: string
  /** Runs that another run has called. */
  readonly subflows: 'in' | 'out' | 'only'
}

export const ALL_RUNS: RunFilter = {
  states: [],
  flows: [],
  deployments: [],
  pools: [],
  tags: [],
  tagsAre: 'any',
  time: undefined,
  timeOf: 'start',
  name: '',
  parameters: '',
  subflows: 'in',
}

/* ── the address ────────────────────────────────────────────────────────────────────────────────── */

export function readRunFilter({ one, all }: AddressReader): RunFilter {
  const timeOf = one('by')
  const subflows = one('subflows')
  return {
    states: all('state'),
    flows: all('flow'),
    deployments: all('deployment'),
    pools: all('pool'),
    tags: all('tag'),
    tagsAre: one('tags') === 'all' ? 'all' : 'any',
    time: readWindow({ window: one('window'), from: one('from'), to: one('to') }),
    timeOf: timeOf === 'expected' || timeOf === 'end' ? timeOf : 'start',
    name: one('name') ?? '',
    parameters: one('parameters') ?? '',
    subflows: subflows === 'out' || subflows === 'only' ? subflows : 'in',
  }
}

/** What is not chosen is `undefined`, so that it goes away. */
export function writeRunFilter(filter: Partial<RunFilter>): AddressChanges {
  const full = { ...ALL_RUNS, ...filter }
  return {
    state: full.states,
    flow: full.flows,
    deployment: full.deployments,
    pool: full.pools,
    tag: full.tags,
    tags: full.tagsAre === 'all' && full.tags.length > 0 ? 'all' : undefined,
    ...writeWindow(full.time),
    by: full.timeOf === 'start' || full.time === undefined ? undefined : full.timeOf,
    name: full.name,
    parameters: full.parameters,
    subflows: full.subflows === 'in' ? undefined : full.subflows,
  }
}

/** As the `search` of a link. */
export function runsAddress(filter: Partial<RunFilter>): Record<string, string | readonly string[]> {
  return Object.fromEntries(
    Object.entries(writeRunFilter(filter)).flatMap(([name, value]) => (value === undefined || value.length === 0 ? [] : [[name, value]])),
  )
}

/** How many things are asked of a run, not counting what the page itself has fixed. */
export function conditionsOf(filter: RunFilter, fixed: Partial<RunFilter> = {}): readonly (keyof RunFilter)[] {
  const chosen: Readonly<Record<string, boolean>> = {
    states: filter.states.length > 0,
    flows: filter.flows.length > 0,
    deployments: filter.deployments.length > 0,
    pools: filter.pools.length > 0,
    tags: filter.tags.length > 0,
    time: filter.time !== undefined,
    name: filter.name !== '',
    parameters: filter.parameters !== '',
    subflows: filter.subflows !== 'in',
  }
  return (Object.keys(chosen) as (keyof RunFilter)[]).filter((key) => chosen[key] === true && !(key in fixed)) // of the table above
}

/* ── the server ─────────────────────────────────────────────────────────────────────────────────── */

/** Runs are shown up to now, with some grace for clocks that differ: what is planned would stand before everything else. */
const NOW_GRACE_MS = 60_000

/** The state says so, or the time. */
function asksForUpcoming({ states, time, timeOf }: RunFilter): boolean {
  return time !== undefined || timeOf === 'end' || states.some((state) => state === 'SCHEDULED' || state === 'Scheduled')
}

export function conditionsToWire(filter: RunFilter, now: number): RunConditions {
  const run: Mutable<FlowRunConditions> = {}
  const types = filter.states.flatMap((state) => STATE_TYPES.find((type) => type === state) ?? [])
  const names = filter.states.filter((state) => !STATE_TYPES.some((type) => type === state))
  if (filter.states.length > 0) {
    run.state = {
      operator: 'or_',
      ...(types.length > 0 ? { type: { any_: types } } : undefined),
      ...(names.length > 0 ? { name: { any_: names } } : undefined),
    }
  }
  if (filter.deployments.length > 0) run.deployment_id = { any_: filter.deployments }
  if (filter.tags.length > 0) run.tags = filter.tagsAre === 'all' ? { all_: filter.tags } : { any_: filter.tags }
  if (filter.name !== '') run.name = { like_: filter.name }
  if (filter.subflows !== 'in') run.parent_task_run_id = { is_null_: filter.subflows === 'out' }
  const bounds = filter.time === undefined ? { from: undefined, to: undefined } : boundsOf(filter.time, now)
  const until = asksForUpcoming(filter) ? bounds.to : now + NOW_GRACE_MS
  if (bounds.from !== undefined || until !== undefined) {
    run[TIME_FIELDS[filter.timeOf]] = {
      ...(bounds.from === undefined ? undefined : { after_: new Date(bounds.from).toISOString() }),
      ...(until === undefined ? undefined : { before_: new Date(until).toISOString() }),
    }
  }
  return {
    ...(Object.keys(run).length === 0 ? undefined : { flow_runs: run }),
    ...(filter.flows.length === 0 ? undefined : { flows: { id: { any_: filter.flows } } }),
    ...(filter.pools.length === 0 ? undefined : { work_pools: { name: { any_: filter.pools } } }),
    ...(filter.parameters === '' ? undefined : { parameters: { like_: filter.parameters } }),
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

const TIME_FIELDS = { start: 'start_time', expected: 'expected_start_time', end: 'end_time' } as const
