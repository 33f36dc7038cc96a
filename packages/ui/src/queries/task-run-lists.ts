import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { client } from '../connection.ts'
import { STATE_TYPES } from '../states.ts'
import { PAGE_ROWS } from './values.ts'

export interface TaskRunFilter {
  readonly states: readonly string[]
  readonly flows: readonly string[]
  readonly name: string
}

interface Conditions {
  readonly flows?: { readonly id: { readonly any_: readonly string[] } }
  readonly task_runs: Readonly<Record<string, unknown>>
}

function conditions({ states, flows, name }: TaskRunFilter): Conditions {
  const types = STATE_TYPES.filter((type) => states.includes(type))
  const names = states.filter((state) => !STATE_TYPES.some((type) => type === state))
  return {
    ...(flows.length === 0 ? undefined : { flows: { id: { any_: [...flows] } } }),
    task_runs: {
      ...(name === '' ? undefined : { name: { like_: name } }),
      ...(states.length === 0
        ? undefined
        : {
            state: {
              operator: 'or_',
              ...(types.length > 0 ? { type: { any_: types } } : undefined),
              ...(names.length > 0 ? { name: { any_: names } } : undefined),
            },
          }),
    },
  }
}

/** Newest first, from place to place. */
export function taskRunPages(filter: TaskRunFilter) {
  return infiniteQueryOptions({
    queryKey: ['task-run-pages', filter],
    queryFn: ({ pageParam, signal }) =>
      client().taskRuns.page({ body: { ...conditions(filter), limit: PAGE_ROWS, cursor: pageParam } }, { signal }),
    initialPageParam: null as string | null, // the first page has no cursor
    getNextPageParam: (last) => last.cursor,
    staleTime: 'static',
    gcTime: 0,
  })
}

export function taskRunHead(filter: TaskRunFilter) {
  return queryOptions({
    queryKey: ['flow-runs', 'task-run-head', filter],
    queryFn: async ({ signal }) => (await client().taskRuns.page({ body: { ...conditions(filter), limit: PAGE_ROWS } }, { signal })).items,
    gcTime: 0,
  })
}

export function taskRunsNow(ids: readonly string[], filter: TaskRunFilter) {
  return queryOptions({
    queryKey: ['flow-runs', 'task-runs-now', ids, filter],
    queryFn: async ({ signal }) => {
      const asked = conditions(filter)
      const body = { ...asked, task_runs: { ...asked.task_runs, id: { any_: [...ids] } }, limit: 200 }
      return { asked: ids, rows: (await client().taskRuns.page({ body }, { signal })).items }
    },
    enabled: ids.length > 0,
    gcTime: 0,
  })
}
