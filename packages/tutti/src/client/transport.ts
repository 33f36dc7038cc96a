import { callerHeader } from '../api/callers.ts'
import type { Actor } from '../core/actor.ts'
import { catalog, TuttiError } from '../core/errors.ts'
import type { ErrorCode } from '../core/errors.ts'
import { after, elapsedMs } from '../core/time.ts'
import type { Clock } from '../core/time.ts'
import type { Send, WireRequest, WireResponse } from '../core/wire.ts'

/** `fetch`, as far as it is used here: browsers and Node have it. */
export type Fetch = (
  url: string,
  init: {
    readonly method: string
    readonly headers: Readonly<Record<string, string>>
    readonly body?: string | Uint8Array<ArrayBuffer>
    readonly signal?: AbortSignal
  },
) => Promise<{
  readonly status: number
  readonly headers: { get(name: string): string | null }
  /** Needed by those who follow something only. */
  readonly body?: ReadableStream<Uint8Array> | null
  arrayBuffer(): Promise<ArrayBuffer>
}>

/** @param url - up to and including `/api`. */
export function fetchSend(url: string, fetch: Fetch): Send {
  const base = url.replace(/\/+$/, '')
  return async ({ method, path, headers, body, signal }) => {
    const response = await fetch(`${base}${path}`, {
      method,
      headers,
      ...(body === undefined ? undefined : { body: body as string | Uint8Array<ArrayBuffer> }), // bytes of ours are never shared memory
      ...(signal === undefined ? undefined : { signal }),
    })
    let read: Promise<Uint8Array> | undefined
    const bytes = (): Promise<Uint8Array> => (read ??= response.arrayBuffer().then((buffer) => new Uint8Array(buffer)))
    return {
      status: response.status,
      header: (name) => response.headers.get(name),
      bytes,
      text: async () => new TextDecoder().decode(await bytes()),
    }
  }
}

export interface TransportOptions {
  readonly send: Send
  readonly clock: Clock
  /** In [0, 1): those who wait for one server must not come back at the same moments. */
  readonly random: () => number
  /** `user:password` as the server was given it. */
  readonly auth?: string | undefined
  /** A bearer token, where there is no auth string. */
  readonly key?: string | undefined
  /** Of the program that asks. */
  readonly version?: string | undefined
  /** Who asks, for the history of what is changed. */
  readonly caller?: Actor | undefined
  /** How long a server that does not answer is waited for. */
  readonly waitMs: number
  /** Called once when waiting begins, and once when the server has answered again. */
  readonly onOutage?: (outage: Outage) => void
}

export type Outage = { readonly type: 'away'; readonly reason: string } | { readonly type: 'back'; readonly awayMs: number }

export interface TransportCall {
  readonly method: string
  readonly path: string
  readonly body?: string | Uint8Array
  readonly type?: string
  readonly signal?: AbortSignal
  /** Calls that must not be repeated when their answer was lost are sent again only when they cannot have arrived. Default: they may be. */
  readonly once?: true
  /** Told when an answer was lost: the next one may be that of a repetition. */
  readonly onRepeat?: () => void
}

/** Requests with patience: a server that restarts, is overloaded or cannot be reached is asked again, for a bounded time. */
export interface Transport {
  /** Throws the server's error as the `TuttiError` it was; `SERVER_UNREACHABLE` when it did not answer in time. */
  call(call: TransportCall): Promise<WireResponse>
}

const PAUSE_MIN_MS = 50
const PAUSE_MAX_MS = 2_000
/** Answers that say: later. */
const LATER = new Set([408, 429, 502, 503, 504])

export function createTransport(options: TransportOptions): Transport {
  const { clock } = options
  const { caller, version } = options
  const agent = version === undefined ? 'tutti' : `tutti/${version}`
  const headers = { 'User-Agent': agent, ...authorization(options), ...(caller === undefined ? undefined : callerHeader(caller)) }
  let awaySince: number | undefined

  function isAway(reason: string): void {
    if (awaySince !== undefined) return
    awaySince = clock.now()
    options.onOutage?.({ type: 'away', reason })
  }

  function isBack(): void {
    if (awaySince === undefined) return
    const awayMs = elapsedMs(awaySince, clock.now())
    awaySince = undefined
    options.onOutage?.({ type: 'back', awayMs })
  }

  return {
    async call({ method, path, body, type = 'application/json', signal, once, onRepeat }) {
      const request: WireRequest = {
        method,
        path,
        headers: body === undefined ? headers : { ...headers, 'Content-Type': type },
        ...(body === undefined ? undefined : { body }),
        ...(signal === undefined ? undefined : { signal }),
      }
      const until = after(clock.now(), options.waitMs)
      for (let pauseMs = PAUSE_MIN_MS; ; pauseMs = Math.min(pauseMs * 2, PAUSE_MAX_MS)) {
        signal?.throwIfAborted()
        const tried = await attempt(options.send, request)
        if (tried.type === 'answer') {
          isBack()
          if (tried.response.status < 400) return tried.response
          throw await errorOf(tried.response)
        }
        signal?.throwIfAborted()
        if (once === true && tried.mayHaveArrived) throw unreachable(tried.reason, 0)
        if (tried.mayHaveArrived) onRepeat?.()
        const waitMs = Math.max(tried.afterMs, pauseMs * (0.5 + options.random()))
        if (after(clock.now(), waitMs) > until) throw unreachable(tried.reason, options.waitMs)
        isAway(tried.reason)
        await clock.sleep(waitMs, signal)
      }
    },
  }
}

/** The header that tells who asks. */
export function authorization({ auth, key }: Pick<TransportOptions, 'auth' | 'key'>): Readonly<Record<string, string>> {
  if (auth !== undefined) return { Authorization: `Basic ${base64(auth)}` }
  return key === undefined ? {} : { Authorization: `Bearer ${key}` }
}

type Attempt =
  | { readonly type: 'answer'; readonly response: WireResponse }
  | { readonly type: 'again'; readonly reason: string; readonly afterMs: number; readonly mayHaveArrived: boolean }

async function attempt(send: Send, request: WireRequest): Promise<Attempt> {
  try {
    const response = await send(request)
    // To its end: an answer that was torn off is none.
    await response.bytes()
    if (!LATER.has(response.status)) return { type: 'answer', response }
    const reason = `it answered ${response.status}`
    return { type: 'again', reason, afterMs: Number(response.header('retry-after') ?? 0) * 1000, mayHaveArrived: response.status !== 429 }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    // A connection that was never made has carried nothing.
    const mayHaveArrived = code !== 'ECONNREFUSED' && code !== 'ENOENT'
    return { type: 'again', reason: error instanceof Error ? error.message || code : String(error), afterMs: 0, mayHaveArrived }
  }
}

export function unreachable(reason: string, waitedMs: number): TuttiError {
  const waited = waitedMs === 0 ? '' : ` for ${Math.round(waitedMs / 1000)} s`
  return new TuttiError('SERVER_UNREACHABLE', `the server did not answer${waited}: ${reason}`)
}

/** The error that the server threw, by its code. */
export async function errorOf(response: Pick<WireResponse, 'status' | 'text'>): Promise<Error> {
  const text = await response.text()
  const { code, detail, exception_message: message, exception_detail: details } = read(text)
  const said = typeof detail === 'string' ? detail : typeof message === 'string' ? `${message}${unfitOf(details)}` : text.slice(0, 500)
  if (typeof code === 'string' && Object.hasOwn(catalog, code)) return new TuttiError(code as ErrorCode, said) // a key of the catalog
  if (response.status === 401)
    return new TuttiError('UNAUTHORIZED', 'the server does not accept the auth string or the key, or asks for one')
  return new TuttiError('SERVER_REFUSED', `the server answered ${response.status}: ${said}`)
}

/** What of a body does not fit, as the protocol tells it. */
function unfitOf(details: unknown): string {
  if (!Array.isArray(details)) return ''
  const told = (details as readonly Partial<{ loc: unknown; msg: unknown }>[]).map(
    ({ loc, msg }) => ` ${Array.isArray(loc) ? loc.join('.') : ''}: ${String(msg)}`,
  ) // members of any JSON may be asked for
  return told.join(';')
}

function read(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {} // an object that is not null
  } catch {
    // Not from a server of Tutti: a proxy's page, say. Its text is told.
    return {}
  }
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Of the text's UTF-8: what runs in browsers and in Node has no other in common. */
function base64(text: string): string {
  const bytes = new TextEncoder().encode(text)
  let encoded = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(at, at + 3)
    const bits = (a << 16) | (b << 8) | c
    const quad = [bits >> 18, (bits >> 12) & 63, (bits >> 6) & 63, bits & 63].map((index) => ALPHABET[index]!)
    const missing = Math.max(0, at + 3 - bytes.length)
    encoded += quad.slice(0, 4 - missing).join('') + '='.repeat(missing)
  }
  return encoded
}
