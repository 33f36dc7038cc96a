import { api } from '../api/index.ts'
import type { Call, Endpoint, Output } from '../api/endpoint.ts'
import type { Transport } from './transport.ts'

/** What a verb is given: the values of the path and those behind the question mark by their names, the body as `body`. */
export type Arguments<E extends Endpoint> = Given<Call<E>['params']> & Given<Call<E>['query']> & GivenBody<Call<E>['body']>

/** An endpoint without such values takes none. */
type Given<T> = [T] extends [undefined] ? unknown : T
type GivenBody<T> = [T] extends [undefined] ? unknown : undefined extends T ? { readonly body?: T } : { readonly body: T }

export interface CallOptions {
  readonly signal?: AbortSignal
}

type Verb<E extends Endpoint> =
  Record<never, never> extends Arguments<E>
    ? (given?: Arguments<E>, options?: CallOptions) => Promise<Output<E>>
    : (given: Arguments<E>, options?: CallOptions) => Promise<Output<E>>

type Api = typeof api

/** Every noun and verb of the API as functions: `client.flowRuns.read({ id })`. Values are those of the wire. */
export type Client = {
  readonly [Noun in keyof Api]: { readonly [Name in keyof Api[Noun]]: Api[Noun][Name] extends Endpoint ? Verb<Api[Noun][Name]> : never }
}

/** What a caller gives, as far as it matters here: names and values. */
type GivenValues = Readonly<Record<string, unknown>>

export function clientOver(transport: Transport): Client {
  const nouns = Object.entries<Readonly<Record<string, Endpoint>>>(api).map(([noun, endpoints]) => [
    noun,
    Object.fromEntries(
      Object.entries(endpoints).map(([verb, endpoint]) => [
        verb,
        (given: GivenValues = {}, options: CallOptions = {}) => call(transport, endpoint, given, options),
      ]),
    ),
  ])
  return Object.fromEntries(nouns) as Client // every noun and verb of `api`
}

/** Requests to make something: sent twice they may make two. All others only look, or say how things are to be. */
const LOOKS =
  /\/(?:filter|filter-minimal|count|count-by\/.+|plan|paginate|history|overview|preview|page|search|lateness|[a-z_]+_scheduled_flow_runs|read_by_tag)$/

async function call(transport: Transport, endpoint: Endpoint, given: GivenValues, { signal }: CallOptions): Promise<unknown> {
  const { method, media } = endpoint
  const path = pathOf(endpoint.path, given)
  const response = await transport.call({
    method,
    path,
    ...bodyOf(endpoint, given['body']),
    ...(signal === undefined ? undefined : { signal }),
    ...(method === 'POST' && !LOOKS.test(endpoint.path) ? { once: true } : undefined),
  })
  if (response.status === 204 || endpoint.output === undefined) return undefined
  if (media === 'application/octet-stream') return response.bytes()
  const text = await response.text()
  return media === undefined ? JSON.parse(text) : text
}

function bodyOf({ bytes }: Endpoint, body: unknown): { readonly body?: string | Uint8Array; readonly type?: string } {
  if (body === undefined) return {}
  if (bytes === true) return { body: body as Uint8Array, type: 'application/octet-stream' } // as the endpoint's types say
  return { body: JSON.stringify(body) }
}

function pathOf(template: string, given: GivenValues): string {
  const inPath = new Set<string>()
  const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    inPath.add(name)
    return encodeURIComponent(String(given[name]))
  })
  const query = Object.entries(given)
    .filter(([name, value]) => !inPath.has(name) && name !== 'body' && value !== undefined && value !== null)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`)
  return query.length === 0 ? path : `${path}?${query.join('&')}`
}
