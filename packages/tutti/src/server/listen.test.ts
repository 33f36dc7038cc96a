import { createServer } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { systemClock } from '../system/clock.ts'
import { listenOnPort } from './listen.ts'
import type { Listener } from './listen.ts'

const clock = systemClock()
const listeners: Listener[] = []

afterEach(async () => {
  await Promise.all(listeners.splice(0).map((listener) => listener.close(0)))
})

test('a port that somebody else has is told apart from an address that no port would help', async () => {
  const first = await listenOnPort(createServer(), '127.0.0.1', 0, clock)
  listeners.push(first)

  const taken = listenOnPort(createServer(), '127.0.0.1', first.port, clock)
  // Kept for documentation: no machine has it.
  const foreign = listenOnPort(createServer(), '192.0.2.1', 0, clock)

  await expect(taken).rejects.toMatchObject({ code: 'PORT_TAKEN' })
  await expect(foreign).rejects.toMatchObject({ code: 'ADDRESS_UNUSABLE' })
})
