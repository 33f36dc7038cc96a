import { copyFileSync, readFileSync } from 'node:fs'
import type { Disk, StoredObject } from './disk.ts'
import { sendMedia } from './downloads.ts'
import { readJson, sendJson, sendNothing, ServiceError } from './http.ts'
import type { Call } from './http.ts'
import { checkPreconditions } from './preconditions.ts'
import { viewOf } from './view.ts'

const SOURCES_MAX = 32
const CHANGEABLE = ['contentType', 'contentEncoding', 'contentDisposition', 'contentLanguage', 'cacheControl']

export interface ObjectName {
  readonly bucket: string
  readonly name: string
}

export interface Answering {
  readonly disk: Disk
  readonly url: string
}

/** One object: shown, downloaded, changed, deleted. */
export async function answerObject(call: Call, { bucket, name }: ObjectName, { disk, url }: Answering): Promise<void> {
  const { method, query, response } = call
  const object = disk.object(bucket, name)
  const generation = query.get('generation')
  if (generation !== null && generation !== object.generation) {
    throw new ServiceError(404, 'notFound', `No such object: ${bucket}/${name}#${generation}`)
  }
  checkPreconditions(query, object)
  switch (method) {
    case 'GET':
    case 'HEAD':
      return query.get('alt') === 'media' ? sendMedia(call, object, disk.fileOf(object)) : sendJson(response, 200, viewOf(object, url))
    case 'DELETE':
      disk.delete(object)
      return sendNothing(response, 204)
    case 'PATCH':
    case 'PUT': {
      const changed = change(object, await readJson(call))
      disk.save(changed)
      return sendJson(response, 200, viewOf(changed, url))
    }
    default:
      throw new ServiceError(405, 'methodNotAllowed')
  }
}

function change(object: StoredObject, changes: Readonly<Record<string, unknown>>): StoredObject {
  const changed: Record<string, unknown> = {
    ...object,
    ...Object.fromEntries(CHANGEABLE.filter((key) => key in changes).map((key) => [key, changes[key]])),
    metageneration: String(Number(object.metageneration) + 1),
    updated: new Date().toISOString(),
  }
  if (changes['metadata'] === null) delete changed['metadata']
  else if (changes['metadata'] !== undefined) {
    const merged = Object.entries({ ...object.metadata, ...(changes['metadata'] as object) }) // an object, as the service takes it
    changed['metadata'] = Object.fromEntries(merged.filter(([, value]) => value !== null))
  }
  return changed as StoredObject // with all that it had
}

/** Makes one object of up to 32. */
export async function compose(call: Call, { bucket, name }: ObjectName, { disk, url }: Answering): Promise<void> {
  const body = await readJson(call)
  const sources = (body['sourceObjects'] ?? []) as readonly { readonly name: string; readonly generation?: string | number }[] // of the service
  if (sources.length === 0 || sources.length > SOURCES_MAX) {
    throw new ServiceError(400, 'invalid', `compose takes 1 to ${SOURCES_MAX} source objects`)
  }
  const objects = sources.map((source) => {
    const object = disk.object(bucket, source.name)
    if (source.generation !== undefined && String(source.generation) !== object.generation) {
      throw new ServiceError(404, 'notFound', `No such object: ${bucket}/${source.name}`)
    }
    return object
  })
  const bytes = Buffer.concat(objects.map((object) => readFileSync(disk.fileOf(object))))
  const metadata = (body['destination'] ?? {}) as Readonly<Record<string, unknown>> // an object, as the service takes it
  const composed = disk.putBytes({ bucket, name, metadata, query: call.query }, bytes, { componentCount: sources.length })
  sendJson(call.response, 200, viewOf(composed, url))
}

/** Copies an object in one request, or in several when the caller allows only so many bytes in each. */
export async function rewrite(call: Call, from: ObjectName, to: ObjectName, answering: Answering): Promise<void> {
  const { disk, url } = answering
  const { query, response } = call
  const changes = await readJson(call)
  const source = disk.object(from.bucket, from.name)
  checkPreconditions(query, source, 'ifSource')
  disk.bucket(to.bucket)
  const size = Number(source.size)
  const before = Number(query.get('rewriteToken')?.split('-')[0] ?? 0)
  const done = Math.min(size, before + Number(query.get('maxBytesRewrittenPerCall') ?? size))
  const progress = { kind: 'storage#rewriteResponse', totalBytesRewritten: String(done), objectSize: source.size }
  if (done < size) return sendJson(response, 200, { ...progress, done: false, rewriteToken: `${done}-${source.generation}` })
  sendJson(response, 200, { ...progress, done: true, resource: viewOf(copyObject(source, to, changes, { disk, query }), url) })
}

export async function copy(call: Call, from: ObjectName, to: ObjectName, { disk, url }: Answering): Promise<void> {
  const source = disk.object(from.bucket, from.name)
  checkPreconditions(call.query, source, 'ifSource')
  const copied = copyObject(source, to, await readJson(call), { disk, query: call.query })
  sendJson(call.response, 200, viewOf(copied, url))
}

function copyObject(
  source: StoredObject,
  { bucket, name }: ObjectName,
  changes: Readonly<Record<string, unknown>>,
  { disk, query }: { readonly disk: Disk; readonly query: URLSearchParams },
): StoredObject {
  const file = disk.scratch()
  copyFileSync(disk.fileOf(source), file)
  const { crc32c, md5Hash, ...metadata } = source
  const sums = { size: Number(source.size), crc32c, ...(md5Hash !== undefined && { md5Hash }) }
  return disk.put({ bucket, name, file, query, metadata: { ...metadata, ...changes }, sums })
}
