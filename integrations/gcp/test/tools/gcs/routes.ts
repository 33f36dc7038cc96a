import { listPage } from './listing.ts'
import { readJson, sendJson, sendNothing, ServiceError } from './http.ts'
import type { Call } from './http.ts'
import { answerObject, compose, copy, rewrite } from './objects.ts'
import type { Answering } from './objects.ts'
import type { Uploads } from './uploads.ts'
import { viewOf } from './view.ts'
import { sendMedia } from './downloads.ts'

interface Route {
  /** Of the path without `/storage/v1`; parts in brackets are handed over decoded. */
  readonly path: RegExp
  readonly answer: (call: Call, parts: readonly string[], answering: Answering & { readonly uploads: Uploads }) => Promise<void> | void
}

const routes: readonly Route[] = [
  {
    path: /^(?:\/resumable)?\/upload(?:\/resumable)?\/storage\/v1\/b\/([^/]+)\/o$/,
    answer: (call, [bucket = ''], { uploads, url }) => uploads.answer(call, bucket, url),
  },
  {
    path: /^\/download\/storage\/v1\/b\/([^/]+)\/o\/(.+)$/,
    answer: (call, [bucket = '', name = ''], { disk }) => {
      const object = disk.object(bucket, name)
      sendMedia(call, object, disk.fileOf(object))
    },
  },
  { path: /^\/b$/, answer: answerBuckets },
  { path: /^\/b\/([^/]+)$/, answer: answerBucket },
  { path: /^\/b\/([^/]+)\/iam\/testPermissions$/, answer: answerPermissions },
  { path: /^\/b\/([^/]+)\/o$/, answer: answerList },
  {
    path: /^\/b\/([^/]+)\/o\/([^/]+)\/compose$/,
    answer: (call, [bucket = '', name = ''], answering) => compose(call, { bucket, name }, answering),
  },
  {
    path: /^\/b\/([^/]+)\/o\/([^/]+)\/(rewriteTo|copyTo)\/b\/([^/]+)\/o\/([^/]+)$/,
    answer: (call, [bucket = '', name = '', verb, toBucket = '', toName = ''], answering) =>
      (verb === 'copyTo' ? copy : rewrite)(call, { bucket, name }, { bucket: toBucket, name: toName }, answering),
  },
  {
    path: /^\/b\/([^/]+)\/o\/(.+)$/,
    answer: (call, [bucket = '', name = ''], answering) => answerObject(call, { bucket, name }, answering),
  },
  // What signed addresses name: bucket and object, as people see them.
  {
    path: /^\/([a-z0-9][a-z0-9._-]+)\/(.+)$/,
    answer: (call, [bucket = '', name = ''], answering) => answerSigned(call, bucket, name, answering),
  },
]

export async function answer(call: Call, answering: Answering & { readonly uploads: Uploads }): Promise<void> {
  const path = call.path.replace(/^\/storage\/v1/, '')
  for (const route of routes) {
    const found = route.path.exec(path)
    if (found !== null) return route.answer(call, found.slice(1).map(decodeURIComponent), answering)
  }
  throw new ServiceError(404, 'notFound', `no route: ${call.method} ${call.path}`)
}

async function answerBuckets(call: Call, _: readonly string[], { disk }: Answering): Promise<void> {
  if (call.method === 'POST') return sendJson(call.response, 200, disk.createBucket(await readJson(call)))
  sendJson(call.response, 200, { kind: 'storage#buckets', items: disk.buckets() })
}

async function answerBucket(call: Call, [name = '']: readonly string[], { disk }: Answering): Promise<void> {
  const { method, response } = call
  disk.bucket(name)
  if (method === 'DELETE') {
    disk.deleteBucket(name)
    return sendNothing(response, 204)
  }
  sendJson(response, 200, method === 'PATCH' ? disk.changeBucket(name, await readJson(call)) : disk.bucket(name).metadata)
}

/** Whoever comes may do everything. */
function answerPermissions({ query, response }: Call, [bucket = '']: readonly string[], { disk }: Answering): void {
  disk.bucket(bucket)
  sendJson(response, 200, { kind: 'storage#testIamPermissionsResponse', permissions: query.getAll('permissions') })
}

function answerList({ query, response }: Call, [bucket = '']: readonly string[], { disk, url }: Answering): void {
  const { items, prefixes, nextPageToken } = listPage(disk.bucket(bucket).objects, query)
  sendJson(response, 200, {
    kind: 'storage#objects',
    ...(items.length > 0 && { items: items.map((object) => viewOf(object, url)) }),
    ...(prefixes.length > 0 && { prefixes }),
    ...(nextPageToken !== undefined && { nextPageToken }),
  })
}

/** Looks at the time of a signed address, not at its signature: that one is checked where the key is known. */
async function answerSigned(call: Call, bucket: string, name: string, { disk }: Answering): Promise<void> {
  const { query, method, request, response } = call
  const at = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(query.get('X-Goog-Date') ?? '')
  if (at === null || query.get('X-Goog-Signature') === null) throw new ServiceError(403, 'forbidden', 'Anonymous caller')
  const [, year, month, day, hour, minute, second] = at.map(Number)
  const signedAt = Date.UTC(year!, month! - 1, day, hour, minute, second)
  if (Date.now() > signedAt + Number(query.get('X-Goog-Expires')) * 1000)
    throw new ServiceError(400, 'expired', 'The provided token has expired.')
  if (method !== 'PUT') {
    const object = disk.object(bucket, name)
    return sendMedia(call, object, disk.fileOf(object))
  }
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer) // no encoding is set
  const metadata = { contentType: request.headers['content-type'] }
  disk.putBytes({ bucket, name, metadata, query: new URLSearchParams() }, Buffer.concat(chunks))
  sendNothing(response, 200)
}
