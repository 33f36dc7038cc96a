import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runAccess as access } from '../engine/run-access.ts'
import { flow } from '../sdk/flow.ts'
import { task } from '../sdk/task.ts'
import { testTutti } from './test-tutti.ts'

test('a flow runs in memory and tells how it ended and which tasks it called', async () => {
  await using tutti = await testTutti()
  const add = task({ name: 'add' }, async (a: number, b: number) => a + b)
  const sum = flow({ name: 'sum' }, async ({ numbers }: { numbers: readonly number[] }) => {
    let total = 0
    for (const number of numbers) total = await add(total, number)
    return total
  })

  const run = await tutti.run(sum, { numbers: [1, 2, 3] })

  expect(run).toMatchObject({ flow: 'sum', state: 'completed', result: 6, error: undefined, attempts: 1 })
  expect(run.calls.map((call) => [call.task, call.attempts, call.replayed])).toEqual([
    ['add', 1, false],
    ['add', 1, false],
    ['add', 1, false],
  ])
  expect(run.taskRuns.map((taskRun) => taskRun.state.type)).toEqual(['completed', 'completed', 'completed'])
  expect(run.states.map((state) => state.type)).toEqual(['pending', 'running', 'completed'])
})

test('a failure is a state of the run, with what the flow threw', async () => {
  await using tutti = await testTutti()
  const broken = flow({ name: 'broken' }, async () => {
    throw new RangeError('no')
  })

  const run = await tutti.run(broken)

  expect(run).toMatchObject({ state: 'failed', message: 'no', result: undefined })
  expect(run.error).toBeInstanceOf(RangeError)
})

test('retries with hours between them take no real time, and the record has the hours', async () => {
  await using tutti = await testTutti({ start: '2026-03-01T00:00:00Z' })
  let calls = 0
  const flaky = task({ name: 'flaky', retries: 3, retryDelay: '2h' }, async () => {
    calls += 1
    if (calls < 4) throw new Error('not yet')
    return calls
  })
  const patient = flow({ name: 'patient' }, () => flaky())

  const run = await tutti.run(patient)

  expect(run).toMatchObject({ state: 'completed', result: 4 })
  expect(run.calls[0]).toMatchObject({ task: 'flaky', attempts: 4 })
  expect(tutti.clock.now()).toEqual(new Date('2026-03-01T06:00:00Z'))
})

test('a task that never ends runs into its timeout at once', async () => {
  await using tutti = await testTutti()
  const stuck = task({ name: 'stuck', timeout: '1h' }, () => new Promise(() => undefined))

  const run = await tutti.run(flow({ name: 'waits' }, () => stuck()))

  expect(run.state).toBe('failed')
  expect(run.error).toMatchObject({ code: 'TASK_TIMED_OUT' })
})

test('the same seed gives the same ids, names and times', async () => {
  const work = flow({ name: 'work' }, () => task({ name: 'one' }, async () => 1)())
  const play = async (seed: number): Promise<unknown> => {
    await using tutti = await testTutti({ seed })
    const { id, name, taskRuns, states } = await tutti.run(work)
    return { id, name, taskRuns, states }
  }

  expect(await play(7)).toEqual(await play(7))
  expect(await play(8)).not.toEqual(await play(7))
})

test('after a crash the run is found Crashed, and a resumed one does not call finished tasks again', async () => {
  await using tutti = await testTutti()
  const called: string[] = []
  const reached = Promise.withResolvers<void>()
  let blocked = true
  const first = task({ name: 'first' }, async () => void called.push('first'))
  const second = task({ name: 'second' }, async () => {
    called.push('second')
    reached.resolve()
    if (blocked) await new Promise(() => undefined)
    return 'done'
  })
  const two = flow({ name: 'two' }, async () => {
    await first()
    return second()
  })

  const running = tutti.run(two)
  await reached.promise
  await tutti.crash()
  const crashed = await running
  blocked = false
  const resumed = await tutti.resume(two, crashed)

  expect(crashed).toMatchObject({ state: 'crashed', result: undefined })
  expect(resumed).toMatchObject({ id: crashed.id, state: 'completed', result: 'done', attempts: 2 })
  expect(called).toEqual(['first', 'second', 'second'])
  expect(resumed.calls.map((call) => [call.task, call.replayed])).toEqual([
    ['first', true],
    ['second', false],
  ])
})

test('a flow that is called directly runs here too', async () => {
  await using tutti = await testTutti()
  const direct = flow({ name: 'direct' }, async (name: string) => `hello ${name}`)

  const greeting = await direct('you')

  expect(greeting).toBe('hello you')
  expect((await tutti.orchestrator.flowRuns.list({ limit: 10 })).items).toHaveLength(1)
})

test('a run that is cancelled ends as soon as its code heeds the signal', async () => {
  await using tutti = await testTutti({ clock: 'manual' })
  const begun = Promise.withResolvers<string>()
  const nap = task({ name: 'nap' }, async () => {
    begun.resolve(access().flowRunId)
    await tutti.clock.sleep('10h', access().signal)
  })
  const long = flow({ name: 'long' }, () => nap())

  const running = tutti.run(long)
  await tutti.cancel(await begun.promise, 'enough')

  expect(await running).toMatchObject({ state: 'cancelled', message: 'enough' })
})

test('a run that is still going when its Tutti is closed is told so', async () => {
  const play = async (): Promise<unknown> => {
    await using tutti = await testTutti()
    // Without `await` the function ends, and with it Tutti.
    return tutti.run(flow({ name: 'late' }, async () => 1))
  }

  await expect(play()).rejects.toThrow('testTutti was closed while flow late was running')
})

test('of two processes that resume one run, one wins and the other is told', async () => {
  await using tutti = await testTutti()
  await using other = tutti.another()
  const gate = Promise.withResolvers<void>()
  const reached = Promise.withResolvers<void>()
  const wait = task({ name: 'wait' }, async () => {
    reached.resolve()
    await gate.promise
  })
  const waiting = flow({ name: 'waiting' }, () => wait())
  const running = tutti.run(waiting)
  await reached.promise
  await tutti.crash()
  const crashed = await running

  const both = Promise.all([tutti.resume(waiting, crashed), other.resume(waiting, crashed)])
  gate.resolve()
  const [one, two] = await both

  expect([one.state, two.state]).toEqual(['completed', 'failed'])
  expect(two.error).toMatchObject({ code: 'TRANSITION_REJECTED' })
})

test('a run in a file is found Crashed and resumed by the Tutti that opens the file next', async () => {
  const path = join(await mkdtemp(join(tmpdir(), 'tutti-testing-')), 'runs.db')
  const called: string[] = []
  const reached = Promise.withResolvers<void>()
  const first = task({ name: 'first' }, async () => void called.push('first'))
  const second = task({ name: 'second' }, async () => {
    called.push('second')
    reached.resolve()
    if (called.length === 2) await new Promise(() => undefined)
  })
  const two = flow({ name: 'two' }, async () => {
    await first()
    await second()
  })
  const before = await testTutti({ path })
  void before.run(two)
  await reached.promise
  await before.close()

  await using after = await testTutti({ path })
  const [found] = (await after.orchestrator.flowRuns.list({ limit: 1 })).items
  const run = await after.resume(two, found?.id ?? '')
  const again = await after.run(two)

  expect(found?.state.type).toBe('crashed')
  expect(run.state).toBe('completed')
  expect(again.state).toBe('completed')
  expect(called).toEqual(['first', 'second', 'second', 'first', 'second'])
})

test('with the real clock time passes by itself', async () => {
  await using tutti = await testTutti({ clock: 'system' })
  let calls = 0
  const flaky = task({ name: 'flaky', retries: 1, retryDelay: 5 }, async () => {
    calls += 1
    if (calls === 1) throw new Error('once')
  })

  const run = await tutti.run(flow({ name: 'real' }, () => flaky()))

  expect(run.state).toBe('completed')
  await expect(tutti.clock.advance('1h')).rejects.toThrow("with clock: 'system' time passes by itself")
})

test('a large result outlives a crash', async () => {
  await using tutti = await testTutti()
  const reached = Promise.withResolvers<void>()
  let hang = true
  const large = task({ name: 'large' }, async () => 'x'.repeat(2_000_000))
  const last = task({ name: 'last' }, async () => {
    reached.resolve()
    if (hang) await new Promise(() => undefined)
  })
  const sizes = flow({ name: 'sizes' }, async () => {
    const text = await large()
    await last()
    return text.length
  })
  const running = tutti.run(sizes)
  await reached.promise
  await tutti.crash()
  hang = false

  const run = await tutti.resume(sizes, await running)

  expect(run).toMatchObject({ state: 'completed', result: 2_000_000 })
  expect(run.calls[0]).toMatchObject({ task: 'large', attempts: 0, replayed: true })
})
