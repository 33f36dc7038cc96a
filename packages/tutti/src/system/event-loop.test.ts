import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { setTimeout as realSleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { eventLoop, later } from './event-loop.ts'
import type { EventLoop } from './event-loop.ts'

/** What a look finds when everything that is under way at this moment counts as known. */
async function lookAt(begin: () => unknown): Promise<ReturnType<EventLoop['look']>> {
  const loop = eventLoop()
  await calm(loop)
  loop.forget()
  const work = begin()
  const found = loop.look()
  await work
  return found
}

/** Waits until only long-lived things are left, the test runner's own work being done. */
async function calm(loop: EventLoop): Promise<void> {
  while (loop.look() === 'busy') await new Promise<void>((resolve) => loop.again(resolve))
}

test('nothing under way is idle', async () => {
  expect(await lookAt(() => undefined)).toBe('idle')
})

test('a turn, a file and a connection being made are work', async () => {
  expect(await lookAt(() => new Promise((resolve) => setImmediate(resolve)))).toBe('busy')
  expect(await lookAt(() => readFile(import.meta.filename))).toBe('busy')
})

test('a timer is work, unless it waits for nobody', async () => {
  expect(await lookAt(() => realSleep(1))).toBe('timer')
  expect(await lookAt(() => setTimeout(() => undefined, 1).unref())).toBe('idle')
})

test('the looks of watchers are no work', async () => {
  expect(await lookAt(() => new Promise<void>((resolve) => later(1, resolve)))).toBe('idle')
  expect(await lookAt(() => new Promise<void>((resolve) => eventLoop().soon(resolve)))).toBe('idle')
})

test('a server that listens is no work, a connection is until it is known', async () => {
  const server = createServer().listen(0)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // a server that listens on a port has one

  const listening = await lookAt(() => undefined)
  const connecting = await lookAt(async () => {
    const socket = connect({ port })
    await once(socket, 'connect')
    socket.destroy()
  })
  server.close()

  expect({ listening, connecting }).toEqual({ listening: 'idle', connecting: 'busy' })
})

test("a connection that was open before is none of the watcher's business", async () => {
  const server = createServer().listen(0)
  await once(server, 'listening')
  const socket = connect({ port: (server.address() as AddressInfo).port }) // as above
  await once(socket, 'connect')

  const found = await lookAt(() => undefined)
  socket.destroy()
  server.close()

  expect(found).toBe('idle')
})
