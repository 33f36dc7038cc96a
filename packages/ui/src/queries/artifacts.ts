import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { Client } from 'tutti/client'
import { client } from '../connection.ts'
import { PAGE_ROWS } from './values.ts'
import type { Answer } from './values.ts'

export type StoredArtifact = Answer<Client['artifacts']['read']>
export type LatestArtifact = Answer<Client['artifacts']['listLatest']>[number]

const VERSIONS_MAX = 200

/** The latest of each key. */
export function latestArtifacts({ text, type }: { readonly text: string; readonly type: string }) {
  return infiniteQueryOptions({
    queryKey: ['artifacts', 'latest', text, type],
    queryFn: ({ signal, pageParam }) =>
      client().artifacts.listLatest(
        {
          body: {
            artifacts: {
              ...(text === '' ? undefined : { key: { like_: text } }),
              ...(type === '' ? undefined : { type: { any_: [type] } }),
            },
            limit: PAGE_ROWS,
            offset: pageParam,
            sort: 'UPDATED_DESC',
          },
        },
        { signal },
      ),
    initialPageParam: 0,
    getNextPageParam: (page, pages) => (page.length < PAGE_ROWS ? undefined : pages.length * PAGE_ROWS),
    placeholderData: keepPreviousData,
  })
}

export function artifact(id: string) {
  return queryOptions({ queryKey: ['artifacts', 'one', id], queryFn: ({ signal }) => client().artifacts.read({ id }, { signal }) })
}

/** Every artifact of a key, the newest first. */
export function artifactVersions(key: string | null) {
  return queryOptions({
    queryKey: ['artifacts', 'versions', key],
    queryFn: ({ signal }) =>
      client().artifacts.list(
        { body: { artifacts: { key: { any_: [key ?? ''] } }, limit: VERSIONS_MAX, offset: 0, sort: 'CREATED_DESC' } },
        { signal },
      ),
    enabled: key !== null,
  })
}

export function removeArtifact(id: string) {
  return client().artifacts.remove({ id })
}

/** The task run that an artifact came from. */
export function taskRunOfArtifact(id: string | null) {
  return queryOptions({
    queryKey: ['task-runs', id],
    queryFn: ({ signal }) => client().taskRuns.read({ id: id ?? '' }, { signal }),
    enabled: id !== null,
  })
}
