import type { Api, ApiAnswer, ApiCall } from '../api.ts'
import { readBody } from '../answer-body.ts'
import { gaveUp, PassingFailure } from '../api-failure.ts'
import { Crc32c } from '../crc32c.ts'
import { gcpError } from '../errors.ts'
import { Retries } from '../retry.ts'
import { preconditionsQuery } from './preconditions.ts'
import type { Preconditions } from './preconditions.ts'
import type { Progress } from './upload.ts'

export interface Download extends Preconditions {
  readonly bucket: string
  /** The whole name, with the bucket's folder. */
  readonly name: string
  /** Of an older version, when the bucket keeps them. */
  readonly generation?: string | undefined
  /** The first byte that is wanted, from 0. */
  readonly start?: number | undefined
  /** The first byte that is not wanted any more. */
  readonly end?: number | undefined
  readonly onProgress?: ((progress: Progress) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** An object that is being read: its bytes must be read to their end, or their stream be closed. */
export interface OpenDownload {
  readonly generation: string
  /** Of the stored object. */
  readonly sizeBytes: number
  /** The bytes are packed by it. */
  readonly encoding: string | undefined
  /** Of the stored object; `undefined` when only a part of it is read. */
  readonly crc32c: string | undefined
  /** Where `bytes` are not wanted after all. */
  close(): void
  /**
   * As they are stored. A connection that is cut goes on where it was, in the same generation. When all of the object was read its checksum
   * is compared: the stream fails at its end if it is another one.
   */
  readonly bytes: AsyncGenerator<Buffer>
}

/** Begins to read an object. */
export async function openDownload(api: Api, it: Download): Promise<OpenDownload> {
  const start = it.start ?? 0
  const answer = await api.ask(callOf(it, start, it.generation))
  const { headers } = answer
  const generation = headers.get('x-goog-generation') ?? it.generation
  if (generation === undefined) {
    answer.body.destroy()
    throw gcpError('REFUSED', `${whatOf(it)}: what answered is not Cloud Storage`)
  }
  const begun = { generation, start, end: endOf(headers, start), crc32c: wholeCrc(headers, it) }
  const encoding = headers.get('x-goog-stored-content-encoding') ?? headers.get('content-encoding') ?? 'identity'
  return {
    generation,
    sizeBytes: Number(headers.get('x-goog-stored-content-length') ?? begun.end),
    encoding: encoding === 'identity' ? undefined : encoding,
    crc32c: begun.crc32c,
    close: () => void answer.body.destroy(),
    bytes: bytesOf(api, it, { ...begun, answer }),
  }
}

interface Begun {
  readonly generation: string
  readonly start: number
  /** Behind the last byte that is wanted. */
  readonly end: number
  /** Only when all of the object is read. */
  readonly crc32c: string | undefined
  readonly answer: ApiAnswer
}

async function* bytesOf(api: Api, it: Download, { generation, start, end, crc32c, answer: first }: Begun): AsyncGenerator<Buffer> {
  const what = whatOf(it)
  const retries = new Retries(api.options)
  const crc = new Crc32c()
  let answer = first
  let position = start
  for (;;) {
    try {
      for await (const chunk of readBody(answer.body, { idleMs: api.options.timeoutMs, signal: it.signal })) {
        position += chunk.length
        if (crc32c !== undefined) crc.update(chunk)
        retries.progress()
        it.onProgress?.({ name: it.name, bytes: position - start, totalBytes: end - start })
        yield chunk
      }
      if (position >= end) break
      throw new PassingFailure(`only ${position - start} of ${end - start} bytes have come`)
    } catch (error) {
      if (!(error instanceof PassingFailure)) throw error
      // Cut behind the last byte.
      if (position >= end) break
      await retries.after(error, { signal: it.signal }).catch((last: unknown) => {
        throw gaveUp(what, last)
      })
      answer = await api.ask(callOf(it, position, generation))
    }
  }
  if (crc32c !== undefined && crc32c !== crc.toBase64()) {
    throw gcpError('DATA_CORRUPT', `${what} as it is: its checksum is ${crc32c}, that of the bytes that came is ${crc.toBase64()}`)
  }
}

function callOf(it: Download, position: number, generation: string | undefined): ApiCall {
  const isAll = position === 0 && it.end === undefined
  return {
    method: 'GET',
    url: `/storage/v1/b/${encodeURIComponent(it.bucket)}/o/${encodeURIComponent(it.name)}`,
    query: { alt: 'media', generation, ...preconditionsQuery(it) },
    headers: {
      // What is stored packed comes packed: ranges and checksums are of what is stored.
      'accept-encoding': 'gzip',
      ...(!isAll && { range: `bytes=${position}-${it.end === undefined ? '' : it.end - 1}` }),
    },
    what: whatOf(it),
    signal: it.signal,
  }
}

function whatOf({ bucket, name }: Download): string {
  return `gs://${bucket}/${name} was not downloaded`
}

function endOf(headers: Headers, start: number): number {
  const last = /^bytes \d+-(\d+)\//.exec(headers.get('content-range') ?? '')?.[1]
  if (last !== undefined) return Number(last) + 1
  return start + Number(headers.get('content-length') ?? headers.get('x-goog-stored-content-length') ?? 0)
}

function wholeCrc(headers: Headers, { start = 0, end }: Download): string | undefined {
  if (start !== 0 || end !== undefined) return undefined
  return /crc32c=([^,\s]+)/.exec(headers.get('x-goog-hash') ?? '')?.[1]
}
