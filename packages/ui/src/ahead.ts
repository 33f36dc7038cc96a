// What a page asks first is told by its address alone: it is asked as soon as somebody goes there, while the page is still being made.
import type { QueryClient } from '@tanstack/react-query'
import { useLoaderData } from '@tanstack/react-router'
import { readerOf } from './address.ts'
import type { AddressReader, AddressValues } from './address.ts'

export interface Ahead {
  readonly address: AddressReader
  /** Of the path: `id` of `/runs/$id`. */
  readonly params: Readonly<Record<string, string>>
  /** The moment somebody went there, in milliseconds since the epoch. */
  readonly now: number
  readonly ask: QueryClient['prefetchQuery']
  readonly askPages: QueryClient['prefetchInfiniteQuery']
}

/** What a route keeps of it. */
export interface Arrival {
  readonly now: number
}

/** The moment somebody came to this page, as it was asked ahead with. */
export function useArrival(): number {
  const { now } = useLoaderData({ strict: false }) as Arrival // every page's, see `router.tsx`
  return now
}

/** Asks with the same options as the page does, which then finds the answers, or waits for the same ones. */
export type AskAhead = (ahead: Ahead) => void

export function aheadOf(client: QueryClient, place: { readonly search: AddressValues; readonly params: Ahead['params'] }): Ahead {
  return {
    address: readerOf(place.search),
    params: place.params,
    now: Date.now(),
    ask: (options) => client.prefetchQuery(options),
    askPages: (options) => client.prefetchInfiniteQuery(options),
  }
}
