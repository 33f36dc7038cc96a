import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ENGINE_VERBS, ENGINE_VERSION } from '../../../src/api/engine-verbs.ts'
import { ENGINE_CALLS } from '../../../src/api/engine.ts'
import { remoteOrchestrator } from '../../../src/client/remote-orchestrator.ts'
import { createTransport, fetchSend } from '../../../src/client/transport.ts'
import type { JournalOperation, NewFlowRun, Orchestrator } from '../../../src/core/orchestrator.ts'
import { after } from '../../../src/core/time.ts'
import type { Clock } from '../../../src/core/time.ts'
import { aHolder, createRecords, T0 } from '../records.ts'
import type { Records } from '../records.ts'
import { openServer } from './open-server.ts'
import type { Answer, TestServer } from './open-server.ts'

let server: TestServer
let records: Records

beforeEach(async () => {
  server = await openServer()
  records = createRecords()
})
afterEach(() => server.close())

function ask(noun: string, verb: string, args: readonly unknown[], envelope: object = {}): Promise<Answer> {
  return server.call('POST', `/engine/${noun}/${verb}`, { version: ENGINE_VERSION, now: server.clock.now(), args, ...envelope })
}

function newRun(until = after(T0, 45_000)): NewFlowRun {
  const { id, flowName, name, version, entrypoint, tags, parameters, idempotencyKey, parentTaskRunId, rootId, policy, createdAt } =
    records.flowRun()
  const lease = { holder: aHolder(), until }
  return { id, flowName, name, version, entrypoint, tags, parameters, idempotencyKey, parentTaskRunId, rootId, policy, createdAt, lease }
}

/** An engine whose clock is off. */
function engineAt(now: () => number): Orchestrator {
  const clock: Clock = { ...server.clock, now }
  const send = fetchSend('http://server/api', async (url, init) => server.app.request(url, init))
  return remoteOrchestrator({ transport: createTransport({ send, clock, random: () => 0, waitMs: 0 }), clock })
}

test('the verbs that engines know are those that servers answer', () => {
  const answered = Object.fromEntries(Object.entries(ENGINE_CALLS).map(([noun, verbs]) => [noun, new Set(Object.keys(verbs))]))
  const known = Object.fromEntries(Object.entries(ENGINE_VERBS).map(([noun, verbs]) => [noun, new Set<string>(verbs)]))

  expect(answered).toEqual(known)
})

describe('what is refused', () => {
  test('an engine of another version, by both versions', async () => {
    const { status, body } = await ask('flowRuns', 'get', ['a'], { version: 99 })

    expect(status).toBe(400)
    expect(body.detail).toContain(`version 99 of the engine's API, this server version ${ENGINE_VERSION}`)
  })

  test.each([
    ['flowRuns', 'explode'],
    ['flowRuns', 'constructor'],
    ['__proto__', 'toString'],
    ['close', 'call'],
    ['maintenance', 'vacuum'],
  ])('%s.%s, which engines cannot ask for', async (noun, verb) => {
    expect((await ask(noun, verb, [])).status).toBe(404)
  })

  test.each([
    ['too few arguments', 'flowRuns', 'beat', [[]]],
    ['arguments of other types', 'flowRuns', 'get', [7]],
    ['a page without a limit', 'logs', 'list', [{ flowRunId: 'a' }]],
    ['an unknown command', 'flowRuns', 'command', ['a', { type: 'explode' }]],
    ['a flush without a readable operation', 'journal', 'flush', [[{ type: 'checkpoint', checkpoint: {} }]]],
  ])('%s', async (_what, noun, verb, args) => {
    expect((await ask(noun, verb, args)).status).toBe(422)
  })

  test('a result whose run would be a path', async () => {
    expect((await server.call('PUT', '/engine/results/..%2F..%2Fetc/passwd', 'x')).body.code).toBe('INVALID_OPTION')
  })
})

test('one operation that cannot be read is refused by itself, and the others are written', async () => {
  const begin: JournalOperation = { type: 'begin', run: newRun(), parent: null }
  const good: JournalOperation = { type: 'checkpoint', checkpoint: records.checkpoint({ flowRunId: begin.run.id }) }
  const bad = { ...good, checkpoint: { ...good.checkpoint, ordinal: 'first' } }

  const { body } = await ask('journal', 'flush', [[begin, bad, good]])

  expect(body.result).toMatchObject([
    { type: 'run' },
    { type: 'refused', code: 'STORE_FAILED', reason: expect.stringContaining('ordinal') },
    { type: 'ok' },
  ])
  expect((await server.orchestrator.taskRuns.list({ flowRunId: begin.run.id, limit: 10 })).items).toHaveLength(1)
})

test('leases end by the clock of the server, whatever an engine takes the time for', async () => {
  const HOUR_MS = 3_600_000
  const ahead = engineAt(() => after(server.clock.now(), HOUR_MS))
  const until = after(after(server.clock.now(), HOUR_MS), 45_000)
  const run = newRun(until)

  await ahead.journal.flush([{ type: 'begin', run, parent: null }])
  const begun = await server.orchestrator.flowRuns.get(run.id)
  server.clock.advance(10_000)
  await ahead.flowRuns.beat([{ flowRunId: run.id, attempt: 1 }], after(after(server.clock.now(), HOUR_MS), 45_000))
  const renewed = await server.orchestrator.flowRuns.get(run.id)

  expect(begun.lease?.until).toBe(after(T0, 45_000))
  expect(renewed.lease?.until).toBe(after(T0, 55_000))
})

test('a flush of more than a request should carry goes in several, and is answered as one', async () => {
  const run = newRun()
  const large = 'x'.repeat(60_000)
  const checkpoints = Array.from({ length: 200 }, (): JournalOperation => {
    return { type: 'checkpoint', checkpoint: records.checkpoint({ flowRunId: run.id, outcome: { format: 'json', text: `"${large}"` } }) }
  })
  const sizes: number[] = []
  const send = fetchSend('http://server/api', async (url, init) => {
    sizes.push(init.body?.length ?? 0)
    return server.app.request(url, init)
  })
  const engine = remoteOrchestrator({
    transport: createTransport({ send, clock: server.clock, random: () => 0, waitMs: 0 }),
    clock: server.clock,
  })

  const answers = await engine.journal.flush([{ type: 'begin', run, parent: null }, ...checkpoints])

  expect(answers.map(({ type }) => type)).toEqual(['run', ...checkpoints.map(() => 'ok')])
  expect(Math.max(...sizes)).toBeLessThan(4_100_000)
  expect(sizes.length).toBeGreaterThan(2)
})
