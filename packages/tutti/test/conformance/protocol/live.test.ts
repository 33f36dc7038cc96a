import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Client, LiveMessage } from '../../../src/client/index.ts'
import type { ServerOrchestrator } from '../../../src/core/server-orchestrator.ts'
import type { FaultProxy } from '../../tools/fault-proxy.ts'
import { openLiveServer } from './live-server.ts'

let orchestrator: ServerOrchestrator
let proxy: FaultProxy
let client: Client
let close: () => Promise<void>

beforeEach(async () => {
  ;({ orchestrator, proxy, client, close } = await openLiveServer())
})
afterEach(() => close())

async function makeRun(): Promise<string> {
  const { id } = await client.flows.create({ body: { name: 'sync' } })
  return (await client.flowRuns.create({ body: { flow_id: id, state: { type: 'PENDING' } } })).id
}

let lines = 0

async function say(id: string, ...messages: readonly string[]): Promise<void> {
  const record = (message: string) => ({ flowRunId: id, taskRunId: null, logger: 'sync', level: 20, message, timestamp: ++lines })
  await orchestrator.logs.append(messages.map(record))
}

async function enter(id: string, type: 'RUNNING' | 'COMPLETED'): Promise<void> {
  await client.flowRuns.setState({ id, body: { state: { type } } })
}

function spelled(message: LiveMessage): string {
  if (message.type === 'end') return 'end'
  return message.type === 'log' ? message.log.message : message.state.type
}

test('a run that has ended is told whole, and then the stream ends', async () => {
  const id = await makeRun()
  await say(id, 'one', 'two')
  await enter(id, 'RUNNING')
  await enter(id, 'COMPLETED')

  const told: string[] = []
  for await (const message of client.live.flowRun({ id })) told.push(spelled(message))

  expect(told).toEqual(['one', 'two', 'PENDING', 'RUNNING', 'COMPLETED', 'end'])
})

test('what happens is told while it happens, over however many connections, once', async () => {
  const id = await makeRun()
  const steps = [
    () => say(id, 'one'),
    () => enter(id, 'RUNNING'),
    () => say(id, ...Array.from({ length: 1_200 }, (_, index) => `line ${index}`)),
    () => say(id, 'two'),
    () => enter(id, 'COMPLETED'),
  ]

  const told: string[] = []
  for await (const message of client.live.flowRun({ id })) {
    told.push(spelled(message))
    if (told.length % 100 === 7) proxy.cut()
    if (['PENDING', 'one', 'RUNNING', 'line 1199', 'two'].includes(told.at(-1) ?? '')) await steps.shift()?.()
  }

  expect(told).toEqual([
    'PENDING',
    'one',
    'RUNNING',
    ...Array.from({ length: 1_200 }, (_, index) => `line ${index}`),
    'two',
    'COMPLETED',
    'end',
  ])
})

test('a run that is not there is an error', async () => {
  const messages = client.live.flowRun({ id: '0198a000-0000-7000-8000-000000000001' })

  await expect(messages.next()).rejects.toMatchObject({ code: 'FLOW_RUN_NOT_FOUND' })
})

test('who has seen enough goes, and the server lets go of it', async () => {
  const id = await makeRun()
  const controller = new AbortController()
  const messages = client.live.flowRun({ id }, { signal: controller.signal })
  const first = await messages.next()

  controller.abort(new Error('enough'))

  expect(first.value).toMatchObject({ type: 'state', state: { type: 'PENDING' } })
  await expect(messages.next()).rejects.toThrow('enough')
})

test('a place that no server has told is the beginning', async () => {
  const id = await makeRun()
  await say(id, 'one')
  await enter(id, 'COMPLETED')

  const response = await fetch(`http://127.0.0.1:${proxy.port}/api/live/flow_runs/${id}`, { headers: { 'Last-Event-ID': 'nowhere' } })

  expect(await response.text()).toMatch(/^id: 0\.1\.\ndata: \{"type":"log"/)
})

test('who has read some of a log is told the rest only, also over another connection', async () => {
  const id = await makeRun()
  await say(id, 'one', 'two')
  const { after } = await client.flowRuns.logLines({ id, limit: 1 })
  await enter(id, 'RUNNING')
  await say(id, ...Array.from({ length: 600 }, (_, index) => `line ${index}`))
  await enter(id, 'COMPLETED')

  const told: string[] = []
  for await (const message of client.live.flowRun({ id, after: after ?? '' })) {
    told.push(spelled(message))
    if (told.length === 300) proxy.cut()
  }

  expect(told.slice(0, 2)).toEqual(['two', 'line 0'])
  expect(new Set(told).size).toBe(told.length)
  expect(told.slice(-5)).toEqual(['line 599', 'PENDING', 'RUNNING', 'COMPLETED', 'end'])
})

test('what is no place in a log is refused', async () => {
  const id = await makeRun()

  await expect(client.live.flowRun({ id, after: 'made-up' }).next()).rejects.toMatchObject({ code: 'INVALID_CURSOR' })
})
