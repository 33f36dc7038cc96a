// Bodies of requests, before anybody reads them: not too long, and unpacked.
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { TuttiError } from '../core/errors.ts'
import type { Fetch } from './fetch.ts'
import { problem } from './problem.ts'

const unpack = promisify(gunzip)

/** Large results of runs come whole; engines keep them below this. */
const RESULT = /^\w+:\/\/[^/]+\/api\/engine\/results\//
const RESULT_MAX_BYTES = 256 * 1024 * 1024

/** The app, for bodies of at most so many bytes. */
export function withBodies(fetch: Fetch, otherMaxBytes: number): Fetch {
  return async (request, env) => {
    const { headers } = request
    const maxBytes = RESULT.test(request.url) ? Math.max(RESULT_MAX_BYTES, otherMaxBytes) : otherMaxBytes
    const length = headers.get('content-length')
    const isPacked = headers.get('content-encoding') === 'gzip'
    if (length !== null && !isPacked && Number(length) <= maxBytes) return fetch(request, env)
    if (request.body === null) return fetch(request, env)
    if (length !== null && Number(length) > maxBytes) return tooLong(maxBytes)
    const sent = await readUpTo(request.body, maxBytes)
    if (sent === undefined) return tooLong(maxBytes)
    const body = isPacked ? await unpackUpTo(sent, maxBytes) : sent
    return body instanceof Response ? body : fetch(withBody(request, body), env)
  }
}

/** How deep lists and objects of a JSON text lie in each other. */
export function nestingOf(json: string): number {
  let depth = 0
  let deepest = 0
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (token === '[' || token === '{') deepest = Math.max(deepest, ++depth)
    else if (token === ']' || token === '}') depth -= 1
  }
  return deepest
}

/** `undefined`: there is more. */
async function readUpTo(stream: ReadableStream<Uint8Array>, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of stream) {
    bytes += chunk.length
    if (bytes > maxBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

async function unpackUpTo(bytes: Buffer, maxBytes: number): Promise<Buffer | Response> {
  try {
    return await unpack(bytes, { maxOutputLength: maxBytes })
  } catch (error) {
    const isLong = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' // thrown by zlib
    return isLong ? tooLong(maxBytes) : refusal(new TuttiError('BAD_REQUEST', 'the body is not what gzip makes', { cause: error }))
  }
}

function withBody({ url, method, headers, signal }: Request, body: Buffer): Request {
  const left = new Headers(headers)
  for (const name of ['content-encoding', 'content-length', 'transfer-encoding']) left.delete(name)
  return new Request(url, { method, headers: left, body: new Uint8Array(body), signal })
}

function tooLong(maxBytes: number): Response {
  return refusal(new TuttiError('TOO_LARGE', `the body has more than the ${maxBytes} bytes that this server takes`))
}

function refusal(error: TuttiError): Response {
  const { status, body } = problem(error)
  return Response.json(body, { status, headers: { Connection: 'close' } })
}
