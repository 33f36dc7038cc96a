import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { QueryFunctionContext } from '@tanstack/react-query'
import type { Client } from 'tutti/client'
import { client } from '../connection.ts'
import { conditionsToWire } from '../run-filter.ts'
import type { RunConditions, RunFilter, RunSort } from '../run-filter.ts'
import type { Bounds } from '../time-window.ts'
import { keepNames } from './names.ts'
import { PAGE_ROWS } from './values.ts'
import type { Answer, FlowRun } from './values.ts'

type RunPage = Answer<Client['flowRuns']['page']>

/** With the names of what its rows are of. */
async function runPage(
  body: NonNullable<Parameters<Client['flowRuns']['page']>[0]>['body'],
  { client: cache, signal }: Pick<QueryFunctionContext, 'client' | 'signal'>,
): Promise<RunPage> {
  const page = await client().flowRuns.page({ body }, { signal })
  keepNames(cache, page.names)
  return page
}

/** Pages of a list from its newest row on. They are not asked for again: what is in sight is, by `flowRunsNow`. */
export function flowRunPages(filter: RunFilter, sort: RunSort) {
  return infiniteQueryOptions({
    queryKey: ['flow-run-pages', filter, sort],
    queryFn: (context) => {
      const { pageParam } = context
      return runPage({ ...conditionsToWire(filter, Date.now()), sort, limit: PAGE_ROWS, cursor: pageParam }, context)
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ cursor }) => cursor,
    staleTime: 'static',
    // Coming back to a list shows it as it is then.
    gcTime: 0,
  })
}

/** The first rows of a list as it is now: what is new is among them. */
export function flowRunHead(filter: RunFilter, sort: RunSort) {
  return queryOptions({
    queryKey: ['flow-runs', 'head', filter, sort],
    queryFn: async (context) => (await runPage({ ...conditionsToWire(filter, Date.now()), sort, limit: PAGE_ROWS }, context)).items,
    gcTime: 0,
  })
}

/** Those of these rows that (still) meet the filter, as they are now. */
export function flowRunsNow(ids: readonly string[], filter: RunFilter) {
  return queryOptions({
    queryKey: ['flow-runs', 'now', ids, filter],
    queryFn: async (context) => {
      const conditions = conditionsToWire(filter, Date.now())
      const body = { ...conditions, flow_runs: { ...conditions.flow_runs, id: { any_: [...ids] } }, limit: PAGE_ROWS * 2 }
      return { asked: ids, rows: (await runPage(body, context)).items }
    },
    enabled: ids.length > 0,
    gcTime: 0,
  })
}

/** How many there are; text in parameters is not counted. */
export function flowRunCount(filter: RunFilter) {
  return queryOptions({
    queryKey: ['flow-runs', 'count', filter],
    queryFn: ({ signal }) => {
      const { parameters: _, ...conditions } = conditionsToWire(filter, Date.now())
      return client().flowRuns.count({ body: conditions }, { signal })
    },
    placeholderData: keepPreviousData,
    enabled: filter.parameters === '',
  })
}

export type BulkAction = 'cancel' | 'retry' | 'delete'
export type BulkPlan = Answer<Client['flowRuns']['planBulk']>

/** The wire types what it takes as filters too narrowly to be written. */
function filtersOf(conditions: RunConditions): object {
  return conditions
}

/** What an action is for: rows that were marked, or all that meet a filter. */
export function bulkPlan(action: BulkAction, conditions: RunConditions) {
  return queryOptions({
    queryKey: ['flow-runs', 'bulk-plan', action, conditions],
    queryFn: ({ signal }) => client().flowRuns.planBulk({ body: { action, ...filtersOf(conditions) } }, { signal }),
    staleTime: 0,
    gcTime: 0,
  })
}

const BULK_STEPS_MAX = 100_000
const BULK_ROWS = 50

export interface BulkProgress {
  readonly done: number
  readonly refused: number
}

/** In steps, so that no request is long. */
export async function doInBulk(
  plan: BulkPlan,
  action: BulkAction,
  conditions: RunConditions,
  onProgress: (progress: BulkProgress) => void,
): Promise<BulkProgress> {
  let cursor: string | null = null
  let progress: BulkProgress = { done: 0, refused: 0 }
  for (let step = 0; step < BULK_STEPS_MAX; step += 1) {
    const answer: Answer<Client['flowRuns']['bulk']> = await client().flowRuns.bulk({
      body: { action, ...filtersOf(conditions), up_to: plan.up_to, limit: BULK_ROWS, cursor },
    })
    progress = { done: progress.done + answer.done, refused: progress.refused + answer.refused.length }
    onProgress(progress)
    if (answer.cursor === null) break
    cursor = answer.cursor
  }
  return progress
}

interface HistoryRequest extends Bounds {
  readonly stepMs: number
}

function historyBody({ from, to, stepMs }: HistoryRequest) {
  return {
    history_start: new Date(from).toISOString(),
    history_end: new Date(to).toISOString(),
    history_interval_seconds: stepMs / 1_000,
  }
}

export function flowRunHistory(request: HistoryRequest) {
  return queryOptions({
    queryKey: ['flow-runs', 'history', request],
    queryFn: ({ signal }) => client().flowRuns.history({ body: historyBody(request) }, { signal }),
    placeholderData: keepPreviousData,
  })
}

export function taskRunHistory(request: HistoryRequest) {
  return queryOptions({
    queryKey: ['flow-runs', 'task-run-history', request],
    queryFn: ({ signal }) => client().taskRuns.history({ body: historyBody(request) }, { signal }),
    placeholderData: keepPreviousData,
  })
}

export function explanation(id: string) {
  return queryOptions({
    queryKey: ['flow-run', id, 'explain'],
    queryFn: ({ signal }) => client().flowRuns.explain({ id }, { signal }),
  })
}

const FAILURES_MAX = 200

/** The newest runs of a time that failed or crashed, of which pages tell what fails. */
export function failedRuns({ from, to }: Bounds) {
  return queryOptions({
    queryKey: ['flow-runs', 'failed', from, to],
    queryFn: async (context): Promise<{ readonly runs: readonly FlowRun[]; readonly hasMore: boolean }> => {
      const { items, cursor } = await runPage(
        {
          flow_runs: {
            state: { type: { any_: ['FAILED', 'CRASHED'] } },
            expected_start_time: { after_: new Date(from).toISOString(), before_: new Date(to).toISOString() },
          },
          sort: 'EXPECTED_START_TIME_DESC',
          limit: FAILURES_MAX,
        },
        context,
      )
      return { runs: items, hasMore: cursor !== null }
    },
    placeholderData: keepPreviousData,
  })
}

/** Those that wait longest first. */
export function lateRuns(limit: number) {
  return queryOptions({
    queryKey: ['flow-runs', 'late', limit],
    queryFn: async (context) =>
      (await runPage({ flow_runs: { state: { name: { any_: ['Late'] } } }, sort: 'EXPECTED_START_TIME_ASC', limit }, context)).items,
  })
}

const UPCOMING_MAX = 200

/** What is planned from `from` on; to be asked with moments that are not of this second. */
export function upcomingRuns({ from, to }: Bounds) {
  return queryOptions({
    queryKey: ['flow-runs', 'upcoming', from, to],
    queryFn: ({ signal }) =>
      client().flowRuns.filter(
        {
          body: {
            flow_runs: {
              state: { type: { any_: ['SCHEDULED'] } },
              next_scheduled_start_time: { after_: new Date(from).toISOString(), before_: new Date(to).toISOString() },
            },
            sort: 'NEXT_SCHEDULED_START_TIME_ASC',
            limit: UPCOMING_MAX,
            offset: 0,
          },
        },
        { signal },
      ),
    placeholderData: keepPreviousData,
  })
}

/** Whether anything has ever been asked to run. */
export function anyRun() {
  return queryOptions({
    queryKey: ['flow-runs', 'any'],
    queryFn: async ({ signal }) => {
      const runs = await client().flowRuns.filter({ body: { limit: 1, offset: 0, sort: 'ID_DESC' } }, { signal })
      if (runs.length > 0) return true
      return (await client().deployments.count({ body: {} }, { signal })) > 0
    },
  })
}
