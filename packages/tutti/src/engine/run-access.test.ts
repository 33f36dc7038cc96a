import { expect, test } from 'vitest'
import { flow } from '../sdk/flow.ts'
import { log } from '../sdk/log.ts'
import { tags } from '../sdk/tags.ts'
import { task } from '../sdk/task.ts'
import { testTutti } from '../testing/index.ts'
import { runAccess as run } from './run-access.ts'

test('run() says which flow run and which task run the code is in', async () => {
  await using tutti = await testTutti({ start: '2026-01-01T00:00:00Z' })
  const look = task({ name: 'look' }, async () => {
    const { flowRunId, flowRunName, flowName, taskRunId, taskRunName, attempt, parameters, scheduledFor } = run()
    return { flowRunId, flowRunName, flowName, taskRunId, taskRunName, attempt, parameters, scheduledFor }
  })

  const result = await tutti.run(
    flow({ name: 'sync', runName: 'of {day}' }, async (_parameters: { readonly day: string }) => [run().taskRunId, await look()]),
    { day: 'monday' },
  )

  expect(result.result).toEqual([
    null,
    {
      flowRunId: result.id,
      flowRunName: 'of monday',
      flowName: 'sync',
      taskRunId: result.taskRuns[0]?.id,
      taskRunName: 'look-0',
      attempt: 1,
      parameters: { day: 'monday' },
      scheduledFor: new Date('2026-01-01T00:00:00Z'),
    },
  ])
})

test('outside of a run run() says so, and log and tags do what they can', async () => {
  expect(() => run()).toThrow(expect.objectContaining({ code: 'NOT_IN_A_RUN' }))
  expect(() => tags(['a'], () => 1)).toThrow(expect.objectContaining({ code: 'NOT_IN_A_RUN' }))
  expect(() => log.debug('outside')).not.toThrow()
})

test('run() is found through timers, callbacks and promises of any depth, and never mixed up', async () => {
  await using tutti = await testTutti()
  const deep = async (levels: number): Promise<string | null> => {
    if (levels === 0) return run().taskRunName
    await tutti.clock.sleep(levels)
    return deep(levels - 1)
  }
  const look = task({ name: 'look' }, async (levels: number) => {
    const inCallback = await new Promise<string | null>((resolve) => queueMicrotask(() => resolve(run().taskRunName)))
    return [await deep(levels), inCallback]
  })

  const result = await tutti.run(flow({ name: 'mixes' }, async () => look.map([5, 1, 3])))

  expect(result.result).toEqual([
    ['look-0', 'look-0'],
    ['look-1', 'look-1'],
    ['look-2', 'look-2'],
  ])
})

test('now(), random() and uuid() are the same again after a crash, and differ from call to call', async () => {
  await using tutti = await testTutti()
  const drawn: unknown[][] = []
  const reached = Promise.withResolvers<void>()
  const draw = async (): Promise<unknown[]> => {
    const { now, random, uuid } = { now: () => run().now(), random: () => run().random(), uuid: () => run().uuid() }
    const first = await now()
    await tutti.clock.sleep('1s')
    return [first, await now(), random(), random(), uuid(), uuid()]
  }
  const inTask = task({ name: 'in-task' }, async () => {
    drawn.push(await draw())
    if (drawn.length > 2) return
    reached.resolve()
    await new Promise(() => undefined)
  })
  const draws = flow({ name: 'draws' }, async () => {
    drawn.push(await draw())
    await inTask()
  })

  const running = tutti.run(draws)
  await reached.promise
  await tutti.crash()
  await tutti.clock.advance('1h')
  const resumed = await tutti.resume(draws, await running)

  expect(resumed.state).toBe('completed')
  const [flowFirst, taskFirst, flowAgain, taskAgain] = drawn
  expect(flowAgain).toEqual(flowFirst)
  expect(taskAgain).toEqual(taskFirst)
  // The time stands still between the last draw of the flow and the first of the task.
  expect(new Set([...(flowFirst ?? []), ...(taskFirst ?? []).slice(1)].map(String)).size).toBe(11)
})

test('the idempotency key of a call is the same in all its attempts and runs of its flow, and no other call has it', async () => {
  await using tutti = await testTutti()
  const keys: string[] = []
  const pay = task({ name: 'pay', retries: 1 }, async (_what: string) => {
    keys.push(run().idempotencyKey)
    if (run().attempt === 1) throw new Error('again')
  })
  const pays = flow({ name: 'pays' }, async () => {
    await pay('a')
    await pay('a')
    await pay('b')
    keys.push(run().idempotencyKey)
  })

  await tutti.run(pays)
  await tutti.run(pays)

  expect(keys).toHaveLength(14)
  expect(keys[0]).toMatch(/^[0-9a-f]{32}$/)
  expect(keys[0]).toBe(keys[1])
  expect(new Set(keys).size).toBe(8)
})

test('the signal of an attempt is fresh: the one before it, aborted by its time limit, does not reach the next', async () => {
  await using tutti = await testTutti()
  const aborted: boolean[] = []
  const slow = task({ name: 'slow', retries: 1, timeout: '1m' }, async () => {
    aborted.push(run().signal.aborted)
    await tutti.clock.sleep(run().attempt === 1 ? '1h' : '1s', run().signal)
  })

  const result = await tutti.run(flow({ name: 'limited' }, () => slow()))

  expect(result.state).toBe('completed')
  expect(aborted).toEqual([false, false])
})

test('tags add up over contexts, tasks inside tasks and sub-flows, each once', async () => {
  await using tutti = await testTutti()
  const inner = task({ name: 'inner', tags: ['inner'] }, async () => run().tags)
  const outer = task({ name: 'outer', tags: ['outer'] }, async () => tags(['b', 'c'], () => inner()))

  const result = await tutti.run(flow({ name: 'tagged', tags: ['flow'] }, () => tags(['a'], () => tags(['a', 'b'], () => outer()))))

  expect(result.result).toEqual(['inner', 'a', 'b', 'c'])
})

test('log lines carry what they were given: errors with their stack, objects, placeholders, and their level', async () => {
  await using tutti = await testTutti()

  const result = await tutti.run(
    flow({ name: 'talks' }, async () => {
      log.debug('%s of %d', 'one', 2)
      run().log.warn({ a: [1] })
      log.error('it failed:', new RangeError('too far'))
    }),
  )

  expect(result.logs.map((line) => line.level)).toEqual([10, 30, 40])
  expect(result.logs[0]?.message).toBe('one of 2')
  expect(result.logs[1]?.message).toBe('{ a: [ 1 ] }')
  expect(result.logs[2]?.message).toMatch(/it failed:.*RangeError: too far\n\s+at /s)
})

test('console lines stay on the terminal unless the flow asks for them', async () => {
  await using tutti = await testTutti()

  const result = await tutti.run(flow({ name: 'quiet' }, async () => console.debug('not captured')))

  expect(result.logs).toEqual([])
})

test('a run that was simply called is about the moment it was made', async () => {
  await using tutti = await testTutti({ start: '2026-01-01T00:00:00Z' })

  const { result } = await tutti.run(flow({ name: 'sync' }, async () => run().logicalDate))

  expect(result).toEqual(new Date('2026-01-01T00:00:00Z'))
})

test('a key for a thing that is done is the same in every attempt, in whatever order things are done', async () => {
  await using tutti = await testTutti()
  const attempts: Record<string, string[]>[] = []
  const work = task({ name: 'work', retries: 1 }, async () => {
    const things = attempts.length === 0 ? ['a', 'b', 'a'] : ['b', 'a', 'a']
    const keys = things.map((thing) => [thing, run().keyFor(thing)] as const)
    attempts.push({
      a: keys.filter(([thing]) => thing === 'a').map(([, key]) => key),
      b: keys.filter(([thing]) => thing === 'b').map(([, key]) => key),
    })
    if (attempts.length === 1) throw new Error('once more')
  })

  await tutti.run(flow({ name: 'keys' }, async () => work()))

  expect(attempts[1]).toEqual(attempts[0])
  expect(new Set(Object.values(attempts[0] ?? {}).flat()).size).toBe(3)
})
