import { createHash, randomUUID } from 'node:crypto'
import type { Hash } from 'node:crypto'
import { closeSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { crc32c, crcText } from './crc32c.ts'
import type { Disk, StoredObject, Sums } from './disk.ts'
import { chunksOf, readBody, readJson, sendJson, sendNothing, ServiceError } from './http.ts'
import type { Call } from './http.ts'
import { checkPreconditions } from './preconditions.ts'
import { viewOf } from './view.ts'

/** A resumable upload: the bytes that have come are kept, also those of a connection that was cut. */
interface Session {
  readonly bucket: string
  readonly name: string
  readonly file: string
  readonly query: URLSearchParams
  readonly metadata: Readonly<Record<string, unknown>>
  readonly md5: Hash
  size: number
  crc: number
  object: StoredObject | undefined
}

/** Parts of an upload but the last must be multiples of it. */
const PART_BYTES = 256 * 1024

export class Uploads {
  readonly #disk: Disk
  readonly #sessions = new Map<string, Session>()

  constructor(disk: Disk) {
    this.#disk = disk
  }

  async answer(call: Call, bucket: string, url: string): Promise<void> {
    const id = call.query.get('upload_id')
    if (id !== null) return call.method === 'DELETE' ? this.#abandon(call, id) : this.#take(call, id, url)
    this.#disk.bucket(bucket)
    switch (call.query.get('uploadType')) {
      case 'media':
        return this.#whole(call, bucket, url)
      case 'multipart':
        return this.#multipart(call, bucket, url)
      case 'resumable':
        return this.#begin(call, bucket, url)
      default:
        throw new ServiceError(400, 'badRequest', 'uploadType is media, multipart or resumable')
    }
  }

  async #whole(call: Call, bucket: string, url: string): Promise<void> {
    const { query, request, response } = call
    const bytes = await readBody(call)
    const metadata = { contentType: request.headers['content-type'], contentEncoding: query.get('contentEncoding') ?? undefined }
    const object = this.#disk.putBytes({ bucket, name: query.get('name') ?? '', metadata, query }, bytes)
    sendJson(response, 200, viewOf(object, url))
  }

  async #multipart(call: Call, bucket: string, url: string): Promise<void> {
    const { query, request, response } = call
    const { metadata, media } = readRelated(await readBody(call), request.headers['content-type'] ?? '')
    const name = query.get('name') ?? String(metadata['name'] ?? '')
    const object = this.#disk.putBytes({ bucket, name, metadata, query }, media)
    sendJson(response, 200, viewOf(object, url))
  }

  async #begin(call: Call, bucket: string, url: string): Promise<void> {
    const { query, request, response, path } = call
    const sent = await readJson(call)
    const name = query.get('name') ?? String(sent['name'] ?? '')
    checkPreconditions(query, this.#disk.bucket(bucket).objects.get(name))
    const contentEncoding = query.get('contentEncoding') ?? undefined
    const metadata = { contentType: request.headers['x-upload-content-type'], contentEncoding, ...sent }
    const file = this.#disk.scratch()
    writeFileSync(file, '')
    const id = randomUUID()
    this.#sessions.set(id, { bucket, name, file, query, metadata, md5: createHash('md5'), size: 0, crc: 0, object: undefined })
    const location = new URLSearchParams(query)
    location.set('upload_id', id)
    sendNothing(response, 200, { location: `${url}${path}?${location.toString()}`, 'x-guploader-uploadid': id })
  }

  #abandon({ response }: Call, id: string): void {
    const session = this.#sessions.get(id)
    this.#sessions.delete(id)
    if (session !== undefined) rmSync(session.file, { force: true })
    sendNothing(response, 499)
  }

  /** Takes a part of the bytes, or says how many there are. */
  async #take(call: Call, id: string, url: string): Promise<void> {
    const { request, response } = call
    const session = this.#sessions.get(id)
    if (session === undefined) throw new ServiceError(404, 'notFound', 'upload session not found')
    if (session.object !== undefined) {
      request.resume()
      return sendJson(response, 200, viewOf(session.object, url))
    }
    const range = readRange(request.headers['content-range'])
    if (range.start === undefined) request.resume()
    else await this.#append(call, session, range.start)
    const total = range.total === 'rest' ? session.size : range.total
    if (total === undefined || session.size < total) return sendProgress(call, id, session, range.start !== undefined)
    session.object = this.#finish(session, request.headers['x-goog-hash'])
    sendJson(response, 200, viewOf(session.object, url))
  }

  async #append(call: Call, session: Session, start: number): Promise<void> {
    if (start > session.size) {
      call.request.resume()
      throw new ServiceError(503, 'backendError', `expected bytes from ${session.size}`)
    }
    let known = session.size - start
    const file = openSync(session.file, 'a')
    try {
      for await (const chunk of chunksOf(call)) {
        const fresh = chunk.subarray(Math.min(known, chunk.length))
        known -= chunk.length - fresh.length
        if (fresh.length === 0) continue
        writeSync(file, fresh)
        session.size += fresh.length
        session.crc = crc32c(fresh, session.crc)
        session.md5.update(fresh)
      }
    } finally {
      closeSync(file)
    }
  }

  #finish({ bucket, name, file, query, metadata, md5, size, crc }: Session, hashes: string | string[] | undefined): StoredObject {
    const sums: Sums = { size, crc32c: crcText(crc), md5Hash: md5.digest('base64') }
    return this.#disk.put({ bucket, name, file, query, metadata: { ...metadata, ...readHashes(hashes) }, sums })
  }
}

/** `total`: `undefined` when it is not known yet; 'rest' when the object ends with this request. */
function readRange(header: string | undefined): { readonly start: number | undefined; readonly total: number | undefined | 'rest' } {
  if (header === undefined) return { start: 0, total: 'rest' }
  const found = /^bytes (?:(\d+)-(\d+|\*)|\*)\/(\d+|\*)$/.exec(header)
  if (found === null) throw new ServiceError(400, 'badRequest', `Invalid content range: ${header}`)
  const [, start, end, total] = found
  // How Google's client says that it does not know where it will end: `0-*/*`.
  const known = total === '*' ? (end === '*' ? 'rest' : undefined) : Number(total)
  return { start: start === undefined ? undefined : Number(start), total: known }
}

function sendProgress({ request, response }: Call, id: string, { size }: Session, hasBytes: boolean): void {
  const length = Number(request.headers['content-length'] ?? 0)
  if (hasBytes && length % PART_BYTES !== 0) {
    throw new ServiceError(400, 'badRequest', `Parts must be multiples of ${PART_BYTES} bytes, this one has ${length}`)
  }
  sendNothing(response, 308, { 'x-guploader-uploadid': id, ...(size > 0 && { range: `bytes=0-${size - 1}` }) })
}

/** `crc32c=…,md5=…`, as the last request of an upload may say it. */
function readHashes(header: string | string[] | undefined): Readonly<Record<string, string>> {
  const text = Array.isArray(header) ? header.join(',') : (header ?? '')
  const crc = /crc32c=([^,\s]+)/.exec(text)?.[1]
  const md5 = /md5=([^,\s]+)/.exec(text)?.[1]
  return { ...(crc !== undefined && { crc32c: crc }), ...(md5 !== undefined && { md5Hash: md5 }) }
}

/** multipart/related: the metadata as JSON, then the bytes. */
function readRelated(body: Buffer, type: string): { readonly metadata: Readonly<Record<string, unknown>>; readonly media: Buffer } {
  const boundary = /boundary=("?)([^";]+)\1/.exec(type)?.[2]
  if (boundary === undefined) throw new ServiceError(400, 'badRequest', 'the boundary of the parts is missing')
  const [first, second] = splitParts(body, Buffer.from(`--${boundary}`))
  if (first === undefined || second === undefined) throw new ServiceError(400, 'badRequest', 'Malformed multipart body.')
  const contentType = /content-type:\s*(.+)/i.exec(second.headers)?.[1]?.trim()
  const metadata = JSON.parse(first.content.toString()) as Record<string, unknown> // the service takes objects only
  return { metadata: { ...(contentType !== undefined && { contentType }), ...metadata }, media: second.content }
}

function splitParts(body: Buffer, mark: Buffer): readonly { readonly headers: string; readonly content: Buffer }[] {
  const parts = []
  let at = body.indexOf(mark)
  while (at >= 0 && parts.length < 2) {
    const next = body.indexOf(mark, at + mark.length)
    if (next < 0) break
    const part = body.subarray(at + mark.length + 2, next - 2)
    const blank = part.indexOf('\r\n\r\n')
    parts.push({ headers: part.subarray(0, blank).toString(), content: part.subarray(blank + 4) })
    at = next
  }
  return parts
}
