import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { IncomingMessage, RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { WireRequest } from '../core/wire.ts'
import { nodeSender } from './http.ts'
import type { NodeSender } from './http.ts'

const left: (() => void | Promise<unknown>)[] = []

afterEach(async () => {
  for (const end of left.splice(0).toReversed()) await end()
})

async function serve(listener: RequestListener, at: number | string = 0): Promise<{ readonly server: Server; readonly url: string }> {
  const server = createServer(listener)
  server.listen(typeof at === 'number' ? { port: at, host: '127.0.0.1' } : { path: at })
  await once(server, 'listening')
  left.push(() => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  })
  const url = typeof at === 'number' ? `http://127.0.0.1:${(server.address() as AddressInfo).port}/api` : 'http://localhost/api' // it listens on a port
  return { server, url }
}

function sender(options: { readonly url: string; readonly socketPath?: string; readonly silenceMs?: number }): NodeSender {
  const made = nodeSender({ silenceMs: 5_000, ...options })
  left.push(() => made.close())
  return made
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer) // no encoding is set
  return Buffer.concat(chunks).toString()
}

const echo: RequestListener = (request, response) => {
  void bodyOf(request).then((body) =>
    response.end(JSON.stringify({ method: request.method, url: request.url, body, headers: request.headers })),
  )
}

const get: WireRequest = { method: 'GET', path: '/health', headers: {} }

test('a request arrives as it was given, below the address', async () => {
  const { url } = await serve(echo)
  const body = 'grüße 🎶'

  const response = await sender({ url }).send({ method: 'POST', path: '/flows/', headers: { 'Content-Type': 'text/plain' }, body })

  expect(JSON.parse(await response.text())).toMatchObject({
    method: 'POST',
    url: '/api/flows/',
    body,
    headers: { host: new URL(url).host, 'content-type': 'text/plain', 'content-length': String(Buffer.byteLength(body)) },
  })
})

test('bytes go there and come back', async () => {
  const { url } = await serve((request, response) => request.pipe(response))
  const body = Uint8Array.from({ length: 200_000 }, (_, index) => index % 256)

  const response = await sender({ url }).send({ method: 'PUT', path: '/result', headers: {}, body })

  expect(Buffer.from(await response.bytes()).equals(body)).toBe(true)
})

test('one connection carries requests that come one after the other', async () => {
  const { server, url } = await serve(echo)
  let connections = 0
  server.on('connection', () => (connections += 1))
  const { send } = sender({ url })

  for (let index = 0; index < 20; index++) await send(get)

  expect(connections).toBe(1)
})

test('requests beyond the connections wait for one', async () => {
  let open = 0
  let most = 0
  const { server, url } = await serve(echo)
  server.on('connection', (socket) => {
    most = Math.max(most, ++open)
    socket.on('close', () => (open -= 1))
  })
  const { send } = sender({ url })

  const responses = await Promise.all(Array.from({ length: 100 }, () => send(get)))

  expect(responses.every(({ status }) => status === 200)).toBe(true)
  expect(most).toBeLessThanOrEqual(16)
})

test('a connection that the server closes is replaced', async () => {
  const { url } = await serve((_request, response) => response.setHeader('Connection', 'close').end('once'))
  const { send } = sender({ url })

  const texts = [await (await send(get)).text(), await (await send(get)).text()]

  expect(texts).toEqual(['once', 'once'])
})

test('a socket in a folder is reached as a port is', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tutti-http-'))
  left.push(() => rmSync(folder, { recursive: true }))
  const socketPath = join(folder, 'server.sock')
  const { url } = await serve(echo, socketPath)

  const response = await sender({ url, socketPath }).send(get)

  expect(JSON.parse(await response.text())).toMatchObject({ url: '/api/health' })
})

test('who does not answer is given up', async () => {
  const { url } = await serve(() => undefined)

  await expect(sender({ url, silenceMs: 30 }).send(get)).rejects.toThrow('no answer for 0.03 s')
})

test('nobody at the address is an error with its code', async () => {
  const { server, url } = await serve(echo)
  await new Promise((resolve) => server.close(resolve))

  await expect(sender({ url }).send(get)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

test('an answer that is cut off is an error', async () => {
  const { url } = await serve((_request, response) => {
    response.writeHead(200, { 'Content-Length': 100 })
    response.write('half of it', () => response.socket?.destroy())
  })

  await expect(sender({ url }).send(get)).rejects.toThrow('the connection')
})

test('a request can be given up', async () => {
  const controller = new AbortController()
  const { url } = await serve(() => controller.abort(new Error('enough')))

  await expect(sender({ url }).send({ ...get, signal: controller.signal })).rejects.toThrow('enough')
})

test.each([
  ['a path', { ...get, path: '/a\r\nX: 1' }],
  ['a header', { ...get, headers: { 'X-Name': 'a\r\nX-Other: 1' } }],
])('%s that would end its line is refused', async (_what, request) => {
  const { url } = await serve(echo)

  await expect(sender({ url }).send(request)).rejects.toThrow('request')
})
