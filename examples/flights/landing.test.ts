import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import type { ServerResponse } from 'node:http'
import { testFolder } from './fixtures.ts'
import { SourceError, download } from './landing.ts'

const { signal } = new AbortController()

async function aServer(answer: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((_request, response) => answer(response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const address = server.address()
  return typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}/file` : ''
}

test('a download that breaks off leaves no file and may pass', async () => {
  const file = join(await testFolder(), 'landing', 'file')
  const url = await aServer((response) => {
    response.writeHead(200, { 'content-length': 1000 })
    response.write('half', () => response.destroy())
  })

  const error: unknown = await download(url, file, signal).catch((failure: unknown) => failure)

  expect(error).toBeInstanceOf(SourceError)
  expect(error).toMatchObject({ mayPass: true })
  expect(existsSync(file)).toBe(false)
})

test('a busy answer carries its headers; a missing file will not pass', async () => {
  const folder = await testFolder()
  const busy = await aServer((response) => void response.writeHead(503, { 'retry-after': '7' }).end())
  const missing = await aServer((response) => void response.writeHead(404).end())

  const first: unknown = await download(busy, join(folder, 'a'), signal).catch((failure: unknown) => failure)
  const second: unknown = await download(missing, join(folder, 'b'), signal).catch((failure: unknown) => failure)

  expect(first instanceof SourceError && first.headers?.get('retry-after')).toBe('7')
  expect(second).toMatchObject({ mayPass: false })
})
