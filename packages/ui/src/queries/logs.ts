import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { client } from '../connection.ts'
import { PAGE_ROWS } from './values.ts'

export interface LogSearch {
  readonly text: string
  readonly level: string
  readonly flowId: string | undefined
  readonly deploymentId: string | undefined
  readonly windowMs: number | undefined
}

/** Lines of all runs, the newest first. Lines come with the states of runs, so they are asked for again when runs change. */
export function searchedLogs(search: LogSearch) {
  const { text, level, flowId, deploymentId, windowMs } = search
  return infiniteQueryOptions({
    queryKey: ['flow-runs', 'logs', search],
    queryFn: ({ signal, pageParam }) =>
      client().logs.search(
        {
          body: {
            limit: PAGE_ROWS,
            sort: 'TIMESTAMP_DESC',
            ...(text === '' ? undefined : { text }),
            ...(level === '' ? undefined : { level: Number(level) }),
            ...(flowId === undefined ? undefined : { flow_ids: [flowId] }),
            ...(deploymentId === undefined ? undefined : { deployment_ids: [deploymentId] }),
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
