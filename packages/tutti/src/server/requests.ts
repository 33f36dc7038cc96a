// What every request meets before the app does: an id, a place among those under way, a line in the log.
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { TuttiError } from '../core/errors.ts'
import { elapsedMs } from '../core/time.ts'
import type { Clock } from '../core/time.ts'
import type { Fetch } from './fetch.ts'
import { errorFields } from './log.ts'
import type { ServerLog } from './log.ts'
import type { Metrics } from './metrics.ts'
import { problem } from './problem.ts'
import type { OnError } from './route.ts'

export interface RequestOptions {
  readonly clock: Clock
  readonly newId: () => string
  readonly log: ServerLog
  readonly metrics: Metrics
  readonly limits: RequestLimits
}

export interface RequestLimits {
  /** Under way at the same time. */
  readonly requestsMax: number
  /** How long a request may take to arrive. */
  readonly timeoutMs: number
  /** Longer ones are logged as slow. */
  readonly slowMs: number
}

export interface Requests {
  /** A server that answers with `fetch`, not yet listening. */
  createServer(fetch: Fetch): Server
  readonly onError: OnError
  /** Which endpoint a request has found. */
  readonly onRoute: (incoming: object, path: string) => void
}

/** Connections that clients keep for their next request. Longer than theirs, so that it is they who end them. */
const KEEP_ALIVE_MS = 65_000
const GIVEN_ID = /^[\w.:-]{1,128}$/
/** Requests that wait on purpose, and streams that last as long as somebody listens, are not slow. */
const WAITING = /\/(?:claim|deployments\/start)$|\/live\//

interface Seen {
  route: string
  error?: unknown
}

export function watchRequests({ clock, newId, log, metrics, limits }: RequestOptions): Requests {
  const seen = new WeakMap<object, Seen>()

  function begin(
    request: IncomingMessage,
    response: ServerResponse,
    answer: (request: IncomingMessage, response: ServerResponse) => unknown,
  ): void {
    const given = request.headers['x-request-id']
    const id = typeof given === 'string' && GIVEN_ID.test(given) ? given : newId()
    response.setHeader('X-Request-Id', id)
    if (metrics.inFlight >= limits.requestsMax) {
      metrics.refused()
      return refuse(
        response,
        new TuttiError('OVERLOADED', `the server works on ${limits.requestsMax} requests already`, { retryAfterS: 1 }),
      )
    }
    metrics.inFlight += 1
    const startedAt = clock.now()
    const facts: Seen = { route: 'other' }
    seen.set(request, facts)
    response.once('close', () => {
      metrics.inFlight -= 1
      ended({ id, request, status: response.writableFinished ? response.statusCode : 499, ms: elapsedMs(startedAt, clock.now()), facts })
    })
    answer(request, response)
  }

  function ended({ id, request, status, ms, facts: { route, error } }: Ended): void {
    const method = request.method ?? 'GET'
    metrics.answered({ method, route, status, durationS: ms / 1000 })
    const fields = { request: id, method, path: (request.url ?? '/').split('?', 1)[0], status, ms: Math.round(ms * 10) / 10 }
    if (error !== undefined) log.write('error', 'request failed', { ...fields, ...errorFields(error) })
    else if (ms > limits.slowMs && !WAITING.test(route)) log.write('warn', 'slow request', fields)
    else log.write('debug', 'request', fields)
  }

  return {
    createServer(fetch) {
      const answer = getRequestListener(fetch)
      const options = { requestTimeout: limits.timeoutMs, keepAliveTimeout: KEEP_ALIVE_MS, noDelay: true }
      return createServer(options, (request, response) => begin(request, response, answer))
    },
    onError(error, { method, path, incoming }) {
      const facts = incoming === undefined ? undefined : seen.get(incoming)
      if (facts === undefined) log.write('error', 'request failed', { method, path, ...errorFields(error) })
      else facts.error = error
    },
    onRoute(incoming, path) {
      const facts = seen.get(incoming)
      if (facts !== undefined) facts.route = path
    },
  }
}

interface Ended {
  readonly id: string
  readonly request: IncomingMessage
  readonly status: number
  readonly ms: number
  readonly facts: Seen
}

function refuse(response: ServerResponse, error: TuttiError): void {
  const { status, body, headers } = problem(error)
  response.writeHead(status, { 'Content-Type': 'application/json', Connection: 'close', ...headers })
  response.end(JSON.stringify(body))
}
