import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findLocalServer, socketPathOf } from './local-server.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tutti-socket-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test.each([
  ['in its home', true],
  ['elsewhere when the path of its home is too long for a socket', false],
])('a server is found %s', async (_, isInHome) => {
  const home = isInHome ? folder : join(folder, 'h'.repeat(120))
  const path = socketPathOf(home)
  const server = createServer((socket) => socket.end())
  await new Promise<void>((resolve) => server.listen(path, resolve))

  const found = await findLocalServer(home)
  await new Promise((resolve) => server.close(resolve))

  expect(found).toBe(path)
  expect(path.startsWith(folder)).toBe(isInHome)
  expect(await findLocalServer(home)).toBeUndefined()
})
