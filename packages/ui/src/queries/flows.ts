import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { Client } from 'tutti/client'
import { client } from '../connection.ts'
import { PAGE_ROWS } from './values.ts'
import type { Answer } from './values.ts'

export type FlowSort = 'NAME_ASC' | 'NAME_DESC' | 'CREATED_DESC' | 'UPDATED_DESC'
export type FlowOverview = Answer<Client['ui']['flowOverview']>[string]
export type FlowGrid = Answer<Client['flows']['grid']>

export function flow(id: string) {
  return queryOptions({ queryKey: ['flows', 'one', id], queryFn: ({ signal }) => client().flows.read({ id }, { signal }) })
}

export function flowPages(name: string, sort: FlowSort) {
  return infiniteQueryOptions({
    queryKey: ['flows', 'list', name, sort],
    queryFn: ({ pageParam, signal }) =>
      client().flows.filter(
        { body: { ...(name === '' ? {} : { flows: { name: { like_: name } } }), sort, limit: PAGE_ROWS, offset: pageParam } },
        { signal },
      ),
    initialPageParam: 0,
    getNextPageParam: (last, pages) => (last.length < PAGE_ROWS ? undefined : pages.length * PAGE_ROWS),
    placeholderData: keepPreviousData,
  })
}

/** By the id of the flow: its last runs, the next, and how many deployments it has. */
export function flowOverviews(ids: readonly string[]) {
  return queryOptions({
    queryKey: ['flow-runs', 'flow-overviews', ids],
    queryFn: ({ signal }) => client().ui.flowOverview({ body: { flow_ids: [...ids] } }, { signal }),
    enabled: ids.length > 0,
    placeholderData: keepPreviousData,
  })
}

export function flowGrid(id: string, size: { readonly runs: number; readonly tasks: number }) {
  return queryOptions({
    queryKey: ['flow-runs', 'flow-grid', id, size],
    queryFn: ({ signal }) => client().flows.grid({ id, ...size }, { signal }),
    placeholderData: keepPreviousData,
  })
}

/** Of the time from `after` on; to be asked with a moment that is not of this second. */
export function flowStats(id: string, { from, to }: { readonly from: number; readonly to?: number }) {
  return queryOptions({
    queryKey: ['flow-runs', 'flow-stats', id, from, to],
    queryFn: ({ signal }) =>
      client().flows.stats(
        { id, after: new Date(from).toISOString(), ...(to === undefined ? {} : { before: new Date(to).toISOString() }) },
        { signal },
      ),
    placeholderData: keepPreviousData,
  })
}

const POINTS_MAX = 1_000

/** The newest runs of a flow that have begun: when, for how long, how late. */
export function flowPoints(id: string, from: number) {
  return queryOptions({
    queryKey: ['flow-runs', 'flow-points', id, from],
    queryFn: ({ signal }) =>
      client().ui.flowRunHistory(
        {
          body: {
            flows: { id: { any_: [id] } },
            flow_runs: { expected_start_time: { after_: new Date(from).toISOString() }, start_time: { is_null_: false } },
            sort: 'EXPECTED_START_TIME_DESC',
            limit: POINTS_MAX,
            offset: 0,
          },
        },
        { signal },
      ),
    placeholderData: keepPreviousData,
  })
}

const DEPLOYMENTS_MAX = 200

export function deploymentsOfFlow(id: string) {
  return queryOptions({
    queryKey: ['deployments', 'of-flow', id],
    queryFn: ({ signal }) =>
      client().deployments.filter(
        { body: { flows: { id: { any_: [id] } }, sort: 'NAME_ASC', limit: DEPLOYMENTS_MAX, offset: 0 } },
        { signal },
      ),
  })
}

export function deleteFlow(id: string): Promise<unknown> {
  return client().flows.remove({ id })
}

const NAMED_MAX = 30

/** A few deployments that have a name like this. */
export function deploymentsNamed(text: string) {
  return queryOptions({
    queryKey: ['deployments', 'named', text],
    queryFn: ({ signal }) =>
      client().deployments.filter(
        { body: { ...(text === '' ? {} : { deployments: { name: { like_: text } } }), sort: 'NAME_ASC', limit: NAMED_MAX, offset: 0 } },
        { signal },
      ),
    placeholderData: keepPreviousData,
  })
}
