import { expect, test } from 'vitest'
import type { WebSocket } from 'ws'
import { handClock } from '../../test/conformance/protocol/open-server.ts'
import { createRecords } from '../../test/conformance/records.ts'
import type { EventOperations } from '../core/event-operations.ts'
import type { Event } from '../core/event.ts'
import { JsonText } from '../core/literal-json.ts'
import { createHub } from './hub.ts'
import { eventsOut } from './sockets-out.ts'

const clock = handClock()

function anEvent(id: string, occurredAt = clock.now()): Event {
  const payload = new JsonText('{}')
  return { id, name: 'order', occurredAt, receivedAt: occurredAt, resource: {}, related: [], payload, follows: null }
}

/** A client that takes what it is sent when the test says so. */
function aClient() {
  const heard: string[] = []
  const flushes: (() => void)[] = []
  const socket = {
    OPEN: 1,
    readyState: 1,
    bufferedAmount: 0,
    send(text: string, flushed?: () => void) {
      heard.push((JSON.parse(text) as { readonly event: { readonly id: string } }).event.id) // as it is written
      if (flushed !== undefined) flushes.push(flushed)
    },
  }
  const takeAll = (): void => flushes.splice(0).forEach((flushed) => flushed())
  return { socket, heard, takeAll, asWebSocket: socket as unknown as WebSocket } // what the conversation uses of one
}

function follow(stored: readonly Event[], client = aClient()) {
  const hub = createHub()
  const events: EventOperations = {
    append: () => Promise.resolve(),
    count: () => Promise.resolve({ count: stored.length, isWhole: true }),
    list: (_, limit, place) => {
      const from = place === null ? 0 : stored.findIndex(({ id }) => id === place.id) + 1
      const page = stored.slice(from, from + limit)
      const last = page.at(-1)
      const isMore = last !== undefined && from + limit < stored.length
      return Promise.resolve({ events: page, rest: isMore ? { occurredAt: last.occurredAt, id: last.id } : null })
    },
    counted: () => Promise.resolve([]),
  }
  return { hub, ...client, handler: eventsOut(events, hub, clock)(client.asWebSocket) }
}

test('a filter that names no end is met by whatever happens later', async () => {
  const { hub, heard, handler } = follow([])
  await handler.message('{"type":"filter","filter":{}}')

  hub.tell([{ type: 'event', event: anEvent('later', clock.now() + 60_000_000) }])

  expect(heard).toEqual(['later'])
})

test('a filter that names an end is not met after it', async () => {
  const { hub, heard, handler } = follow([])
  await handler.message(JSON.stringify({ type: 'filter', filter: { occurred: { until: '2020-01-01T00:00:00Z' } } }))

  hub.tell([{ type: 'event', event: anEvent('later') }])

  expect(heard).toEqual([])
})

test('the past is read no faster than the client takes it, and nothing of it is left out', async () => {
  const stored = Array.from({ length: 600 }, (_, index) => anEvent(`past-${index}`))
  const { heard, handler, takeAll } = follow(stored)

  const done = handler.message('{"type":"filter","filter":{}}')
  await new Promise((resolve) => setImmediate(resolve))
  const before = heard.length
  const taking = setInterval(takeAll, 0)
  await done
  clearInterval(taking)

  expect(before).toBeLessThanOrEqual(250)
  expect(heard).toEqual(stored.map(({ id }) => id))
})

test('the past of a client that has gone is not read on', async () => {
  const stored = Array.from({ length: 600 }, (_, index) => anEvent(`past-${index}`))
  const { socket, heard, handler, takeAll } = follow(stored)

  const done = handler.message('{"type":"filter","filter":{}}')
  await new Promise((resolve) => setImmediate(resolve))
  socket.readyState = 3
  takeAll()
  await done

  expect(heard.length).toBeLessThanOrEqual(250)
})

test('what happens while the past is read comes behind it, and once', async () => {
  const stored = [anEvent('one'), anEvent('two')]
  const { hub, heard, handler, takeAll } = follow(stored)

  const done = handler.message('{"type":"filter","filter":{}}')
  hub.tell([
    { type: 'event', event: stored[1]! },
    { type: 'event', event: anEvent('three') },
  ])
  await new Promise((resolve) => setImmediate(resolve))
  takeAll()
  await done

  expect(heard).toEqual(['one', 'two', 'three'])
})

test('a flow run of our own engine, which writes no events, is followed all the same', async () => {
  const { hub, heard, handler } = follow([])
  await handler.message('{"type":"filter","filter":{"event":{"prefix":["prefect.flow-run."]}}}')
  const records = createRecords()
  const run = records.flowRun({ state: records.state('completed', clock.now()) })

  hub.tell([{ type: 'flow-run', run, from: records.state('running') }])

  expect(heard).toEqual([run.state.id])
})

test('an event that is told in two ways is sent once', async () => {
  const { hub, heard, handler } = follow([])
  await handler.message('{"type":"filter","filter":{}}')
  const records = createRecords()
  const run = records.flowRun({ state: records.state('running', clock.now()) })

  hub.tell([
    { type: 'event', event: anEvent(run.state.id) },
    { type: 'flow-run', run, from: null },
  ])

  expect(heard).toEqual([run.state.id])
})

test('many events that another server took are looked up', async () => {
  const stored = [anEvent('one')]
  const { hub, heard, handler, takeAll } = follow(stored)
  const begun = handler.message('{"type":"filter","filter":{}}')
  await new Promise((resolve) => setImmediate(resolve))
  takeAll()
  await begun
  stored.push(anEvent('two'), anEvent('three'))

  hub.tell([{ type: 'changed', noun: 'events', id: '' }])
  await new Promise((resolve) => setImmediate(resolve))

  expect(heard).toEqual(['one', 'two', 'three'])
})
