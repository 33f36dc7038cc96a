import { z } from 'zod'
import type { Api } from '../api.ts'
import { objectResource } from './object-info.ts'
import type { ObjectResource } from './object-info.ts'
import { preconditionsQuery } from './preconditions.ts'
import type { Preconditions } from './preconditions.ts'

export interface Copy extends Preconditions {
  readonly from: { readonly bucket: string; readonly name: string; readonly generation?: string | undefined }
  readonly to: { readonly bucket: string; readonly name: string }
  readonly signal?: AbortSignal | undefined
}

const round = z.object({ done: z.boolean(), rewriteToken: z.string().optional(), resource: objectResource.optional() })

/** Copies within Google: large objects take several rounds, and no byte comes here. */
export async function copy(api: Api, it: Copy): Promise<ObjectResource> {
  const { from, to, signal } = it
  let rewriteToken: string | undefined
  for (;;) {
    const answer = await api.json({
      method: 'POST',
      url: `/storage/v1/${pathOf(from)}/rewriteTo/${pathOf(to)}`,
      query: { rewriteToken, sourceGeneration: from.generation, ...preconditionsQuery(it) },
      headers: { 'content-type': 'application/json' },
      body: '{}',
      what: `gs://${from.bucket}/${from.name} was not copied to gs://${to.bucket}/${to.name}`,
      signal,
    })
    const { done, resource, ...next } = round.parse(answer)
    if (done && resource !== undefined) return resource
    rewriteToken = next.rewriteToken
  }
}

function pathOf({ bucket, name }: { readonly bucket: string; readonly name: string }): string {
  return `b/${encodeURIComponent(bucket)}/o/${encodeURIComponent(name)}`
}
