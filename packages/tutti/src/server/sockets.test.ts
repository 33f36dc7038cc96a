import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { handClock } from '../../test/conformance/protocol/open-server.ts'
import type { HandClock } from '../../test/conformance/protocol/open-server.ts'
import { TuttiError } from '../core/errors.ts'
import { createGuard } from './guard.ts'
import { createSockets } from './sockets.ts'
import type { Conversation, Sockets } from './sockets.ts'

let server: Server
let sockets: Sockets
let clock: HandClock

async function open(converse: Conversation, auth = '', onError: (error: unknown) => void = () => undefined): Promise<string> {
  const guard = createGuard({ auth, hosts: [], origins: [], unprotected: false })
  clock = handClock()
  sockets = createSockets({ guard, auth, conversations: { '/talk': converse }, clock, onError })
  server = createServer()
  sockets.attach(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // it listens on a port
  return `ws://127.0.0.1:${port}/api/talk`
}

afterEach(async () => {
  sockets.close()
  await new Promise((resolve) => server.close(resolve))
})

/** A client that has been let in, and what it has heard since. */
async function enter(url: string, token: string | null = null): Promise<{ readonly client: WebSocket; readonly heard: string[] }> {
  const client = new WebSocket(url, 'prefect')
  const heard: string[] = []
  await new Promise((resolve) => client.once('open', resolve))
  const first = new Promise<string>((resolve) => client.once('message', (data) => resolve(String(data))))
  client.send(JSON.stringify({ type: 'auth', token }))
  expect(await first).toBe('{"type":"auth_success"}')
  client.on('message', (data) => heard.push(String(data)))
  return { client, heard }
}

function ended(client: WebSocket): Promise<number> {
  return new Promise((resolve) => client.once('close', resolve))
}

const echo: Conversation = (socket) => ({ message: (text) => socket.send(`heard ${text}`) })

test('a client that says who it is is let in and heard', async () => {
  const { client, heard } = await enter(await open(echo))
  const answered = new Promise((resolve) => client.once('message', resolve))

  client.send('hello')
  await answered

  expect(heard).toEqual(['heard hello'])
})

test('a client with another auth string is turned away', async () => {
  const client = new WebSocket(await open(echo, 'user:right'), 'prefect')
  const end = ended(client)
  client.once('open', () => client.send('{"type":"auth","token":"user:wrong"}'))

  expect(await end).toBe(1008)
})

test('a client with the right auth string is let in', async () => {
  const { client } = await enter(await open(echo, 'user:right'), 'user:right')

  expect(client.readyState).toBe(WebSocket.OPEN)
})

test('a client that says something else first is turned away', async () => {
  const client = new WebSocket(await open(echo), 'prefect')
  const end = ended(client)
  client.once('open', () => client.send('{"type":"filter"}'))

  expect(await end).toBe(1008)
})

test('a path without a conversation is not there', async () => {
  const url = await open(echo)
  const client = new WebSocket(url.replace('/talk', '/nothing'), 'prefect')

  const [error] = await new Promise<[Error]>((resolve) => client.once('error', (problem) => resolve([problem])))

  expect(error.message).toContain('404')
})

test('a page of another address is refused', async () => {
  const client = new WebSocket(await open(echo), 'prefect', { origin: 'http://evil.example' })

  const [error] = await new Promise<[Error]>((resolve) => client.once('error', (problem) => resolve([problem])))

  expect(error.message).toContain('403')
})

test('what cannot be understood ends the conversation', async () => {
  const { client } = await enter(
    await open(() => ({
      message: () => {
        throw new TuttiError('INVALID_REQUEST', 'this is no filter')
      },
    })),
  )
  const end = ended(client)

  client.send('?')

  expect(await end).toBe(1002)
})

test('a pong says that everything before its ping was taken', async () => {
  const taken: string[] = []
  const written = Promise.withResolvers<void>()
  const { client } = await enter(
    await open(() => ({
      message: async (text) => {
        await written.promise
        taken.push(text)
      },
    })),
  )
  const pong = new Promise<readonly string[]>((resolve) => client.once('pong', () => resolve([...taken])))

  client.send('one')
  client.send('two')
  client.ping()
  written.resolve()

  expect(await pong).toEqual(['one', 'two'])
})

test('a client that answers when it is asked whether it is there stays', async () => {
  const { client } = await enter(await open(echo))
  for (let round = 0; round < 3; round += 1) {
    const asked = new Promise((resolve) => client.once('ping', resolve))
    clock.advance(20_000)
    await asked
    // The answer is on its way: what comes after it comes after it.
    const heard = new Promise((resolve) => client.once('message', resolve))
    client.send('still here')
    await heard
  }

  expect(client.readyState).toBe(WebSocket.OPEN)
})

test('a client that says nothing for 20 seconds after it was asked is given up', async () => {
  const { client } = await enter(await open(echo))
  client.pause()
  clock.advance(20_000)
  clock.advance(20_000)
  const end = ended(client)
  client.resume()

  expect(await end).toBe(1006)
})

test('a client that left is not asked any more', async () => {
  const left = Promise.withResolvers<void>()
  const { client } = await enter(await open(() => ({ message: () => undefined, closed: left.resolve })))
  client.close()
  await left.promise

  expect(clock.waiting).toBe(0)
})

test('a client that sends faster than it is served is held up, and loses nothing', async () => {
  const frames = 5_000
  const isServing = Promise.withResolvers<void>()
  const isDone = Promise.withResolvers<void>()
  const isHeldUp = Promise.withResolvers<void>()
  let read = 0
  let taken = 0
  const { client } = await enter(
    await open((socket) => {
      socket.on('message', () => {
        read += 1
        if (socket.isPaused) isHeldUp.resolve()
      })
      return {
        async message() {
          await isServing.promise
          taken += 1
          if (taken === frames) isDone.resolve()
        },
      }
    }),
  )

  for (let sent = 0; sent < frames; sent += 1) client.send('x'.repeat(10_000))
  await isHeldUp.promise
  // Whatever else arrives now stays unread, but for the rest of what was read with the last frame.
  for (let turns = 0; turns < 50; turns += 1) await new Promise((resolve) => setImmediate(resolve))
  const readAhead = read
  isServing.resolve()
  await isDone.promise

  expect(readAhead).toBeLessThan(1_100)
  expect(taken).toBe(frames)
})

test('what comes after a frame that could not be served is not looked at', async () => {
  const errors: unknown[] = []
  const failing: Conversation = () => ({
    message: () => {
      throw new Error('the disk is full')
    },
  })
  const { client } = await enter(await open(failing, '', (error) => errors.push(error)))
  const end = ended(client)

  client.send('one')
  client.send('two')

  expect(await end).toBe(1011)
  expect(errors).toHaveLength(1)
})
