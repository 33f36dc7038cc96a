// Flows through a server that dies, or that the network loses: they wait, go on, and end right.
import { setTimeout as elapse } from 'node:timers/promises'
import { DatabaseSync } from 'node:sqlite'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { seededRandom } from '../../src/testing/seeded-random.ts'
import { FaultProxy } from '../tools/fault-proxy.ts'
import { CrashHome } from './crash-home.ts'
import type { ChildEnd } from './crash-home.ts'
import { freePort, ServerProcess } from './server-process.ts'

/** Those of `over-server.ts`: 120 steps, of which 6 are large, and three sub-flow runs of 25. */
const STEPS = 120 + 3 * 25
const RESULT = 6 * 100_000 + 9 + 86 * 2 + 19 * 3 + 3 * 25

let home: CrashHome
let server: ServerProcess
let proxy: FaultProxy
const TIMES = 12
const random = seededRandom(7)

beforeEach(async () => {
  home = new CrashHome()
  server = new ServerProcess(home.folder, await freePort())
  await server.start()
  proxy = await FaultProxy.start({ host: '127.0.0.1', port: server.port })
})

afterEach(async () => {
  await proxy.close()
  await server.kill()
  home.close()
})

/** Runs the flow while something happens so many times, or until the flow has ended. */
async function runWhile(url: string, times: number, happen: () => Promise<void>): Promise<ChildEnd> {
  const { ended } = home.startFile('over-server.ts', 'work', url)
  let running = true
  const end = ended.finally(() => (running = false))
  await Promise.race([untilBegun(), end])
  for (let time = 0; time < times && running; time++) await happen()
  return end
}

async function untilBegun(): Promise<void> {
  while (home.lines('story').length === 0) await elapse(20)
}

function wait(maxMs: number): Promise<void> {
  return elapse(maxMs * random.next())
}

function logged(): readonly string[] {
  const database = new DatabaseSync(path.join(home.folder, 'tutti.db'), { readOnly: true })
  try {
    const rows = database.prepare('SELECT message FROM logs ORDER BY timestamp, id').all() as unknown as readonly { message: string }[] // as the statement says
    return rows.map(({ message }) => message)
  } finally {
    database.close()
  }
}

/** What has come of the flow, in the words of `RIGHT`. */
function outcome({ code, signal }: ChildEnd): unknown {
  const { flowRuns, taskRuns } = home.stored()
  const calls = home.lines('story').filter((line) => line.startsWith('called'))
  return {
    end: [code, signal],
    flowRuns: flowRuns.map(({ state, attempt }) => `${state} in attempt ${attempt}`),
    steps: taskRuns.flatMap(({ kind, state }) => (kind === 'task' ? [state] : [])),
    calls: [calls.length, new Set(calls).size],
    calledAfterCommit: home.calledAfterCommit(),
    lost: home.lost(),
    result: home.lines('result'),
    log: logged().filter((message) => message.startsWith('after step')),
  }
}

const RIGHT = {
  end: [0, null],
  flowRuns: Array.from({ length: 4 }, () => 'completed in attempt 1'),
  steps: Array.from({ length: STEPS }, () => 'completed'),
  calls: [STEPS, STEPS],
  calledAfterCommit: [],
  lost: [],
  result: [String(RESULT)],
  log: Array.from({ length: 120 }, (_, index) => `after step ${index}`),
}

test('a server that is killed again and again costs a flow time and nothing else', async () => {
  let kills = 0
  const end = await runWhile(server.url, 4, async () => {
    await wait(1_000)
    await server.kill()
    kills += 1
    await wait(300)
    await server.start()
  })

  expect(outcome(end)).toEqual(RIGHT)
  expect(kills).toBeGreaterThan(1)
  expect(logged().some((message) => message.includes('does not answer'))).toBe(true)
  expect(logged().some((message) => message.includes('answers again after'))).toBe(true)
})

test('connections that are cut at any moment lose nothing and write nothing twice', async () => {
  const end = await runWhile(`http://127.0.0.1:${proxy.port}/api`, TIMES, async () => {
    await wait(60)
    proxy.cut()
  })

  expect(outcome(end)).toEqual(RIGHT)
})

test('answers that are held back and then torn off are asked for again', async () => {
  const end = await runWhile(`http://127.0.0.1:${proxy.port}/api`, TIMES, async () => {
    await wait(150)
    proxy.stall(random.next() < 0.5 ? 'down' : 'up')
    await wait(100)
    proxy.cut()
    proxy.stall('none')
  })

  expect(outcome(end)).toEqual(RIGHT)
})

test('a network that lets nobody in for a while is waited for', async () => {
  const end = await runWhile(`http://127.0.0.1:${proxy.port}/api`, TIMES, async () => {
    await wait(400)
    proxy.refuse(true)
    proxy.cut()
    await wait(400)
    proxy.refuse(false)
  })

  expect(outcome(end)).toEqual(RIGHT)
})
