import { expect, test } from 'vitest'
import { runAccess as run } from '../engine/run-access.ts'
import { testTutti } from '../testing/index.ts'
import { flow } from './flow.ts'
import { allowFailure, Completed, Failed } from './states.ts'
import { task } from './task.ts'

/* ── futures ───────────────────────────────────────────────────────────────────────── */

test('a future may be awaited as often as one likes: the call is made once', async () => {
  await using tutti = await testTutti()
  let calls = 0
  const once = task({ name: 'once' }, async () => (calls += 1))

  const result = await tutti.run(
    flow({ name: 'twice' }, async () => {
      const future = once()
      return [await future, await future, (await future.state()).result, await future.then((value) => value)]
    }),
  )

  expect(result.result).toEqual([1, 1, 1, 1])
})

test('a call that fails and is never awaited ends neither the process nor the flow', async () => {
  await using tutti = await testTutti()
  const broken = task({ name: 'broken' }, async () => {
    throw new Error('no')
  })

  const result = await tutti.run(
    flow({ name: 'careless' }, async () => {
      void broken()
      void broken.map([1, 2] as never)
      return 'done'
    }),
  )

  expect(result).toMatchObject({ state: 'completed', result: 'done' })
  expect(result.taskRuns.map((taskRun) => taskRun.state.type)).toEqual(['failed', 'failed', 'failed'])
})

test('a call after the flow has ended is refused, naming both', async () => {
  await using tutti = await testTutti()
  const late = task({ name: 'late' }, async () => 1)
  const told = Promise.withResolvers<unknown>()
  const ended = Promise.withResolvers<void>()

  await tutti.run(
    flow({ name: 'hasty', runName: 'the hasty one' }, async () => {
      void ended.promise.then(() => late()).catch(told.resolve)
    }),
  )
  ended.resolve()

  expect(await told.promise).toMatchObject({
    code: 'RUN_ENDED',
    message: expect.stringMatching(/task late.*the hasty one/) as string,
  })
})

test('one failure reaches everything that depends on it, and is named as the cause', async () => {
  await using tutti = await testTutti()
  const called: string[] = []
  const broken = task({ name: 'broken' }, async (): Promise<number> => {
    throw new RangeError('the root of it')
  })
  const next = task({ name: 'next' }, async (value: number) => {
    called.push('next')
    return value
  })

  const result = await tutti.run(flow({ name: 'chain' }, () => next(next(next(broken())))))

  expect(called).toEqual([])
  expect(result.error).toMatchObject({ code: 'UPSTREAM_FAILED', cause: { cause: { cause: { message: 'the root of it' } } } })
  expect(result.taskRuns.map((taskRun) => taskRun.state.name)).toEqual(['Failed', 'UpstreamFailed', 'UpstreamFailed', 'UpstreamFailed'])
})

test('a map may go over futures, and its result into the next map', async () => {
  await using tutti = await testTutti()
  const double = task({ name: 'double' }, async (value: number) => value * 2)

  const result = await tutti.run(
    flow({ name: 'chained' }, async () => {
      const first = double.map([1, 2, 3])
      return double.map(first.futures)
    }),
  )

  expect(result.result).toEqual([4, 8, 12])
})

test('a whole map may be an argument: the task waits for all of it', async () => {
  await using tutti = await testTutti()
  const double = task({ name: 'double' }, async (value: number) => value * 2)
  const sum = task({ name: 'sum' }, async (values: readonly number[]) => values.reduce((a, b) => a + b, 0))

  const result = await tutti.run(flow({ name: 'fan in' }, () => sum(double.map([1, 2, 3]))))

  expect(result.result).toBe(12)
  expect(result.taskRuns.find((taskRun) => taskRun.taskKey === 'sum')?.upstream).toHaveLength(3)
})

test('a thousand items with a limit of five: never more than five inside, results in order', async () => {
  await using tutti = await testTutti()
  const inside = { now: 0, most: 0 }
  const work = task({ name: 'work', concurrency: 5 }, async (item: number) => {
    inside.most = Math.max(inside.most, (inside.now += 1))
    await tutti.clock.sleep((item * 7) % 11)
    inside.now -= 1
    if (item === 500) throw new Error('one of them')
    return item
  })
  const items = Array.from({ length: 1_000 }, (_, index) => index)

  const result = await tutti.run(
    flow({ name: 'bounded' }, async () => (await work.map(items).settled()).map((state) => (state.isFailed ? -1 : state.result))),
  )

  expect(inside.most).toBe(5)
  expect(result.result).toEqual(items.map((item) => (item === 500 ? -1 : item)))
})

test('a limit of a map counts retries too', async () => {
  await using tutti = await testTutti()
  const inside = { now: 0, most: 0 }
  const work = task({ name: 'work', concurrency: 2, retries: 2, retryDelay: 5 }, async (item: number) => {
    inside.most = Math.max(inside.most, (inside.now += 1))
    await tutti.clock.sleep(10)
    inside.now -= 1
    if (run().attempt <= item % 3) throw new Error('again')
    return item
  })

  const result = await tutti.run(flow({ name: 'bounded' }, () => work.map([0, 1, 2, 3, 4, 5])))

  expect(result).toMatchObject({ state: 'completed', result: [0, 1, 2, 3, 4, 5] })
  expect(inside.most).toBe(2)
})

test('allowFailure gives the state of a call that completed too', async () => {
  await using tutti = await testTutti()
  const good = task({ name: 'good' }, async () => 7)
  const look = task({ name: 'look' }, async (state: { readonly isCompleted: boolean; readonly result: unknown }) => [
    state.isCompleted,
    state.result,
  ])

  const result = await tutti.run(flow({ name: 'allows' }, () => look(allowFailure(good()) as never)))

  expect(result.result).toEqual([true, 7])
})

/* ── what tasks return and throw ───────────────────────────────────────────────────── */

test.each([
  ['nothing', undefined],
  ['null', null],
  ['a date', new Date('2026-01-01')],
  ['a map', new Map([['a', { b: new Set([1]) }]])],
  ['a big integer', 12_345_678_901_234_567_890n],
  ['numbers JSON has not', [Number.NaN, Number.POSITIVE_INFINITY, -0]],
  ['bytes', new Uint8Array([1, 2, 255])],
  ['names in other scripts', { 'naïve 🎻': '音楽' }],
  ['a text of 5 MB', 'x'.repeat(5_000_000)],
] as const)('a result comes back as it was after a crash: %s', async (_what, value) => {
  await using tutti = await testTutti()
  let calls = 0
  const make = task({ name: 'make' }, async () => {
    calls += 1
    return value as unknown
  })
  const reached = Promise.withResolvers<void>()
  const seen: unknown[] = []
  const keeps = flow({ name: 'keeps' }, async () => {
    seen.push(await make())
    if (seen.length > 1) return
    reached.resolve()
    await new Promise(() => undefined)
  })

  const running = tutti.run(keeps)
  await reached.promise
  await tutti.crash()
  const resumed = await tutti.resume(keeps, await running)

  expect(resumed.state).toBe('completed')
  expect(calls).toBe(1)
  expect(Object.is(seen[0], value) || typeof value === 'object').toBe(true)
  expect(seen[1]).toEqual(value)
})

test('cbor keeps the same values, and large numeric data', async () => {
  await using tutti = await testTutti()
  const value = { floats: new Float64Array([1.5, -2, Number.NaN]), when: new Date(0), deep: [[1, 'two', null]] }
  let calls = 0
  const make = task({ name: 'make', serializer: 'cbor' }, async () => {
    calls += 1
    return value
  })
  const seen: unknown[] = []
  let failures = 1

  const result = await tutti.run(
    flow({ name: 'numbers', retries: 1 }, async () => {
      seen.push(await make())
      if (failures-- > 0) throw new Error('again')
    }),
  )

  expect(result.state).toBe('completed')
  expect(calls).toBe(1)
  expect(seen[1]).toEqual(value)
})

test('an error keeps its class, its fields and its causes over a crash', async () => {
  await using tutti = await testTutti()
  const broken = task({ name: 'broken' }, async () => {
    throw Object.assign(new TypeError('outer', { cause: new RangeError('inner') }), { status: 503, detail: { host: 'a' } })
  })
  const seen: unknown[] = []
  const reached = Promise.withResolvers<void>()
  const catches = flow({ name: 'catches' }, async () => {
    await broken().catch((error: unknown) => seen.push(error))
    if (seen.length > 1) return
    reached.resolve()
    await new Promise(() => undefined)
  })

  const running = tutti.run(catches)
  await reached.promise
  await tutti.crash()
  await tutti.resume(catches, await running)

  for (const error of seen) {
    expect(error).toBeInstanceOf(TypeError)
    expect(error).toMatchObject({ message: 'outer', status: 503, detail: { host: 'a' }, cause: { name: 'RangeError', message: 'inner' } })
  }
  expect(seen).toHaveLength(2)
})

test.each([
  ['text', 'just text'],
  ['a number', 42],
  ['nothing', undefined],
  ['null', null],
  ['an object', { code: 'E_ODD' }],
] as const)('a task may throw what is no error: %s', async (_what, thrown) => {
  await using tutti = await testTutti()
  const odd = task({ name: 'odd' }, async () => {
    throw thrown as unknown
  })

  const result = await tutti.run(
    flow({ name: 'catches' }, () =>
      odd().then(
        () => 'completed',
        (error: unknown) => ({ error }),
      ),
    ),
  )

  expect(result).toMatchObject({ state: 'completed', result: { error: thrown } })
  expect(result.taskRuns[0]?.state.type).toBe('failed')
})

test('a task that returns the future of another is that other\u2019s result', async () => {
  await using tutti = await testTutti()
  const inner = task({ name: 'inner' }, async () => 5)
  const outer = task({ name: 'outer' }, () => inner())

  expect((await tutti.run(flow({ name: 'passes on' }, () => outer()))).result).toBe(5)
})

test('a task may say its own end: a named Completed, or Failed without a throw', async () => {
  await using tutti = await testTutti()
  const skips = task({ name: 'skips' }, async () => Completed('Skipped', { result: 3 }))
  const fails = task({ name: 'fails', retries: 1 }, async () => Failed('not today'))

  const result = await tutti.run(flow({ name: 'says' }, async () => [await skips(), (await fails().state()).message]))

  expect(result.result).toEqual([3, 'not today'])
  expect(result.taskRuns.map((taskRun) => [taskRun.state.name, taskRun.runCount])).toEqual([
    ['Skipped', 1],
    ['Failed', 2],
  ])
})

/* ── options ───────────────────────────────────────────────────────────────────────── */

test('withOptions changes what it names and keeps the rest', async () => {
  await using tutti = await testTutti()
  const original = task({ name: 'original', retries: 3, tags: ['kept'], description: 'as before' }, async () => {
    throw new Error('no')
  })
  const changed = original.withOptions({ retries: 0, runName: 'renamed' })
  const sync = flow({ name: 'sync', tags: ['kept'] }, () => changed())

  const result = await tutti.run(sync.withOptions({ runName: 'of today' }))

  expect(result).toMatchObject({ state: 'failed', name: 'of today' })
  expect(result.taskRuns[0]).toMatchObject({ name: 'renamed', taskKey: 'original', tags: ['kept'], runCount: 1 })
  expect(original.definition).toMatchObject({ retries: 3, description: 'as before' })
})

test.each([
  [
    'the name of the run',
    {
      runName: () => {
        throw new Error('cannot name it')
      },
    },
  ],
  [
    'the key of the call',
    {
      key: () => {
        throw new Error('cannot name it')
      },
    },
  ],
  [
    'the key of the cache',
    {
      cache: {
        by: () => {
          throw new Error('cannot name it')
        },
      },
    },
  ],
] as const)('a function that fails to make %s fails the call with its error; the flow may go on', async (_what, options) => {
  await using tutti = await testTutti()
  const odd = task({ name: 'odd', ...(options as object) }, async () => 1)
  const plain = task({ name: 'plain' }, async () => 2)

  const result = await tutti.run(
    flow({ name: 'goes on', concurrency: 1 }, async () => [await odd().catch((error: Error) => error.message), await plain()]),
  )

  expect(result).toMatchObject({ state: 'completed', result: ['cannot name it', 2] })
})

test('a name template takes text and numbers, and leaves a place it cannot fill as it is', async () => {
  await using tutti = await testTutti()
  const circular: { self?: unknown } = {}
  circular.self = circular
  const named = task({ name: 'named', runName: '{0} and {1}', key: () => 'k' }, async (_a: unknown, _b?: unknown) => 1)

  const result = await tutti.run(
    flow({ name: 'names' }, async () => {
      await named('音楽', { a: 1 })
      await named(12n, undefined)
      await named(circular, [1])
    }),
  )

  expect(result.state).toBe('completed')
  expect(result.taskRuns[0]?.name).toBe('音楽 and {1}')
})

test('a flow whose name function fails is an error, and nothing runs', async () => {
  await using tutti = await testTutti()
  const called: string[] = []
  const odd = flow(
    {
      name: 'odd',
      runName: () => {
        throw new Error('cannot name it')
      },
    },
    async () => void called.push('odd'),
  )

  const result = await tutti.run(odd)

  expect(result).toMatchObject({ state: 'failed', message: 'cannot name it' })
  expect(called).toEqual([])
})

test('a name function that gives no text is refused by name', async () => {
  await using tutti = await testTutti()
  const called: string[] = []
  const odd = task({ name: 'odd', runName: (() => undefined) as never }, async () => void called.push('odd'))
  const late = flow({ name: 'late', runName: (async () => 'a') as never }, async () => void called.push('late'))

  const results = [await tutti.run(flow({ name: 'names' }, () => odd())), await tutti.run(late)]

  expect(results.map((each) => each.error)).toMatchObject([
    { code: 'INVALID_OPTION', message: 'runName of task odd gave a value of type undefined; it has to return text' },
    { code: 'INVALID_OPTION', message: 'runName of flow late gave a promise; it has to return text' },
  ])
  expect(called).toEqual([])
})

test('a name template of a flow takes any parameter', async () => {
  await using tutti = await testTutti()
  const body = async (_parameters: unknown): Promise<void> => undefined
  const named = flow({ name: 'named', runName: '{a} {b} {c.d} {e}' }, body)

  const result = await tutti.run(named, { a: 5n, b: [1n], c: { d: null } })

  expect(result.name).toBe('5 ["1"] null {e}')
})

test('a map over what is no list is refused, naming the task', async () => {
  await using tutti = await testTutti()
  const load = task({ name: 'load' }, async (value: number) => value)

  const results = [
    await tutti.run(flow({ name: 'maps' }, async () => load.map(undefined as never))),
    await tutti.run(flow({ name: 'maps' }, async () => load.map(7 as never))),
  ]

  expect(results.map((each) => each.error)).toMatchObject([
    { code: 'INVALID_OPTION', message: 'task load is mapped over undefined; it takes a list' },
    { code: 'INVALID_OPTION', message: 'task load is mapped over number; it takes a list' },
  ])
})
