import { beforeEach, expect, test } from 'vitest'
import { handClock } from '../../test/conformance/protocol/open-server.ts'
import type { HandClock } from '../../test/conformance/protocol/open-server.ts'
import { createRecords } from '../../test/conformance/records.ts'
import type { Told } from '../core/told.ts'
import type { StreamedEvent } from './event-stream.ts'
import { followChanges } from './follow-changes.ts'
import { createHub } from './hub.ts'
import type { Hub } from './hub.ts'

const records = createRecords()
let clock: HandClock
let hub: Hub
let ended: AbortController
let events: AsyncGenerator<StreamedEvent, void>

beforeEach(async () => {
  clock = handClock()
  hub = createHub()
  ended = new AbortController()
  events = followChanges({ hub, clock, signal: ended.signal })
  await events.next()
})

async function data(): Promise<unknown> {
  const { value } = await events.next()
  return value === null || value === undefined ? value : value.data
}

function entered(run = records.flowRun()): Told {
  return { type: 'flow-run', run, from: null }
}

test('a slow reader gets everything since its last message in one, of each run the last state', async () => {
  const run = records.flowRun()
  hub.tell([entered(run), entered({ ...run, state: records.state('completed') })])
  hub.tell([
    { type: 'changed', noun: 'work_pools', id: 'a' },
    { type: 'changed', noun: 'work_pools', id: 'b' },
    { type: 'changed', noun: 'deployments', id: 'c' },
  ])

  expect(await data()).toMatchObject({
    type: 'changes',
    flow_runs: [{ id: run.id, state_type: 'COMPLETED' }],
    nouns: ['deployments', 'work_pools'],
    more: false,
  })
})

test('of very many runs some are named, and that there were more', async () => {
  hub.tell(Array.from({ length: 201 }, () => entered()))

  const told = (await data()) as { readonly flow_runs: readonly unknown[]; readonly more: boolean } // as told

  expect([told.flow_runs.length, told.more]).toEqual([200, true])
})

test('the next message comes a quarter of a second later, not sooner', async () => {
  hub.tell([entered()])
  await data()
  hub.tell([entered()])
  let isTold = false
  const next = data().then(() => (isTold = true))
  await Promise.resolve()

  clock.advance(249)
  await new Promise((resolve) => setImmediate(resolve))
  const before = isTold
  clock.advance(1)
  await next

  expect([before, isTold]).toEqual([false, true])
})

test('where nothing changes, the connection is kept by an empty word', async () => {
  const next = data()
  clock.advance(15_000)

  expect(await next).toBeNull()
})

test('whoever goes is told nothing any more, and nobody waits for him', async () => {
  const next = events.next()
  ended.abort()

  expect(await next).toEqual({ done: true, value: undefined })
  expect(clock.waiting).toBe(0)
})

test('that lines of logs were written is told to those who asked for it, however many they were, and to nobody else', async () => {
  const asking = followChanges({ hub, clock, withLogs: true, signal: ended.signal })
  await asking.next()
  const line = { id: 'a', flowRunId: null, taskRunId: null, logger: 'x', level: 20, message: 'm', timestamp: 1 }
  hub.tell([
    { type: 'logs', records: [line] },
    { type: 'logs', records: [line, line] },
  ])
  hub.tell([{ type: 'changed', noun: 'variables', id: 'v' }])

  expect((await asking.next()).value).toMatchObject({ data: { flow_runs: [], nouns: ['logs', 'variables'] } })
  expect(await data()).toMatchObject({ nouns: ['variables'] })
})
