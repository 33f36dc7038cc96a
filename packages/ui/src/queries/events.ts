import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { Client } from 'tutti/client'
import { client } from '../connection.ts'
import type { Answer } from './values.ts'

export type RecordedEvent = Answer<Client['events']['list']>['events'][number]

export interface EventSearch {
  readonly text: string
  readonly prefix: string
  readonly resource: string
  readonly since: string
  readonly until: string
}

function filterOf({ text, prefix, resource, since, until }: EventSearch) {
  return {
    occurred: { since, until },
    ...(text === '' ? undefined : { text: { query: text } }),
    ...(prefix === '' ? undefined : { event: { prefix: [prefix] } }),
    // One address is meant as it stands; the end of a name may be left open.
    ...(resource === ''
      ? undefined
      : { any_resource: resource.endsWith('*') ? { id_prefix: [resource.slice(0, -1)] } : { id: [resource] } }),
  }
}

export function events(search: EventSearch) {
  return infiniteQueryOptions({
    queryKey: ['event-feed', search],
    queryFn: ({ signal, pageParam }) =>
      pageParam === null
        ? client().events.list({ body: { filter: filterOf(search), limit: 50 } }, { signal })
        : client().events.next({ 'page-token': pageParam }, { signal }),
    initialPageParam: null as string | null, // the first page has none
    getNextPageParam: (page) => (page.next_page === null ? null : new URL(page.next_page).searchParams.get('page-token')),
    placeholderData: keepPreviousData,
  })
}

/** How many have come since the feed was read. */
export function newEvents(search: EventSearch) {
  return queryOptions({
    queryKey: ['events', 'new', search],
    queryFn: async ({ signal }) => {
      const filter = filterOf({ ...search, since: search.until, until: new Date(Date.now() + 1_000).toISOString() })
      return (await client().events.list({ body: { filter, limit: 0 } }, { signal })).total
    },
    placeholderData: keepPreviousData,
  })
}

export function eventCounts(search: EventSearch, stepMs: number) {
  return queryOptions({
    queryKey: ['event-feed', 'counts', search, stepMs],
    queryFn: ({ signal }) =>
      client().events.count(
        { countable: 'time', body: { filter: filterOf(search), time_unit: 'second', time_interval: stepMs / 1_000 } },
        { signal },
      ),
    placeholderData: keepPreviousData,
  })
}

/** Which events there are, the most frequent first. */
export function eventNames(since: string, until: string) {
  return queryOptions({
    queryKey: ['event-feed', 'names', since, until],
    queryFn: ({ signal }) =>
      client().events.count(
        { countable: 'event', body: { filter: { occurred: { since, until } }, time_unit: 'day', time_interval: 1 } },
        { signal },
      ),
    placeholderData: keepPreviousData,
  })
}
