import { appendFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { LEASE_EXPIRY_MS } from '../../src/core/lease.ts'
import { after } from '../../src/core/time.ts'
import type { Clock } from '../../src/core/time.ts'
import type { RunState } from '../../src/engine/run-state.ts'
import { flow } from '../../src/sdk/flow.ts'
import { sleep } from '../../src/sdk/pause.ts'
import { task } from '../../src/sdk/task.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import { systemClock } from '../../src/system/clock.ts'
import { playProcess } from '../conformance/played-process.ts'
import type { PlayedProcess } from '../conformance/played-process.ts'
import { aHolder } from '../conformance/records.ts'
import { CrashHome } from './crash-home.ts'

let home: CrashHome

beforeEach(() => {
  home = new CrashHome()
})

afterEach(() => home.close())

function openGate(): void {
  writeFileSync(path.join(home.folder, 'open'), '')
}

/** A process whose run is under way. */
async function underWay(name: string): Promise<ReturnType<CrashHome['startFile']>> {
  const process = home.startFile('flows.ts', name)
  await new Promise<void>((resolve) => process.child.stdout?.on('data', (chunk: Buffer) => chunk.toString().includes('READY') && resolve()))
  return process
}

function theRun(): { readonly id: string; readonly state: string; readonly message: string | null } {
  const [run] = home.stored().flowRuns
  if (run === undefined) throw new Error('there is no run')
  return run
}

test('of two processes that resume one run, one wins and the other is told who has it', async () => {
  const { child, ended } = await underWay('waiting')
  child.kill('SIGKILL')
  await ended
  const { id } = theRun()

  const contenders = [home.startFile('flows.ts', 'waiting', id), home.startFile('flows.ts', 'waiting', id)]
  const loser = await Promise.race(contenders.map(async (each) => ({ ...(await each.ended), pid: each.child.pid })))
  const winner = contenders.find((each) => each.child.pid !== loser.pid)
  openGate()
  const won = await winner?.ended

  expect(loser.code).toBe(1)
  expect(loser.errors).toContain('TRANSITION_REJECTED')
  expect(loser.errors).toContain(`held by process ${winner?.child.pid}`)
  expect(won?.code).toBe(0)
  expect(home.lines('result')).toEqual(['done'])
  expect(home.lines('calls')).toEqual(['before', 'after'])
})

test('a process that is only paused keeps its run, and goes on with it', async () => {
  const paused = await underWay('waiting')
  paused.child.kill('SIGSTOP')

  const other = await home.startFile('flows.ts', 'waiting', theRun().id).ended
  openGate()
  paused.child.kill('SIGCONT')
  const { code } = await paused.ended

  expect(other.errors).toContain(`held by process ${paused.child.pid}`)
  expect(code).toBe(0)
  expect(home.lines('calls')).toEqual(['before', 'after'])
})

/** A process on another machine, which can see nothing of this one's processes but their leases, and comes when those have expired. */
async function elsewhere<T>(work: (there: PlayedProcess) => Promise<T>): Promise<T> {
  const clock = systemClock()
  const afterExpiry: Clock = {
    now: () => after(clock.now(), 2 * LEASE_EXPIRY_MS),
    sleep: (delayMs, signal) => clock.sleep(delayMs, signal),
    timer: (delayMs, callback, options) => clock.timer(delayMs, callback, options),
  }
  const store = await openSqlite({ path: path.join(home.folder, 'tutti.db'), clock })
  const holder = aHolder({ host: 'another-machine' })
  try {
    return await work(playProcess(store, { holder, liveness: { self: () => holder, of: () => 'unknown' }, clock: afterExpiry }))
  } finally {
    await store.close()
  }
}

const noteThere = task({ name: 'note', runName: '{0}' }, async (text: string) =>
  appendFileSync(path.join(home.folder, 'calls'), `${text} there\n`),
)

/** The flow `late`, there. */
function takeOver(id: string): Promise<RunState> {
  const slow = task({ name: 'slow' }, async () => appendFileSync(path.join(home.folder, 'calls'), 'slow there\n'))
  const late = flow({ name: 'late' }, async () => {
    await noteThere('before')
    await slow()
    await noteThere('after')
    return 'done there'
  })
  return elsewhere((there) => there.resume(late, id))
}

test('a run that was killed while it slept sleeps no longer than it was to', async () => {
  const { child, ended } = await underWay('napping')
  child.kill('SIGKILL')
  await ended
  const napping = flow({ name: 'napping' }, async () => {
    await noteThere('before')
    await sleep('1 minute')
    await noteThere('after')
    return 'done there'
  })

  // By the clock there the minute is over, so it is not waited for once more.
  const resumed = await elsewhere((there) => there.resume(napping, theRun().id))

  expect(resumed).toMatchObject({ type: 'completed', result: 'done there' })
  expect(home.lines('calls')).toEqual(['before', 'after there'])
})

test('a run that was killed after it was answered has the answer when it is resumed, and asks nobody again', async () => {
  const asking = home.startFile('flows.ts', 'asking')
  while (home.stored().flowRuns[0]?.state !== 'paused') await nextTurn()
  const { id } = theRun()
  const woken = await elsewhere((there) => there.orchestrator.waits.wake(id, '{"name":"Ada"}'))
  const killed = await asking.ended

  const resumed = await home.startFile('flows.ts', 'asking', id).ended

  expect(woken).toEqual({ type: 'accept' })
  expect([killed.signal, resumed.code]).toEqual(['SIGKILL', 0])
  expect(home.lines('result')).toEqual(['Ada'])
  expect(home.lines('calls')).toEqual(['before', 'answered Ada', 'after'])
})

test('a process that was paused beyond its lease finds its run taken over: its late result is refused and its code goes no further', async () => {
  const paused = await underWay('late')
  paused.child.kill('SIGSTOP')

  const taken = await takeOver(theRun().id)
  const before = home.stored()
  openGate()
  paused.child.kill('SIGCONT')
  const { code, errors } = await paused.ended

  expect(taken).toMatchObject({ type: 'completed', result: 'done there' })
  expect(code).toBe(1)
  expect(errors).toContain('FENCED')
  expect(home.lines('calls')).toEqual(['before', 'slow', 'slow there', 'after there'])
  expect(home.stored()).toEqual(before)
  expect(theRun()).toMatchObject({ state: 'completed', attempt: 2 })
})

test.each([
  ['leaving', 3, 'the process ended with exit code 3'],
  ['empty', 1, 'the event loop is empty'],
  ['uncaught', 1, 'an error that nobody caught: nobody caught this'],
])('a process that ends inside its flow (%s) leaves a Crashed run with the reason', async (name, code, reason) => {
  const end = await home.startFile('flows.ts', name).ended

  expect(end.code).toBe(code)
  expect(theRun()).toMatchObject({ state: 'crashed', message: expect.stringContaining(reason) as string })
  expect([...home.committed()]).toEqual(['before'])
})

test('a run of 90,000 finished tasks goes on without calling one of them', async () => {
  const killed = await home.startFile('flows.ts', 'many').ended

  const resumed = await home.startFile('flows.ts', 'many', theRun().id).ended

  expect(killed.signal).toBe('SIGKILL')
  expect(resumed.code).toBe(0)
  expect(home.lines('calls')).toEqual(['90000 calls in attempt 1', '0 calls in attempt 2'])
  expect(home.lines('result')).toEqual([String((90_000 * 89_999) / 2)])
})

test('fifty processes with a hundred tasks each share one file: none is told that it is locked, nothing is lost', async () => {
  const ends = await Promise.all(Array.from({ length: 50 }, () => home.startFile('flows.ts', 'hundred').ended))

  expect(ends.filter((end) => end.code !== 0)).toEqual([])
  expect(home.lines('result')).toEqual(Array.from({ length: 50 }, () => '4950'))
  const { flowRuns, taskRuns } = home.stored()
  expect(flowRuns.map((run) => run.state)).toEqual(Array.from({ length: 50 }, () => 'completed'))
  expect(taskRuns).toHaveLength(5_000)
  expect(new Set(taskRuns.map((taskRun) => taskRun.state))).toEqual(new Set(['completed']))
})

test('a plain script ends when its run has ended, also one whose lease a thread has kept', async () => {
  const { child, ended } = home.startFile('plain-script.ts')
  let printed = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    printed += chunk.toString()
  })

  const end = await ended

  expect(end).toMatchObject({ code: 0, signal: null })
  expect(printed).toBe('done\n')
  expect(theRun()).toMatchObject({ state: 'completed' })
})
