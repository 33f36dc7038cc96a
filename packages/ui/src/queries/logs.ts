import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { Client } from 'tutti/client'
import { client } from '../connection.ts'
import { PAGE_ROWS } from './values.ts'
import type { Answer } from './values.ts'

export interface LogSearch {
  readonly text: string
  readonly level: string
  readonly flowId: string | undefined
  readonly deploymentId: string | undefined
  readonly windowMs: number | undefined
}

export type SearchedLines = Answer<Client['logs']['search']>
export type SearchedLogLine = SearchedLines['lines'][number]

function filterOf({ text, level, flowId, deploymentId }: LogSearch) {
  return {
    limit: PAGE_ROWS,
    ...(text === '' ? undefined : { text }),
    ...(level === '' ? undefined : { level: Number(level) }),
    ...(flowId === undefined ? undefined : { flow_ids: [flowId] }),
    ...(deploymentId === undefined ? undefined : { deployment_ids: [deploymentId] }),
  }
}

/** Lines of all runs, the newest first. What is written later is asked for by itself: `linesSince`. */
export function searchedLogs(search: LogSearch) {
  const { windowMs } = search
  return infiniteQueryOptions({
    queryKey: ['log-feed', search],
    queryFn: ({ signal, pageParam }) =>
      client().logs.search(
        {
          body: {
            ...filterOf(search),
            sort: 'TIMESTAMP_DESC',
            ...(windowMs === undefined ? undefined : { after: new Date(Date.now() - windowMs).toISOString() }),
            ...(pageParam === null ? undefined : { cursor: pageParam }),
          },
        },
        { signal },
      ),
    initialPageParam: null as string | null, // the first page has none
    getNextPageParam: (page) => page.cursor,
    placeholderData: keepPreviousData,
  })
}

/** As many as the server gives at once: what a busy server writes in some seconds. */
const SINCE_ROWS = 200

/** Lines from a moment on, the oldest first. */
export function linesSince(search: LogSearch, after: string, cursor: string | null, signal: AbortSignal): Promise<SearchedLines> {
  const place = cursor === null ? undefined : { cursor }
  return client().logs.search({ body: { ...filterOf(search), limit: SINCE_ROWS, sort: 'TIMESTAMP_ASC', after, ...place } }, { signal })
}

/** Messages of the server whenever lines of any log were written; the first when it begins to listen. */
export async function* linesWritten(signal: AbortSignal): AsyncGenerator<void, void> {
  for await (const message of client().live.changes({ logs: true, signal }))
    if (message.type === 'hello' || message.nouns.includes('logs')) yield
}

const PLACES_MAX = 200

/** Flows and deployments to choose from. */
export function logPlaces() {
  return queryOptions({
    queryKey: ['deployments', 'log-places'],
    queryFn: async ({ signal }) => {
      const body = { limit: PLACES_MAX, offset: 0, sort: 'NAME_ASC' } as const
      const [flows, deployments] = await Promise.all([
        client().flows.filter({ body }, { signal }),
        client().deployments.filter({ body }, { signal }),
      ])
      return { flows, deployments }
    },
  })
}
