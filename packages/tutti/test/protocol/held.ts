import { gunzipSync } from 'node:zlib'
import type { Hono } from 'hono'
import { answerProblems } from './document.ts'

/** The app of a test: every answer is one that clients of the protocol can read, or the request fails. */
export function held(app: Hono): Hono {
  const answer = app.fetch.bind(app)
  app.fetch = async (request, ...others) => {
    const response = await answer(request, ...others)
    const { pathname } = new URL(request.url)
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
    if (isStream || !pathname.startsWith('/api/')) return response
    const bytes = Buffer.from(await response.clone().arrayBuffer())
    const text = (response.headers.get('content-encoding') === 'gzip' ? gunzipSync(bytes) : bytes).toString('utf8')
    const problems = answerProblems({ method: request.method, path: pathname.slice('/api'.length), status: response.status, text })
    if (problems.length > 0) throw new Error(`${problems.join('\n')}\n${text.slice(0, 2_000)}`)
    return response
  }
  return app
}
