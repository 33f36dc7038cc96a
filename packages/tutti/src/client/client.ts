import { calls } from '../api/calls.ts'
import type { Call, Endpoint, Output } from '../api/endpoint.ts'
import type { Api } from '../api/index.ts'
import type { WireCall } from '../api/wire-call.ts'
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

/** Every noun and verb of the API as functions: `client.flowRuns.read({ id })`. Values are those of the wire. */
export type Client = {
  readonly [Noun in keyof Api]: { readonly [Name in keyof Api[Noun]]: Api[Noun][Name] extends Endpoint ? Verb<Api[Noun][Name]> : never }
}

/** What a caller gives, as far as it matters here: names and values. */
type GivenValues = Readonly<Record<string, unknown>>

export function clientOver(transport: Transport): Client {
  const nouns = Object.entries<Readonly<Record<string, WireCall>>>(calls).map(([noun, verbs]) => [
    noun,
    Object.fromEntries(
      Object.entries(verbs).map(([verb, wire]) => [
        verb,
        (given: GivenValues = {}, options: CallOptions = {}) => call(transport, wire, given, options),
      ]),
    ),
  ])
  return Object.fromEntries(nouns) as Client // `calls` has every noun and verb of the API
}

/** Requests to make something: sent twice they may make two. All others only look, or say how things are to be. */
const LOOKS =
  /\/(?:filter|filter-minimal|count|count-by\/.+|plan|paginate|history|overview|preview|page|search|lateness|[a-z_]+_scheduled_flow_runs|read_by_tag)$/

async function call(transport: Transport, wire: WireCall, given: GivenValues, { signal }: CallOptions): Promise<unknown> {
  const { method, answer } = wire
  const response = await transport.call({
    method,
    path: pathOf(wire.path, given),
    ...bodyOf(wire, given['body']),
    ...(signal === undefined ? undefined : { signal }),
    ...(method === 'POST' && !LOOKS.test(wire.path) ? { once: true } : undefined),
  })
  if (response.status === 204 || answer === 'nothing') return undefined
  if (answer === 'bytes') return response.bytes()
  const text = await response.text()
  return answer === 'text' ? text : JSON.parse(text)
}

function bodyOf({ bytes }: WireCall, body: unknown): { readonly body?: string | Uint8Array; readonly type?: string } {
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
