import { expect, test } from 'vitest'
import { runAccess as run } from '../engine/run-access.ts'
import { testTutti } from '../testing/index.ts'
import { flow } from './flow.ts'
import { task } from './task.ts'
import { transaction } from './transaction.ts'

test('an attempt that ran out of time is one failure, also when its code then throws: retryIf is asked once', async () => {
  await using tutti = await testTutti()
  const asked: unknown[] = []
  const inside = { now: 0, most: 0 }
  const retryIf = async (error: unknown): Promise<boolean> => {
    asked.push((error as { code?: string }).code)
    await tutti.clock.sleep('1s')
    return true
  }
  const slow = task({ name: 'slow', retries: 1, timeout: '10s', retryIf }, async () => {
    inside.most = Math.max(inside.most, (inside.now += 1))
    run().signal.addEventListener('abort', () => (inside.now -= 1))
    await tutti.clock.sleep(run().attempt === 1 ? '1h' : '5s', run().signal)
    inside.now -= 1
  })

  const result = await tutti.run(flow({ name: 'one at a time', concurrency: 1 }, () => slow.map([1, 2, 3] as never)))

  expect(result.state).toBe('completed')
  expect(asked).toEqual(['TASK_TIMED_OUT', 'TASK_TIMED_OUT', 'TASK_TIMED_OUT'])
  expect(inside.most).toBe(1)
})

test('a run can be cancelled while retryIf of one of its tasks makes up its mind', async () => {
  await using tutti = await testTutti({ clock: 'manual' })
  const asked = Promise.withResolvers<string>()
  const answer = Promise.withResolvers<boolean>()
  const unsteady = task(
    {
      name: 'unsteady',
      retries: 1,
      retryIf: () => {
        asked.resolve(run().flowRunId)
        return answer.promise
      },
    },
    async () => {
      throw new Error('no')
    },
  )

  const running = tutti.run(flow({ name: 'undecided' }, () => unsteady()))
  await tutti.cancel(await asked.promise)
  answer.resolve(true)
  const result = await running

  expect(result.state).toBe('cancelled')
  expect(result.taskRuns.map((taskRun) => taskRun.state.type)).toEqual(['cancelled'])
})

test('a retryIf or a delay that throws ends the retries, and the log says so', async () => {
  await using tutti = await testTutti()
  const fails = async (): Promise<never> => {
    throw new Error('the first reason')
  }
  const retryIf = async (): Promise<boolean> => {
    throw new Error('cannot decide')
  }
  const retryDelay = (): number => {
    throw new Error('cannot count')
  }

  const undecided = await tutti.run(flow({ name: 'a' }, () => task({ name: 'undecided', retries: 3, retryIf }, fails)()))
  const uncounted = await tutti.run(flow({ name: 'b' }, () => task({ name: 'uncounted', retries: 3, retryDelay }, fails)()))

  expect(undecided).toMatchObject({ state: 'failed', message: 'the first reason' })
  expect(undecided.logs.map((line) => line.message).join()).toContain('cannot decide')
  expect(uncounted).toMatchObject({ state: 'failed', message: 'the first reason' })
  expect(uncounted.logs.map((line) => line.message).join()).toContain('cannot count')
})

test('retries of a task begin anew in each attempt of its flow', async () => {
  await using tutti = await testTutti()
  const attempts: string[] = []
  const broken = task({ name: 'broken', retries: 1 }, async () => {
    attempts.push('broken')
    if (attempts.length < 4) throw new Error('no')
    return 'at last'
  })

  const result = await tutti.run(flow({ name: 'stubborn', retries: 1 }, () => broken()))

  expect(result).toMatchObject({ state: 'completed', result: 'at last' })
  expect(attempts).toHaveLength(4)
})

test('retries multiply when a task that is tried again calls one that is', async () => {
  await using tutti = await testTutti()
  let outerCalls = 0
  let innerCalls = 0
  const inner = task({ name: 'inner', retries: 1 }, async () => {
    innerCalls += 1
    throw new Error('inner')
  })
  const outer = task({ name: 'outer', retries: 2 }, async () => {
    outerCalls += 1
    await inner()
  })

  const result = await tutti.run(flow({ name: 'nested' }, () => outer()))

  expect(result).toMatchObject({ state: 'failed', message: 'inner' })
  expect([outerCalls, innerCalls]).toEqual([3, 6])
})

test('a task that is tried again calls anew what a transaction inside it has undone', async () => {
  await using tutti = await testTutti()
  const told: string[] = []
  const write = task({ name: 'write', onRollback: (name: string) => void told.push(`undo ${name}`) }, async (name: string) => {
    told.push(`write ${name}`)
    return name
  })
  const all = task({ name: 'all', retries: 2 }, () =>
    transaction(async () => {
      await write('a')
      if (run().attempt < 3) throw new Error('again')
    }),
  )

  const result = await tutti.run(flow({ name: 'careful' }, () => all()))

  expect(result.state).toBe('completed')
  expect(told).toEqual(['write a', 'undo a', 'write a', 'undo a', 'write a'])
})

test('a task around others is tried again: what is two levels below takes part, under the same task runs', async () => {
  await using tutti = await testTutti()
  const called: string[] = []
  const leaf = task({ name: 'leaf' }, async (name: string) => void called.push(name))
  const middle = task({ name: 'middle' }, async (attempt: () => number) => {
    await leaf('first')
    if (attempt() === 1) throw new Error('again')
    await leaf('second')
  })
  const top = task({ name: 'top', retries: 1 }, () => {
    const { attempt } = run()
    return middle.withOptions({ key: () => 'the middle' })(() => attempt)
  })

  const result = await tutti.run(flow({ name: 'deep' }, () => top()))

  expect(result.state).toBe('completed')
  expect(called.at(-1)).toBe('second')
  expect(result.taskRuns.map((taskRun) => taskRun.name).toSorted()).toEqual(['leaf-0', 'leaf-1', 'middle-0', 'top-0'])
})

test('a task that is tried again goes on with the sub-flow run its first attempt began', async () => {
  await using tutti = await testTutti()
  let failures = 1
  const called: string[] = []
  const load = task({ name: 'load' }, async () => void called.push('load'))
  const child = flow({ name: 'child' }, async () => {
    await load()
    if (failures-- > 0) throw new Error('not yet')
    return 'loaded'
  })
  const careful = task({ name: 'careful', retries: 1 }, () => child())

  const result = await tutti.run(flow({ name: 'parent' }, () => careful()))

  expect(result).toMatchObject({ state: 'completed', result: 'loaded' })
  expect(called).toEqual(['load'])
  expect((await tutti.orchestrator.flowRuns.list({ flowName: 'child', limit: 10 })).items).toHaveLength(1)
})

test('a task that is tried again takes the result of a sub-flow that completed', async () => {
  await using tutti = await testTutti()
  let calls = 0
  const child = flow({ name: 'child' }, async () => (calls += 1))
  const careful = task({ name: 'careful', retries: 1 }, async () => {
    const value = await child()
    if (run().attempt === 1) throw new Error('again')
    return value
  })

  const result = await tutti.run(flow({ name: 'parent' }, () => careful()))

  expect(result).toMatchObject({ state: 'completed', result: 1 })
})

test('a task that is tried again makes a sub-flow call anew whose run could not begin', async () => {
  await using tutti = await testTutti()
  let names = 0
  const child = flow(
    {
      name: 'child',
      runName() {
        names += 1
        if (names < 3) throw new Error('no name yet')
        return 'named'
      },
    },
    async () => 'ran',
  )
  const careful = task({ name: 'careful', retries: 2 }, () => child())

  const result = await tutti.run(flow({ name: 'parent' }, () => careful()))

  expect(result).toMatchObject({ state: 'completed', result: 'ran' })
})

test('calls of a map inside a task that is tried again: those that completed are not called again', async () => {
  await using tutti = await testTutti()
  const called: number[] = []
  const inner = task({ name: 'inner' }, async (item: number) => {
    called.push(item)
    if (item === 2 && called.length < 4) throw new Error('not yet')
    return item
  })
  const outer = task({ name: 'outer', retries: 1 }, () => inner.map([1, 2, 3]))

  const result = await tutti.run(flow({ name: 'parent' }, () => outer()))

  expect(result).toMatchObject({ state: 'completed', result: [1, 2, 3] })
  expect(called).toEqual([1, 2, 3, 2])
})

test('a wait for a retry is not repeated by a crash: the rest of the delay is waited', async () => {
  await using tutti = await testTutti({ clock: 'manual', start: '2026-01-01T00:00:00Z' })
  const begun: string[] = []
  const failed = Promise.withResolvers<string>()
  const unsteady = task({ name: 'unsteady', retries: 1, retryDelay: '1h' }, async () => {
    begun.push(tutti.clock.now().toISOString())
    failed.resolve(run().flowRunId)
    if (begun.length === 1) throw new Error('no')
  })
  const patient = flow({ name: 'patient' }, () => unsteady())

  const running = tutti.run(patient)
  const id = await failed.promise
  await expect
    .poll(async () => (await tutti.orchestrator.taskRuns.list({ flowRunId: id, limit: 1 })).items[0]?.state.name)
    .toBe('AwaitingRetry')
  await tutti.clock.advance('40m')
  await tutti.crash()
  const resuming = tutti.resume(patient, await running)
  await tutti.clock.advance('20m')

  expect((await resuming).state).toBe('completed')
  expect(begun).toEqual(['2026-01-01T00:00:00.000Z', '2026-01-01T01:00:00.000Z'])
})
