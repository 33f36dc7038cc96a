import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { nestingOf, withBodies } from './body.ts'

/** Answers how many bytes have come. */
const app = withBodies(async (request) => new Response(String((await request.arrayBuffer()).byteLength)), 1_000)

async function send(path: string, body: Uint8Array<ArrayBuffer> | ReadableStream, headers: Record<string, string> = {}): Promise<string> {
  const length: Record<string, string> = body instanceof Uint8Array ? { 'Content-Length': String(body.length) } : {}
  const request = new Request(`http://server/api${path}`, {
    method: 'POST',
    body,
    headers: { ...length, ...headers },
    duplex: 'half',
  } as RequestInit) // as streams ask for
  const response = await app(request)
  return response.ok ? response.text() : String(response.status)
}

function stream(bytes: number): ReadableStream {
  return new Blob([new Uint8Array(bytes)]).stream()
}

test.each([
  ['up to the limit is taken', '/flows/', 1_000, '1000'],
  ['beyond the limit is refused', '/flows/', 1_001, '413'],
  ['that is a result of a run has a limit of its own', '/engine/results/run/key', 100_000, '100000'],
])('a body %s, with its length told or not', async (_what, path, bytes, answer) => {
  expect([await send(path, new Uint8Array(bytes)), await send(path, stream(bytes))]).toEqual([answer, answer])
})

test('a packed body is unpacked, and may not become longer than the limit', async () => {
  const packed = (bytes: number): Promise<string> =>
    send('/flows/', new Uint8Array(gzipSync(new Uint8Array(bytes))), { 'Content-Encoding': 'gzip' })

  expect([await packed(900), await packed(100_000)]).toEqual(['900', '413'])
})

test.each([
  ['1', 0],
  ['[{"a":[]},{}]', 3],
  [String.raw`{"[[[": "{\"[{", "b": "\\"}`, 1],
])('%s is nested %i deep', (json, depth) => {
  expect(nestingOf(json)).toBe(depth)
})
