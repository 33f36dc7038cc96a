import { isTuttiError } from '../core/errors.ts'
import type { Fetch } from './fetch.ts'
import type { Caller, Guard } from './guard.ts'
import { problem } from './problem.ts'

const ALLOWED_METHODS = 'GET, POST, PUT, PATCH, DELETE'
const PREFLIGHT_S = '600'

/** The app behind its guard, for a port that others may reach too. */
export function guarded(fetch: Fetch, guard: Guard): Fetch {
  return async (request, env) => {
    const caller = callerOf(request)
    const { origin } = caller
    const shared = origin !== null && guard.isKnownOrigin(origin) ? { 'Access-Control-Allow-Origin': origin, Vary: 'Origin' } : undefined
    try {
      guard.check(caller)
    } catch (error) {
      return withHeaders(refusal(error), shared)
    }
    if (shared === undefined) return fetch(request, env)
    if (request.method === 'OPTIONS') return preflight(request, shared)
    return withHeaders(await fetch(request, env), { ...shared, 'Access-Control-Expose-Headers': 'X-Request-Id, Retry-After' })
  }
}

function callerOf({ method, url, headers }: Request): Caller {
  return {
    method,
    path: new URL(url).pathname,
    host: headers.get('host'),
    origin: headers.get('origin'),
    site: headers.get('sec-fetch-site'),
    authorization: headers.get('authorization'),
  }
}

function refusal(error: unknown): Response {
  // Clients look for exactly this text.
  if (isTuttiError(error, 'UNAUTHORIZED')) return Response.json({ exception_message: 'Unauthorized' }, { status: 401 })
  const { status, body } = problem(error)
  return Response.json(body, { status })
}

function preflight(request: Request, shared: Readonly<Record<string, string>>): Response {
  return new Response(null, {
    status: 204,
    headers: {
      ...shared,
      'Access-Control-Allow-Methods': ALLOWED_METHODS,
      'Access-Control-Allow-Headers': request.headers.get('access-control-request-headers') ?? '',
      'Access-Control-Max-Age': PREFLIGHT_S,
    },
  })
}

/** An answer that was made elsewhere may have headers that cannot be changed. */
function withHeaders(response: Response, more: Readonly<Record<string, string>> | undefined): Response {
  if (more === undefined) return response
  const headers = new Headers(response.headers)
  for (const [name, value] of Object.entries(more)) {
    if (name === 'Vary') headers.append(name, value)
    else headers.set(name, value)
  }
  return new Response(response.body, { status: response.status, headers })
}
