// Files from the web. What can be repeated is repeated, a transfer that broke goes on where it was, and a file that is not whole is never handed on.
import { createWriteStream } from 'node:fs'
import { stat, truncate } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import { setTimeout as wait } from 'node:timers/promises'
import { parseDuration } from 'tutti'
import type { Duration } from 'tutti'
import { DuckDbError } from './errors.ts'
import { shownUrl } from './source.ts'

export interface DownloadOptions {
  readonly headers?: Readonly<Record<string, string>>
  /** How often it is tried again when the server is busy or the line breaks. Default 4. */
  readonly retries?: number
  /** The longest all of it may take. Default 30 minutes. */
  readonly timeout?: Duration
  /** The longest that nothing may arrive; then the line counts as broken. Default 30 seconds. */
  readonly stallTimeout?: Duration
  /** Before the first retry; it doubles. What the server says in `Retry-After` overrules it. Default 500 milliseconds. */
  readonly retryDelay?: Duration
}

export interface Transferred {
  readonly bytes: number
  /** How many there will be, when the server tells. */
  readonly bytesTotal: number | null
}

interface Download {
  readonly url: string
  readonly file: string
  readonly options?: DownloadOptions
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: Transferred) => void) | undefined
}

/** A wait between two attempts is never longer, whatever a server asks for: beyond that the task's own retries are the place to wait. */
const WAIT_MAX_MS = 60_000

/** Brings what is at an address to a file; the file is whole when it resolves. Answers with its size. */
export async function download({ url, file, options = {}, signal, onProgress }: Download): Promise<number> {
  const retries = options.retries ?? 4
  const delayMs = parseDuration(options.retryDelay ?? 500, 'download.retryDelay')
  const timeoutMs = parseDuration(options.timeout ?? '30m', 'download.timeout')
  const timeUp = AbortSignal.timeout(timeoutMs)
  const stop = signal === undefined ? timeUp : AbortSignal.any([signal, timeUp])
  const transfer = new Transfer({ url, file, options, stop, onProgress })
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await transfer.attempt()
    } catch (error) {
      signal?.throwIfAborted()
      if (timeUp.aborted)
        throw new DuckDbError('duckdb/download', `${shownUrl(url)} did not arrive within ${timeoutMs / 1000} seconds`, {
          mayPass: true,
          cause: error,
        })
      const failure = error instanceof DuckDbError ? error : broken(url, error)
      if (failure.mayPass !== true || attempt > retries) throw failure
      const delay = failure.retryAfter ?? delayMs * 2 ** (attempt - 1) * (0.75 + Math.random() / 2)
      if (delay > WAIT_MAX_MS) throw failure
      await wait(delay, undefined, { signal: stop }).catch(() => stop.throwIfAborted())
    }
  }
}

class Transfer {
  readonly #url: string
  readonly #file: string
  readonly #options: DownloadOptions
  readonly #stop: AbortSignal
  readonly #onProgress: ((progress: Transferred) => void) | undefined
  /** What the server calls this version of the file: parts of two versions are never put together. */
  #version: string | null = null

  constructor(given: {
    readonly url: string
    readonly file: string
    readonly options: DownloadOptions
    readonly stop: AbortSignal
    readonly onProgress: ((progress: Transferred) => void) | undefined
  }) {
    this.#url = given.url
    this.#file = given.file
    this.#options = given.options
    this.#stop = given.stop
    this.#onProgress = given.onProgress
  }

  async attempt(): Promise<number> {
    const stalled = new AbortController()
    const stallMs = parseDuration(this.#options.stallTimeout ?? '30s', 'download.stallTimeout')
    const timer = setTimeout(() => stalled.abort(new Error(`nothing arrived for ${stallMs / 1000} seconds`)), stallMs)
    const signal = AbortSignal.any([this.#stop, stalled.signal])
    try {
      const start = this.#version === null ? 0 : await sizeOf(this.#file)
      const { address, authorization } = withoutUser(this.#url)
      const response = await fetch(address, { headers: { ...authorization, ...this.#headers(start) }, signal })
      return await this.#take(response, start, signal, () => timer.refresh())
    } catch (error) {
      // The reason tells more than what the aborted request says.
      if (stalled.signal.aborted) throw broken(this.#url, stalled.signal.reason)
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  #headers(start: number): Record<string, string> {
    return {
      // A file that is stored packed is wanted as it is stored.
      'accept-encoding': 'identity',
      ...this.#options.headers,
      ...(start > 0 && this.#version !== null && { range: `bytes=${start}-`, 'if-range': this.#version }),
    }
  }

  async #take(response: Response, start: number, signal: AbortSignal, onArrival: () => void): Promise<number> {
    if (response.status === 416) {
      // The part that is there is not one of this file.
      this.#version = null
      throw broken(this.#url, new Error('the server refused to go on from where the transfer broke'))
    }
    if (!response.ok || response.body === null) throw refused(this.#url, response)
    const isRest = response.status === 206 && rangeStart(response) === start
    if (!isRest) await truncate(this.#file, 0).catch(ignoreMissing)
    this.#version = versionOf(response)

    const before = isRest ? start : 0
    // What a server packs for the way is unpacked by `fetch`, and its length is that of the packed bytes.
    const length = response.headers.get('content-encoding') === null ? response.headers.get('content-length') : null
    const bytesTotal = length === null ? null : before + Number(length)
    let bytes = before
    const onProgress = this.#onProgress
    async function* counted(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      for await (const chunk of body) {
        onArrival()
        bytes += chunk.length
        onProgress?.({ bytes, bytesTotal })
        yield chunk
      }
    }
    // The types of the web's streams and of Node's describe the same object.
    const body = Readable.fromWeb(response.body as ReadableStream)
    await pipeline(body, counted, createWriteStream(this.#file, { flags: isRest ? 'a' : 'w' }), { signal })
    if (bytesTotal !== null && bytes !== bytesTotal) throw broken(this.#url, new Error(`${bytes} of ${bytesTotal} bytes arrived`))
    return bytes
  }
}

/** `fetch` takes no address that holds a user's name and password; they go into a header. */
function withoutUser(url: string): { readonly address: URL; readonly authorization: Record<string, string> } {
  const address = new URL(url)
  const { username, password } = address
  if (username === '' && password === '') return { address, authorization: {} }
  address.username = ''
  address.password = ''
  const user = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { address, authorization: { authorization: `Basic ${Buffer.from(user).toString('base64')}` } }
}

/** A strong name for the version of a file, for `If-Range`. */
function versionOf({ headers }: Response): string | null {
  const etag = headers.get('etag')
  if (etag !== null && !etag.startsWith('W/')) return etag
  return headers.get('last-modified')
}

function rangeStart({ headers }: Response): number | null {
  const start = /^bytes (\d+)-/.exec(headers.get('content-range') ?? '')?.[1]
  return start === undefined ? null : Number(start)
}

function refused(url: string, response: Response): DuckDbError {
  const { status, headers } = response
  const mayPass = status >= 500 || status === 408 || status === 425 || status === 429
  const retryAfter = retryAfterMs(headers.get('retry-after'))
  return new DuckDbError(
    'duckdb/download',
    `${shownUrl(url)} answered ${status}${response.statusText === '' ? '' : ` (${response.statusText})`}`,
    {
      file: shownUrl(url),
      mayPass,
      ...(retryAfter !== undefined && { retryAfter }),
    },
  )
}

function retryAfterMs(value: string | null): number | undefined {
  if (value === null) return undefined
  const millis = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - Date.now()
  return Number.isNaN(millis) ? undefined : Math.max(0, millis)
}

function broken(url: string, cause: unknown): DuckDbError {
  const reason = cause instanceof Error ? (cause.cause instanceof Error ? cause.cause.message : cause.message) : String(cause)
  return new DuckDbError('duckdb/download', `${shownUrl(url)} did not arrive whole: ${reason}`, {
    file: shownUrl(url),
    mayPass: true,
    cause,
  })
}

async function sizeOf(file: string): Promise<number> {
  return await stat(file).then(
    ({ size }) => size,
    () => 0,
  )
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
}
