import { infiniteQueryOptions, keepPreviousData } from '@tanstack/react-query'
import type { Client } from 'tutti/client'
import { client } from '../connection.ts'
import { PAGE_ROWS } from './values.ts'
import type { Answer } from './values.ts'

export type Variable = Answer<Client['variables']['read']>

export function variables({ text, tag }: { readonly text: string; readonly tag: string }) {
  return infiniteQueryOptions({
    queryKey: ['variables', text, tag],
    queryFn: ({ signal, pageParam }) =>
      client().variables.list(
        {
          body: {
            variables: {
              ...(text === '' ? undefined : { name: { like_: text } }),
              ...(tag === '' ? undefined : { tags: { all_: [tag] } }),
            },
            limit: PAGE_ROWS,
            offset: pageParam,
            sort: 'NAME_ASC',
          },
        },
        { signal },
      ),
    initialPageParam: 0,
    getNextPageParam: (page, pages) => (page.length < PAGE_ROWS ? undefined : pages.length * PAGE_ROWS),
    placeholderData: keepPreviousData,
  })
}

export interface VariableChanges {
  readonly name: string
  readonly value: unknown
  readonly tags: string[]
}

/** A new one when there is no id. */
export async function saveVariable({ id, ...body }: VariableChanges & { readonly id: string | undefined }): Promise<void> {
  if (id === undefined) await client().variables.create({ body })
  else await client().variables.update({ id, body })
}

export function removeVariable(id: string) {
  return client().variables.remove({ id })
}
