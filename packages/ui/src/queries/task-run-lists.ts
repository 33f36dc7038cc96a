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

/** Newest first. Later pages go on from the last row, however many there are before it. */
export function taskRunPages(filter: TaskRunFilter) {
  return infiniteQueryOptions({
    queryKey: ['task-run-pages', filter],
    queryFn: ({ pageParam, signal }) =>
      client().taskRuns.filter({ body: { ...conditions(filter), sort: 'ID_DESC', limit: PAGE_ROWS, offset: pageParam } }, { signal }),
    initialPageParam: 0,
    getNextPageParam: (last, pages) => (last.length < PAGE_ROWS ? undefined : pages.length * PAGE_ROWS),
    staleTime: 'static',
    gcTime: 0,
  })
}

export function taskRunHead(filter: TaskRunFilter) {
  return queryOptions({
    queryKey: ['flow-runs', 'task-run-head', filter],
    queryFn: ({ signal }) =>
      client().taskRuns.filter({ body: { ...conditions(filter), sort: 'ID_DESC', limit: PAGE_ROWS, offset: 0 } }, { signal }),
    gcTime: 0,
  })
}

export function taskRunsNow(ids: readonly string[], filter: TaskRunFilter) {
  return queryOptions({
    queryKey: ['flow-runs', 'task-runs-now', ids, filter],
    queryFn: async ({ signal }) => {
      const asked = conditions(filter)
      const body = { ...asked, task_runs: { ...asked.task_runs, id: { any_: [...ids] } }, sort: 'ID_DESC', limit: 200, offset: 0 } as const
      return { asked: ids, rows: await client().taskRuns.filter({ body }, { signal }) }
    },
    enabled: ids.length > 0,
    gcTime: 0,
  })
}
