import type { z } from 'zod'
import type { ErrorCode } from '../core/errors.ts'

/** One operation of the wire, declared once: routes, the client, the OpenAPI document and the reference derive from it. */
export interface Endpoint<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Output extends z.ZodType = z.ZodType,
> {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  /** Below `/api`, with parameters in braces: `/flow_runs/{id}/set_state`. Served with and without a slash at its end. */
  readonly path: string
  /** One sentence for people. */
  readonly summary: string
  /** Values in the path, all text. A path whose values do not fit is not there: 404. */
  readonly params?: Params
  /** Values behind the question mark. */
  readonly query?: Query
  /** Absent: a body is not looked at. */
  readonly body?: Body
  /** The body is bytes and no JSON. */
  readonly bytes?: true
  /** How numbers of the body are spelled does not matter: none of them is a user's. */
  readonly plain?: true
  /** What is sent may hold secrets: a refusal does not repeat it. */
  readonly holdsSecrets?: true
  /** Absent: the answer has no body. */
  readonly output?: Output
  /** Of an answer that does not say otherwise. Default 200, 204 without an output. */
  readonly status?: 200 | 201 | 202 | 204
  /** Other statuses of good answers, told in the document. */
  readonly alsoStatus?: readonly number[]
  readonly errors?: readonly ErrorCode[]
  /** `text/plain` and the like, for answers that are no JSON. */
  readonly media?: string
}

export function endpoint<
  Params extends z.ZodType = z.ZodUndefined,
  Query extends z.ZodType = z.ZodUndefined,
  Body extends z.ZodType = z.ZodUndefined,
  Output extends z.ZodType = z.ZodUndefined,
>(declaration: Endpoint<Params, Query, Body, Output>): Endpoint<Params, Query, Body, Output> {
  return declaration
}

/** What a handler gets: values of the domain. */
export interface Input<E extends Endpoint> {
  readonly params: E extends Endpoint<infer P, z.ZodType, z.ZodType, z.ZodType> ? z.output<P> : never
  readonly query: E extends Endpoint<z.ZodType, infer Q, z.ZodType, z.ZodType> ? z.output<Q> : never
  readonly body: E extends Endpoint<z.ZodType, z.ZodType, infer B, z.ZodType> ? z.output<B> : never
}

/** What a client gives: values of the wire. */
export interface Call<E extends Endpoint> {
  readonly params: E extends Endpoint<infer P, z.ZodType, z.ZodType, z.ZodType> ? z.input<P> : never
  readonly query: E extends Endpoint<z.ZodType, infer Q, z.ZodType, z.ZodType> ? z.input<Q> : never
  readonly body: E extends Endpoint<z.ZodType, z.ZodType, infer B, z.ZodType> ? z.input<B> : never
}

/** What an endpoint answers, as it stands on the wire. */
export type Output<E extends Endpoint> = E extends Endpoint<z.ZodType, z.ZodType, z.ZodType, infer O> ? z.output<O> : never
