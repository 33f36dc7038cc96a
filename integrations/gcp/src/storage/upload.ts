import { randomBytes } from 'node:crypto'
import { isTuttiError } from 'tutti'
import type { Api, ApiAnswer, ApiCall } from '../api.ts'
import { gaveUp, PassingFailure } from '../api-failure.ts'
import { readText } from '../answer-body.ts'
import { Crc32c } from '../crc32c.ts'
import { gcpError } from '../errors.ts'
import { Retries } from '../retry.ts'
import { objectResource } from './object-info.ts'
import type { ObjectResource } from './object-info.ts'
import { piecesOf, stoppable } from './pieces.ts'
import type { Piece, Source } from './pieces.ts'
import { hasPreconditions, preconditionsQuery } from './preconditions.ts'
import type { Preconditions } from './preconditions.ts'

/** What is kept with the bytes. */
export interface ObjectMetadata {
  readonly contentType?: string | undefined
  /** `gzip`, when the bytes are packed so: browsers and Google unpack them for whoever asks. */
  readonly contentEncoding?: string | undefined
  readonly contentDisposition?: string | undefined
  readonly cacheControl?: string | undefined
  readonly metadata?: Readonly<Record<string, string>> | undefined
  /** `NEARLINE`, `COLDLINE`, `ARCHIVE`; that of the bucket when nothing is given. */
  readonly storageClass?: string | undefined
}

export interface Progress {
  readonly name: string
  /** That have arrived. */
  readonly bytes: number
  /** When it is known. */
  readonly totalBytes: number | undefined
}

export interface Upload extends Preconditions {
  readonly bucket: string
  /** The whole name, with the bucket's folder. */
  readonly name: string
  readonly source: Source
  readonly metadata: ObjectMetadata
  readonly pieceBytes: number
  readonly onProgress?: ((progress: Progress) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** Times that an upload is begun again, when Google has lost it or other bytes arrived than were sent. */
const BEGINNINGS_MAX = 3

/** What Google takes at once is a multiple of it, but for the end. */
const UNIT_BYTES = 256 * 1024

/** Uploads an object. It is there as a whole or not at all: Google makes it when the last byte has come and the checksum is right. */
export async function upload(api: Api, it: Upload): Promise<ObjectResource> {
  for (let beginning = 1; ; beginning++) {
    try {
      return await uploadOnce(api, it)
    } catch (error) {
      const mayBeginAgain = isTuttiError(error, 'gcp/UPLOAD_LOST') || isTuttiError(error, 'gcp/DATA_CORRUPT')
      if (!mayBeginAgain || !it.source.isRepeatable || beginning === BEGINNINGS_MAX) throw error
      it.signal?.throwIfAborted()
    }
  }
}

async function uploadOnce(api: Api, it: Upload): Promise<ObjectResource> {
  const what = `gs://${it.bucket}/${it.name} was not uploaded`
  const pieces = piecesOf(stoppable(it.source.open(), it.signal), it.pieceBytes)
  const crc = new Crc32c()
  let session: Session | undefined
  try {
    for await (const { bytes, isLast } of pieces) {
      crc.update(bytes)
      // Without conditions writing it twice makes no difference: one request is enough for what is small.
      if (session === undefined && isLast && !hasPreconditions(it)) return await uploadAtOnce(api, it, { bytes, crc: crc.toBase64(), what })
      session ??= await Session.begin(api, it, what)
      const object = await session.send({ bytes, isLast }, crc.toBase64())
      if (object !== undefined) return checked(object, crc.toBase64(), what)
    }
    throw new Error('a stream ended without its last piece')
  } catch (error) {
    await session?.abandon()
    throw error
  }
}

interface Whole {
  readonly bytes: Uint8Array
  readonly crc: string
  readonly what: string
}

/** Metadata and bytes in one request. */
async function uploadAtOnce(api: Api, it: Upload, { bytes, crc, what }: Whole): Promise<ObjectResource> {
  // No bytes of a user can have it in them but by a chance that never happens.
  const boundary = randomBytes(24).toString('hex')
  const metadata = JSON.stringify({ ...it.metadata, name: it.name, crc32c: crc })
  const type = it.metadata.contentType ?? 'application/octet-stream'
  const body = Buffer.concat([
    Buffer.from(`--${boundary}\r\ncontent-type: application/json; charset=UTF-8\r\n\r\n${metadata}\r\n`),
    Buffer.from(`--${boundary}\r\ncontent-type: ${type}\r\n\r\n`),
    bytes,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ])
  const answer = await api
    .json({
      method: 'POST',
      url: `/upload/storage/v1/b/${encodeURIComponent(it.bucket)}/o`,
      query: { uploadType: 'multipart' },
      headers: { 'content-type': `multipart/related; boundary=${boundary}` },
      body,
      what,
      signal: it.signal,
    })
    .catch((error: unknown) => {
      throw corruptOr(error, what)
    })
  it.onProgress?.({ name: it.name, bytes: bytes.length, totalBytes: bytes.length })
  return checked(objectResource.parse(answer), crc, what)
}

/** An upload in pieces. Google keeps what has come, so a piece that fails goes on where it was cut. */
class Session {
  readonly #api: Api
  readonly #it: Upload
  readonly #url: string
  readonly #what: string
  readonly #retries: Retries
  /** Bytes of which Google has said that they have come. */
  #arrived = 0
  /** What follows those, as far as it was read. */
  #pending: Uint8Array = new Uint8Array()

  private constructor(api: Api, it: Upload, { url, what }: { readonly url: string; readonly what: string }) {
    this.#api = api
    this.#it = it
    this.#url = url
    this.#what = what
    this.#retries = new Retries(api.options)
  }

  static async begin(api: Api, it: Upload, what: string): Promise<Session> {
    const { bucket, name, metadata, source, signal } = it
    const { headers, body } = await api.ask({
      method: 'POST',
      url: `/upload/storage/v1/b/${encodeURIComponent(bucket)}/o`,
      query: { uploadType: 'resumable', name, ...preconditionsQuery(it) },
      headers: {
        'content-type': 'application/json; charset=UTF-8',
        ...(metadata.contentType !== undefined && { 'x-upload-content-type': metadata.contentType }),
        ...(source.sizeBytes !== undefined && { 'x-upload-content-length': String(source.sizeBytes) }),
      },
      body: JSON.stringify(metadata),
      what,
      signal,
    })
    body.destroy()
    const url = headers.get('location')
    if (url === null) throw gcpError('REFUSED', `${what}: Google did not say where its bytes should go`)
    return new Session(api, it, { url, what })
  }

  /** Sends a piece, however often it takes. Answers with the object once it is made. */
  async send({ bytes, isLast }: Piece, crc: string): Promise<ObjectResource | undefined> {
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes])
    const total = isLast ? String(this.#arrived + this.#pending.length) : '*'
    for (;;) {
      // A connection that was cut may leave less than a unit: it goes with the next piece.
      const length = isLast ? this.#pending.length : this.#pending.length - (this.#pending.length % UNIT_BYTES)
      if (length === 0 && !isLast) return undefined
      try {
        const before = this.#arrived
        const object = await this.#put({ bytes: this.#pending.subarray(0, length), total, ...(isLast && { crc }) })
        if (object !== undefined) return object
        if (this.#arrived - before < length || isLast)
          throw new PassingFailure(`only ${this.#arrived - before} of ${length} bytes have come`)
      } catch (error) {
        const object = await this.#recover(error, total)
        if (object !== undefined) return object
      }
    }
  }

  /** Waits, then asks what has come. */
  async #recover(failure: unknown, total: string): Promise<ObjectResource | undefined> {
    let reason = failure
    for (;;) {
      if (!(reason instanceof PassingFailure)) throw reason
      await this.#retries.after(reason, { retryAfterMs: reason.retryAfterMs, signal: this.#it.signal }).catch((last: unknown) => {
        throw gaveUp(this.#what, last)
      })
      try {
        return await this.#put({ bytes: undefined, total })
      } catch (error) {
        reason = error
      }
    }
  }

  /** One request: bytes from where Google has them, or, without any, the question how many have come. */
  async #put({
    bytes,
    total,
    crc,
  }: {
    readonly bytes: Uint8Array | undefined
    readonly total: string
    readonly crc?: string
  }): Promise<ObjectResource | undefined> {
    const { signal } = this.#it
    const isEmpty = bytes === undefined || bytes.length === 0
    const range = isEmpty ? '*' : `${this.#arrived}-${this.#arrived + bytes.length - 1}`
    const call: ApiCall = {
      method: 'PUT',
      url: this.#url,
      headers: { 'content-range': `bytes ${range}/${total}`, ...(crc !== undefined && { 'x-goog-hash': `crc32c=${crc}` }) },
      body: bytes ?? '',
      what: this.#what,
      signal,
    }
    const answer = await this.#api.send(call)
    if (answer.status === 308) return this.#notice(answer)
    if (answer.status === 404 || answer.status === 410) {
      answer.body.destroy()
      throw gcpError('UPLOAD_LOST', `${this.#what}: Google does not know it any more`)
    }
    if (answer.status < 200 || answer.status > 299) throw corruptOr(await this.#api.failureOf(answer, call), this.#what)
    const object = objectResource.parse(JSON.parse(await readText(answer.body, { idleMs: this.#api.options.timeoutMs, signal })))
    this.#tell(Number(object.size))
    return object
  }

  /** Reads how many bytes have come. */
  #notice({ headers, body }: ApiAnswer): undefined {
    body.destroy()
    const last = /^bytes=0-(\d+)$/.exec(headers.get('range') ?? '')?.[1]
    const arrived = last === undefined ? 0 : Number(last) + 1
    const fresh = arrived - this.#arrived
    if (fresh < 0 || fresh > this.#pending.length) throw gcpError('UPLOAD_LOST', `${this.#what}: Google has other bytes than were sent`)
    this.#pending = this.#pending.subarray(fresh)
    if (fresh > 0) this.#tell(arrived)
  }

  #tell(arrived: number): void {
    if (arrived > this.#arrived) this.#retries.progress()
    this.#arrived = arrived
    this.#it.onProgress?.({ name: this.#it.name, bytes: arrived, totalBytes: this.#it.source.sizeBytes })
  }

  /** Gives the upload up, so that Google does not keep its bytes for a week. */
  async abandon(): Promise<void> {
    try {
      const { body } = await this.#api.send({ method: 'DELETE', url: this.#url, what: this.#what, signal: AbortSignal.timeout(ABANDON_MS) })
      body.destroy()
    } catch {
      // It ends by itself after a week.
    }
  }
}

/** A run that is cancelled does not wait for more. */
const ABANDON_MS = 3000

function checked(object: ObjectResource, crc: string, what: string): ObjectResource {
  if (object.crc32c === crc) return object
  throw gcpError('DATA_CORRUPT', `${what} as it is: Google's checksum is ${object.crc32c}, that of the bytes that were sent is ${crc}`)
}

/** Google refuses bytes whose checksum is another one, with the words of a bad request. */
function corruptOr(error: unknown, what: string): unknown {
  if (!isTuttiError(error, 'gcp/REFUSED') || !/crc32c/i.test(error.message)) return error
  return gcpError('DATA_CORRUPT', `${what}: other bytes arrived than were sent`, { cause: error })
}
