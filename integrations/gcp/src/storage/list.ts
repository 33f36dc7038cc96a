import { z } from 'zod'
import type { Api } from '../api.ts'
import { parseGlob } from './glob.ts'
import { OBJECT_FIELDS, objectInfo, objectResource } from './object-info.ts'
import type { ObjectInfo } from './object-info.ts'

export interface ListOptions {
  /** What names begin with. */
  readonly prefix?: string | undefined
  /** As `2021/**` + `/*.parquet`; see the guide. */
  readonly glob?: string | undefined
  /** No more than so many. */
  readonly limit?: number | undefined
  readonly signal?: AbortSignal | undefined
}

export interface Place {
  readonly bucket: string
  /** What all names begin with, with a slash at its end, or nothing. */
  readonly folder: string
}

/** As many as Google gives at once. */
const PAGE_MAX = 1000

const page = z.object({
  items: z.array(objectResource).default([]),
  prefixes: z.array(z.string()).default([]),
  nextPageToken: z.string().optional(),
})

/** Objects in the order of their names; one page of them is held at a time. */
export async function* list(api: Api, { bucket, folder }: Place, options: ListOptions): AsyncGenerator<ObjectInfo> {
  const { prefix = '', glob, limit = Infinity, signal } = options
  const pattern = glob === undefined ? undefined : parseGlob(glob)
  // Both are beginnings of the same names.
  const start = pattern !== undefined && pattern.prefix.startsWith(prefix) ? pattern.prefix : prefix
  let left = limit
  if (left <= 0) return
  for await (const { items } of pages(api, bucket, {
    prefix: `${folder}${start}`,
    pageSize: pattern === undefined ? left : PAGE_MAX,
    signal,
  })) {
    for (const item of items) {
      const info = objectInfo(item, folder)
      if (!info.name.startsWith(prefix) || (pattern !== undefined && !pattern.matches(info.name))) continue
      yield info
      left -= 1
      if (left <= 0) return
    }
  }
}

/** Folders directly below a prefix, without looking at what is in them. Each ends with a slash. */
export async function* listFolders(api: Api, { bucket, folder }: Place, options: Omit<ListOptions, 'glob'>): AsyncGenerator<string> {
  const { prefix = '', limit = Infinity, signal } = options
  let left = limit
  for await (const { prefixes } of pages(api, bucket, { prefix: `${folder}${prefix}`, pageSize: PAGE_MAX, delimiter: '/', signal })) {
    for (const each of prefixes) {
      if (left <= 0) return
      yield each.slice(folder.length)
      left -= 1
    }
  }
}

interface PageQuery {
  readonly prefix: string
  readonly pageSize: number
  readonly delimiter?: string
  readonly signal: AbortSignal | undefined
}

async function* pages(api: Api, bucket: string, { prefix, pageSize, delimiter, signal }: PageQuery): AsyncGenerator<z.infer<typeof page>> {
  let pageToken: string | undefined
  do {
    const answer = await api.json({
      method: 'GET',
      url: `/storage/v1/b/${encodeURIComponent(bucket)}/o`,
      query: {
        prefix: prefix === '' ? undefined : prefix,
        delimiter,
        maxResults: Math.min(pageSize, PAGE_MAX),
        pageToken,
        fields: `items(${OBJECT_FIELDS}),prefixes,nextPageToken`,
      },
      what: `gs://${bucket}/${prefix} was not listed`,
      signal,
    })
    const read = page.parse(answer)
    yield read
    pageToken = read.nextPageToken
  } while (pageToken !== undefined)
}
