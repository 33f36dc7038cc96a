import { expect, test } from 'vitest'
import { flow } from '../sdk/flow.ts'
import type { Flow } from '../sdk/flow.ts'
import { transaction } from '../sdk/transaction.ts'
import { task } from '../sdk/task.ts'
import { testTutti } from '../testing/index.ts'
import type { TestRun, TestTutti } from '../testing/index.ts'
import { runAccess as run } from './run-access.ts'

/** Runs a flow until it says that it is far enough, then kills the process. */
async function runUntil(tutti: TestTutti, body: (farEnough: () => Promise<never>) => Promise<unknown>): Promise<TestRun> {
  const reached = Promise.withResolvers<void>()
  const farEnough = (): Promise<never> => {
    reached.resolve()
    return new Promise(() => undefined)
  }
  const running = tutti.run(flow({ name: 'work' }, () => body(farEnough)))
  await reached.promise
  await tutti.crash()
  return running
}

function work(body: () => unknown): Flow<undefined, unknown> {
  return flow({ name: 'work' }, body)
}

function recorder(): { readonly called: unknown[]; readonly note: (value: unknown) => void } {
  const called: unknown[] = []
  return { called, note: (value) => void called.push(value) }
}

test('a failure that the flow caught takes the same branch again', async () => {
  await using tutti = await testTutti()
  const { called, note } = recorder()
  const broken = task({ name: 'broken' }, async (): Promise<string> => {
    note('broken')
    throw new RangeError('out of range')
  })
  const instead = task({ name: 'instead' }, async (reason: string) => {
    note('instead')
    return reason
  })
  const body = async (): Promise<string> => broken().catch((error: RangeError) => instead(`${error.name}: ${error.message}`))

  const crashed = await runUntil(tutti, async (farEnough) => {
    await body()
    await farEnough()
  })
  const resumed = await tutti.resume(work(body), crashed)

  expect(resumed).toMatchObject({ state: 'completed', result: 'RangeError: out of range' })
  expect(called).toEqual(['broken', 'instead'])
})

test('Promise.race has the same winner again, although the loser would now be quicker', async () => {
  await using tutti = await testTutti()
  let slow = 'b'
  const racer = task({ name: 'racer' }, async (name: string) => {
    await tutti.clock.sleep(name === slow ? 1_000 : 1)
    return name
  })
  const body = (): Promise<string> => Promise.race([racer('a'), racer('b')])

  const crashed = await runUntil(tutti, async (farEnough) => {
    await body()
    await farEnough()
  })
  slow = 'a'
  const resumed = await tutti.resume(work(body), crashed)

  expect(resumed).toMatchObject({ state: 'completed', result: 'a' })
})

test('equal calls made at the same time each find their own result', async () => {
  await using tutti = await testTutti()
  let count = 0
  const draw = task({ name: 'draw' }, async (_urn: string) => (count += 1))
  const body = (): Promise<readonly number[]> => Promise.all([draw('urn'), draw('urn'), draw('urn')])

  const crashed = await runUntil(tutti, async (farEnough) => {
    await body()
    await farEnough()
  })
  const resumed = await tutti.resume(work(body), crashed)

  expect(resumed).toMatchObject({ state: 'completed', result: [1, 2, 3] })
  expect(count).toBe(3)
})

test('calls are found again when code above them has changed', async () => {
  await using tutti = await testTutti()
  const { called, note } = recorder()
  const load = task({ name: 'load' }, async (table: string) => note(table))

  const crashed = await runUntil(tutti, async (farEnough) => {
    await load('a')
    await load('b')
    await farEnough()
  })
  const resumed = await tutti.resume(
    work(async () => {
      await load('new')
      await load('b')
      await load('a')
    }),
    crashed,
  )

  expect(resumed.state).toBe('completed')
  expect(called).toEqual(['a', 'b', 'new'])
})

test('a call with other arguments than before runs as a new task run, and the log names the old one', async () => {
  await using tutti = await testTutti()
  const greet = task({ name: 'greet' }, async (name: string) => `hello ${name}`)

  const crashed = await runUntil(tutti, async (farEnough) => {
    await greet('Ada')
    await farEnough()
  })
  const resumed = await tutti.resume(
    work(() => greet('Grace')),
    crashed,
  )

  expect(resumed).toMatchObject({ state: 'completed', result: 'hello Grace' })
  expect(resumed.taskRuns).toHaveLength(2)
  expect(resumed.logs.map((record) => record.message).join()).toContain(
    'call 1 of task greet has other arguments than in attempt 1 (task run greet-0',
  )
})

/** Resumes a run whose one call now has another argument. */
async function resumeChanged(tutti: TestTutti, onChange: 'fail' | 'run'): Promise<{ resumed: TestRun; called: readonly unknown[] }> {
  const { called, note } = recorder()
  const greet = task({ name: 'greet', onChange }, async (name: string) => note(name))
  const crashed = await runUntil(tutti, async (farEnough) => {
    await greet('Ada')
    await farEnough()
  })
  const resumed = await tutti.resume(
    work(() => greet('Grace')),
    crashed,
  )
  return { resumed, called }
}

test("onChange: 'fail' refuses a call with other arguments than before", async () => {
  await using tutti = await testTutti()

  const { resumed, called } = await resumeChanged(tutti, 'fail')

  expect(resumed.error).toMatchObject({ code: 'TASK_CALL_CHANGED' })
  expect(called).toEqual(['Ada'])
})

test("onChange: 'run' runs a call with other arguments and says nothing", async () => {
  await using tutti = await testTutti()

  const { resumed, called } = await resumeChanged(tutti, 'run')

  expect(resumed).toMatchObject({ state: 'completed', logs: [] })
  expect(called).toEqual(['Ada', 'Grace'])
})

/** Resumes a run whose call got a function, which nobody can compare. */
async function resumeUnhashable(tutti: TestTutti, key?: () => string): Promise<{ resumed: TestRun; called: readonly unknown[] }> {
  const { called, note } = recorder()
  const apply = task({ name: 'apply', ...(key !== undefined && { key }) }, async (callback: () => number) => {
    note(callback.name)
    return callback()
  })
  const body = (): Promise<number> =>
    apply(function seven() {
      return 7
    })
  const crashed = await runUntil(tutti, async (farEnough) => {
    await body()
    await farEnough()
  })
  return { resumed: await tutti.resume(work(body), crashed), called }
}

test('a call whose arguments cannot be compared runs again, and the log says why', async () => {
  await using tutti = await testTutti()

  const { resumed, called } = await resumeUnhashable(tutti)

  expect(resumed).toMatchObject({ state: 'completed', result: 7 })
  expect(called).toEqual(['seven', 'seven'])
  expect(resumed.logs.map((record) => record.message).join()).toContain('give the task a `key`')
})

test('a call with a key of its own is found again whatever its arguments are', async () => {
  await using tutti = await testTutti()

  const { resumed, called } = await resumeUnhashable(tutti, () => 'by hand')

  expect(resumed).toMatchObject({ state: 'completed', result: 7 })
  expect(called).toEqual(['seven'])
})

test('a map goes on with the items that were not finished', async () => {
  await using tutti = await testTutti()
  const { called, note } = recorder()
  let blocked: (() => Promise<never>) | undefined
  const double = task({ name: 'double' }, async (value: number) => {
    note(value)
    // Whatever was finished before the time is asked for has been committed with it.
    await run().now()
    if (value === 3 && blocked !== undefined) await blocked()
    return value * 2
  })
  const body = (): Promise<readonly number[]> => double.withOptions({ concurrency: 1 }).map([1, 2, 3, 4])

  const crashed = await runUntil(tutti, (farEnough) => {
    blocked = farEnough
    return body()
  })
  blocked = undefined
  const resumed = await tutti.resume(work(body), crashed)

  expect(resumed).toMatchObject({ state: 'completed', result: [2, 4, 6, 8] })
  expect(called).toEqual([1, 2, 3, 3, 4])
})

test('a resumed parent takes the result of a finished sub-flow and resumes an unfinished one; there is never a twin', async () => {
  await using tutti = await testTutti()
  const { called, note } = recorder()
  let blocked: (() => Promise<never>) | undefined
  const part = task({ name: 'part' }, async (name: string) => note(name))
  const child = flow({ name: 'child' }, async (name: string) => {
    await part(`${name} 1`)
    if (name === 'second' && blocked !== undefined) await blocked()
    await part(`${name} 2`)
    return name
  })
  const body = async (): Promise<readonly string[]> => [await child('first'), await child('second')]

  const crashed = await runUntil(tutti, (farEnough) => {
    blocked = farEnough
    return body()
  })
  blocked = undefined
  const resumed = await tutti.resume(work(body), crashed)

  expect(resumed).toMatchObject({ state: 'completed', result: ['first', 'second'] })
  expect(called).toEqual(['first 1', 'first 2', 'second 1', 'second 2'])
  const children = await tutti.orchestrator.flowRuns.list({ flowName: 'child', limit: 10 })
  expect(children.items.map((item) => item.state.type)).toEqual(['completed', 'completed'])
})

test('run().now(), random() and uuid() give the same again, inside tasks too', async () => {
  await using tutti = await testTutti()
  const drawn: unknown[] = []
  const draw = async (): Promise<unknown> => [await run().now(), run().random(), run().uuid(), run().idempotencyKey]
  let blocked: (() => Promise<never>) | undefined
  const inside = task({ name: 'inside' }, async () => {
    drawn.push(await draw())
    if (blocked !== undefined) await blocked()
  })
  const body = async (): Promise<void> => {
    drawn.push(await draw())
    drawn.push(await draw())
    await inside()
  }

  const crashed = await runUntil(tutti, (farEnough) => {
    blocked = farEnough
    return body()
  })
  blocked = undefined
  await tutti.clock.advance('1d')
  const resumed = await tutti.resume(work(body), crashed)

  expect(resumed.state).toBe('completed')
  expect(drawn).toHaveLength(6)
  expect(drawn.slice(3)).toEqual(drawn.slice(0, 3))
  expect(new Set(drawn.slice(0, 3).map((each) => JSON.stringify(each))).size).toBe(3)
})

test('a result that cannot be stored is visible as such and its task runs again', async () => {
  await using tutti = await testTutti()
  const { called, note } = recorder()
  const open = task({ name: 'open' }, async () => {
    note('open')
    return { handle: () => 'a function' }
  })
  const body = async (): Promise<string> => (await open()).handle()

  const crashed = await runUntil(tutti, async (farEnough) => {
    await body()
    await farEnough()
  })
  const resumed = await tutti.resume(work(body), crashed)

  expect(resumed).toMatchObject({ state: 'completed', result: 'a function' })
  expect(called).toEqual(['open', 'open'])
  expect(resumed.logs.map((record) => record.message).join()).toContain('kept in memory only')
})

test('retry runs failed tasks again and replays completed ones', async () => {
  await using tutti = await testTutti()
  const { called, note } = recorder()
  let broken = true
  const first = task({ name: 'first' }, async () => note('first'))
  const second = task({ name: 'second' }, async () => {
    note('second')
    if (broken) throw new Error('not today')
  })
  const two = work(async () => {
    await first()
    await second()
  })

  const failed = await tutti.run(two)
  broken = false
  const retried = await tutti.retry(two, failed)

  expect([failed.state, retried.state]).toEqual(['failed', 'completed'])
  expect(called).toEqual(['first', 'second', 'second'])
  expect(retried.taskRuns).toHaveLength(2)
})

test('what a transaction has undone is called again when the run is retried, and undone again when it fails again', async () => {
  await using tutti = await testTutti()
  const { called, note } = recorder()
  let failures = 2
  const reserve = task({ name: 'reserve', onRollback: () => note('cancel') }, async () => {
    note('reserve')
    return 'seat 1'
  })
  const pay = task({ name: 'pay' }, async () => {
    note('pay')
    if (failures-- > 0) throw new Error('declined')
  })
  const book = work(() =>
    transaction(async () => {
      await reserve()
      await pay()
    }),
  )

  const failed = await tutti.run(book)
  const failedAgain = await tutti.retry(book, failed)
  const booked = await tutti.retry(book, failedAgain)

  expect([failed.state, failedAgain.state, booked.state]).toEqual(['failed', 'failed', 'completed'])
  expect(called).toEqual(['reserve', 'pay', 'cancel', 'reserve', 'pay', 'cancel', 'reserve', 'pay'])
})
