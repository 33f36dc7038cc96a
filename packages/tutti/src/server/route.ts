import type { Context, Hono } from 'hono'
import { parseLiterally } from '../core/literal-json.ts'
import type { Endpoint, Input, Output } from '../api/endpoint.ts'
import { callerOf } from '../api/callers.ts'
import { clientOf } from '../api/client-version.ts'
import type { ForeignClient } from '../api/client-version.ts'
import { nestingOf } from './body.ts'
import type { Callers } from './callers.ts'
import { packed } from './compress.ts'
import { invalidRequest, problem } from './problem.ts'
import { Reply } from './reply.ts'

/** What every handler is given beside the values of its endpoint. */
export interface Request<E extends Endpoint> extends Input<E> {
  /** Who speaks, as far as its headers tell. */
  readonly client: ForeignClient
  readonly headers: Headers
  /** Aborts when the caller has gone away. */
  readonly signal: AbortSignal
  /** The address under which the caller reached this server, up to and including `/api`. */
  readonly baseUrl: string
}

/** What a handler resolves to; nothing where the endpoint has no output. */
type Answer<Body> = [Body] extends [undefined] ? void | Reply<undefined> : Body | Reply<Body>

export type Handler<E extends Endpoint> = (request: Request<E>) => Promise<Answer<Output<E>>>

/** Called with every error that is not the caller's, for the server's log. */
export type OnError = (error: unknown, context: FailedRequest) => void

export interface FailedRequest {
  readonly method: string
  readonly path: string
  /** The request as Node knows it; absent where there is no port. */
  readonly incoming?: object | undefined
}

export interface RouteListeners {
  readonly onError: OnError
  /** Told who asks, for what the handler changes. */
  readonly callers?: Callers | undefined
  /** Which endpoint a request has found. */
  readonly onRoute?: ((incoming: object, path: string) => void) | undefined
}

/** Mounts one endpoint: values are read, the handler is called, its answer or its error is spelled. */
export function route<E extends Endpoint>(
  app: Hono,
  endpoint: E,
  handler: Handler<E>,
  { onError, onRoute, callers }: RouteListeners,
): void {
  const path = `/api${endpoint.path.replace(/\/$/, '').replaceAll(/\{(\w+)\}/g, ':$1')}`
  app.on(endpoint.method, path, async (context) => {
    const incoming = (context.env as { readonly incoming?: object } | undefined)?.incoming // by the adapter for Node
    if (incoming !== undefined) onRoute?.(incoming, endpoint.path)
    const accepted = context.req.raw.headers.get('accept-encoding')
    try {
      const input = await readInput(endpoint, context)
      if (input instanceof Reply) return await answer(input, accepted, endpoint.media)
      const answering = () =>
        handler({
          ...(input as unknown as Input<E>), // read with the schemas that `Input` is derived from
          client: clientOf(context.req.raw.headers),
          headers: context.req.raw.headers,
          signal: context.req.raw.signal,
          get baseUrl() {
            return `${new URL(context.req.url).origin}/api`
          },
        })
      const result = await (callers === undefined
        ? answering()
        : callers.run(callerOf(context.req.raw.headers, addressOf(incoming)), answering))
      return await answer(result instanceof Reply ? result : new Reply(statusOf(endpoint), result), accepted, endpoint.media)
    } catch (error) {
      const told = (await isNestedTooDeeply(error, endpoint, context)) ? TOO_DEEP : problem(error)
      if (told.status >= 500 && told.status !== 501) onError(error, { method: endpoint.method, path: context.req.path, incoming })
      return answer(told, accepted)
    }
  })
}

/** `undefined` where there is no port, and for the socket of this machine. */
function addressOf(incoming: object | undefined): string | undefined {
  return (incoming as { readonly socket?: { readonly remoteAddress?: string } } | undefined)?.socket?.remoteAddress // a request of Node
}

function statusOf({ status, output }: Endpoint): number {
  return status ?? (output === undefined ? 204 : 200)
}

interface RawInput {
  readonly params: unknown
  readonly query: unknown
  readonly body: unknown
}

async function readInput(endpoint: Endpoint, context: Context): Promise<RawInput | Reply<unknown>> {
  const params = endpoint.params?.safeParse(context.req.param())
  if (params?.success === false) return notThere()
  const query = endpoint.query?.safeParse(context.req.query())
  if (query?.success === false) return invalidRequest('query', query.error.issues, null)
  if (endpoint.body === undefined) return { params: params?.data, query: query?.data, body: undefined }

  if (endpoint.bytes === true) return { params: params?.data, query: query?.data, body: new Uint8Array(await context.req.arrayBuffer()) }

  const text = await context.req.text()
  let sent: unknown
  try {
    sent = text === '' ? undefined : endpoint.plain === true ? JSON.parse(text) : parseLiterally(text)
  } catch (error) {
    if (error instanceof RangeError) throw error
    return unreadable('JSON decode error', 'json_invalid')
  }
  const body = endpoint.body.safeParse(sent, { reportInput: true })
  if (!body.success) return invalidRequest('body', body.error.issues, endpoint.holdsSecrets === true ? null : sent)
  return { params: params?.data, query: query?.data, body: body.data }
}

function unreadable(msg: string, type: string): Reply<unknown> {
  return new Reply(422, {
    exception_message: 'Invalid request received.',
    exception_detail: [{ loc: ['body'], msg, type }],
    request_body: null,
  })
}

/** More than anybody means to send, and much less than what overflows the stack of whoever walks it. */
const NESTING_SUSPICIOUS = 500
const TOO_DEEP = unreadable('The body is nested too deeply', 'recursion_loop')

/** Looked at only when a stack has overflowed: a body as such may be as deep as it likes. */
async function isNestedTooDeeply(error: unknown, endpoint: Endpoint, context: Context): Promise<boolean> {
  if (!(error instanceof RangeError) || endpoint.body === undefined || endpoint.bytes === true) return false
  return nestingOf(await context.req.text()) > NESTING_SUSPICIOUS
}

export function notThere(): Reply<unknown> {
  return new Reply(404, { detail: 'Not Found' })
}

async function answer({ status, body, headers }: Reply<unknown>, accepted: string | null, media?: string): Promise<Response> {
  if (status === 204 || body === undefined) return new Response(null, { status, headers })
  if (media !== undefined && (typeof body === 'string' || body instanceof Uint8Array || body instanceof ReadableStream))
    return new Response(body as Uint8Array<ArrayBuffer>, { status, headers: { 'Content-Type': media, ...headers } })
  const text = JSON.stringify(body)
  const short = await packed(text, accepted)
  const type = { 'Content-Type': 'application/json', ...headers }
  if (short === undefined) return new Response(text, { status, headers: type })
  return new Response(short, { status, headers: { ...type, 'Content-Encoding': 'gzip', Vary: 'Accept-Encoding' } })
}
