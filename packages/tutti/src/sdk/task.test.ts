import { expect, test } from 'vitest'
import { exponential } from '../core/retry.ts'
import { runAccess as run } from '../engine/run-access.ts'
import { testTutti } from '../testing/index.ts'
import { flow } from './flow.ts'
import { allowFailure, unmapped } from './states.ts'
import { task } from './task.ts'
import { transaction } from './transaction.ts'

/* ── retries and time ──────────────────────────────────────────────────────────────── */

test.each([
  ['a number of milliseconds', 1_500, [1.5, 3]],
  ['text', '2s', [2, 4]],
  ['a list, its last entry repeated', ['1s', '5s'], [1, 6]],
  ['an exponential', exponential('1s', { factor: 3 }), [1, 4]],
  ['a function of the failure', ({ attempt }: { attempt: number }) => attempt * 10_000, [10, 30]],
] as const)('the delay of a retry can be %s', async (_what, retryDelay, seconds) => {
  await using tutti = await testTutti({ start: '2026-01-01T00:00:00Z' })
  const begun: number[] = []
  const unsteady = task({ name: 'unsteady', retries: 2, retryDelay: retryDelay as number }, async () => {
    begun.push((tutti.clock.now().getTime() - Date.UTC(2026, 0, 1)) / 1000)
    if (begun.length < 3) throw new Error('again')
  })

  const result = await tutti.run(flow({ name: 'retries' }, () => unsteady()))

  expect(result.state).toBe('completed')
  expect(begun).toEqual([0, ...seconds])
})

test('an error may say itself when to come back', async () => {
  await using tutti = await testTutti({ start: '2026-01-01T00:00:00Z' })
  let calls = 0
  const busy = task({ name: 'busy', retries: 1, retryDelay: '1s' }, async () => {
    calls += 1
    if (calls === 1) throw Object.assign(new Error('busy'), { retryAfter: '1m' })
  })

  await tutti.run(flow({ name: 'polite' }, () => busy()))

  expect(tutti.clock.now()).toEqual(new Date('2026-01-01T00:01:00Z'))
})

test('retryIf sees the error and the attempt, and can end the retries', async () => {
  await using tutti = await testTutti()
  const asked: unknown[] = []
  const retryIf = (error: unknown, { attempt }: { attempt: number }): boolean => {
    asked.push([(error as Error).message, attempt])
    return attempt < 2
  }
  const broken = task({ name: 'broken', retries: 5, retryIf }, async () => {
    throw new Error(`attempt ${run().attempt}`)
  })

  const result = await tutti.run(flow({ name: 'asks' }, () => broken()))

  expect(result).toMatchObject({ state: 'failed', message: 'attempt 2' })
  expect(asked).toEqual([
    ['attempt 1', 1],
    ['attempt 2', 2],
  ])
})

test('an attempt that takes too long is TimedOut, its signal aborts, and a retry may do better', async () => {
  await using tutti = await testTutti()
  const aborted: unknown[] = []
  const slow = task({ name: 'slow', retries: 1, timeout: '10s' }, async () => {
    const { attempt, signal } = run()
    signal.addEventListener('abort', () => aborted.push((signal.reason as { code: string }).code))
    await tutti.clock.sleep(attempt === 1 ? '1h' : '1s', signal)
    return attempt
  })

  const result = await tutti.run(flow({ name: 'limited' }, () => slow()))

  expect(result).toMatchObject({ state: 'completed', result: 2 })
  expect(aborted).toEqual(['TASK_TIMED_OUT'])
})

/* ── futures and what calls depend on ──────────────────────────────────────────────── */

test('a future knows its task run, and its state never throws', async () => {
  await using tutti = await testTutti()
  const broken = task({ name: 'broken' }, async (): Promise<number> => {
    throw new RangeError('no')
  })

  const result = await tutti.run(
    flow({ name: 'looks' }, async () => {
      const future = broken()
      const state = await future.state()
      return [future.id, future.name, state.type, state.message, state.isFailed]
    }),
  )

  expect(result.result).toEqual([result.taskRuns[0]?.id, 'broken-0', 'failed', 'no', true])
})

test('futures anywhere in the arguments become results, and are recorded as dependencies', async () => {
  await using tutti = await testTutti()
  const one = task({ name: 'one' }, async () => 1)
  const sum = task({ name: 'sum' }, async (input: { readonly parts: readonly number[] }, more: number) =>
    input.parts.reduce((a, b) => a + b, more),
  )

  const result = await tutti.run(
    flow({ name: 'adds' }, () => {
      const first = one()
      return sum({ parts: [first, 10] } as never, one())
    }),
  )

  expect(result.result).toBe(12)
  const ids = result.taskRuns.filter((taskRun) => taskRun.taskKey === 'one').map((taskRun) => taskRun.id)
  expect(new Set(result.taskRuns.find((taskRun) => taskRun.taskKey === 'sum')?.upstream)).toEqual(new Set(ids))
})

test('a call does not run when one it depends on has failed, unless that failure is allowed', async () => {
  await using tutti = await testTutti()
  const called: string[] = []
  const broken = task({ name: 'broken' }, async (): Promise<number> => {
    throw new Error('no')
  })
  const next = task({ name: 'next' }, async (_input: unknown) => void called.push('next'))
  const tolerant = task({ name: 'tolerant' }, async (state: { readonly name: string }) => state.name)

  const stopped = await tutti.run(flow({ name: 'stops' }, () => next(broken())))
  const waited = await tutti.run(flow({ name: 'waits' }, () => next.withOptions({ waitFor: [broken()] })(1)))
  const allowed = await tutti.run(flow({ name: 'allows' }, () => tolerant(allowFailure(broken()) as never)))

  expect(stopped.error).toMatchObject({ code: 'UPSTREAM_FAILED', cause: { message: 'no' } })
  expect(waited.error).toMatchObject({ code: 'UPSTREAM_FAILED' })
  expect(called).toEqual([])
  expect(allowed).toMatchObject({ state: 'completed', result: 'Failed' })
})

test('Promise.all, allSettled and race do what they do with any promise', async () => {
  await using tutti = await testTutti()
  const after = task({ name: 'after' }, async (seconds: number) => {
    await tutti.clock.sleep(seconds * 1000, run().signal)
    if (seconds === 2) throw new Error('two')
    return seconds
  })

  const result = await tutti.run(
    flow({ name: 'promises' }, async () => ({
      all: await Promise.all([after(3), after(1)]),
      settled: (await Promise.allSettled([after(1), after(2)])).map((each) => each.status),
      race: await Promise.race([after(3), after(1)]),
    })),
  )

  expect(result.result).toEqual({ all: [3, 1], settled: ['fulfilled', 'rejected'], race: 1 })
})

/* ── map ───────────────────────────────────────────────────────────────────────────── */

test('map calls once for each item, in order, with lists that go along and constants that do not', async () => {
  await using tutti = await testTutti()
  const describe = task(
    { name: 'describe' },
    async (name: string, size: number, units: readonly string[]) => `${name} ${size} ${units.join('/')}`,
  )

  const result = await tutti.run(flow({ name: 'maps' }, () => describe.map(['a', 'b'], [1, 2], unmapped(['cm', 'in']))))

  expect(result.result).toEqual(['a 1 cm/in', 'b 2 cm/in'])
})

test('a map keeps to its limit, and the flow to its own', async () => {
  await using tutti = await testTutti()
  const inside = { now: 0, most: 0 }
  const work = task({ name: 'work' }, async (_item: number) => {
    inside.most = Math.max(inside.most, (inside.now += 1))
    await tutti.clock.sleep(10)
    inside.now -= 1
  })
  const items = Array.from({ length: 60 }, (_, index) => index)
  const mostInside = async (name: string, body: () => Promise<unknown>, concurrency?: number): Promise<number> => {
    inside.most = 0
    await tutti.run(flow({ name, ...(concurrency !== undefined && { concurrency }) }, body))
    return inside.most
  }

  expect(await mostInside('of the map', () => work.withOptions({ concurrency: 5 }).map(items))).toBe(5)
  expect(await mostInside('of the flow', () => work.map(items), 7)).toBe(7)
  expect(await mostInside('the smaller one', () => work.withOptions({ concurrency: 30 }).map(items), 3)).toBe(3)
})

test('when calls of a map fail the others go on, and both are kept', async () => {
  await using tutti = await testTutti()
  const odd = task({ name: 'odd' }, async (value: number) => {
    if (value % 2 === 0) throw new Error(`${value} is even`)
    return value
  })

  const failed = await tutti.run(flow({ name: 'throws' }, () => odd.map([1, 2, 3]).then((values) => values)))
  const settled = await tutti.run(
    flow({ name: 'settles' }, async () => (await odd.map([1, 2, 3]).settled()).map((state) => state.result ?? state.message)),
  )
  const empty = await tutti.run(flow({ name: 'empty' }, () => odd.map([])))

  expect(failed.error).toMatchObject({ code: 'MAP_FAILED', errors: [{ message: '2 is even' }] })
  expect(settled.result).toEqual([1, '2 is even', 3])
  expect(empty.result).toEqual([])
})

test('lists of other lengths than the first are refused', async () => {
  await using tutti = await testTutti()
  const add = task({ name: 'add' }, async (a: number, b: number) => a + b)

  const result = await tutti.run(flow({ name: 'uneven' }, () => add.map([1, 2, 3], [1, 2])))

  expect(result.error).toMatchObject({ code: 'MAP_LENGTHS_DIFFER' })
})

/* ── caches ────────────────────────────────────────────────────────────────────────── */

test('a cached result serves later calls with equal arguments, of any run, until it expires', async () => {
  await using tutti = await testTutti()
  let calls = 0
  const rate = task({ name: 'rate', cache: { by: 'inputs', expires: '1h' } }, async (currency: string) => {
    calls += 1
    return `${currency} ${calls}`
  })
  const convert = flow({ name: 'convert' }, async () => [await rate('EUR'), await rate('EUR'), await rate('CHF')])

  const first = await tutti.run(convert)
  const second = await tutti.run(convert)
  await tutti.clock.advance('2h')
  const third = await tutti.run(convert)

  expect(first.result).toEqual(['EUR 1', 'EUR 1', 'CHF 2'])
  expect(second.result).toEqual(['EUR 1', 'EUR 1', 'CHF 2'])
  expect(third.result).toEqual(['EUR 3', 'EUR 3', 'CHF 4'])
  expect(second.taskRuns.map((taskRun) => taskRun.state.name)).toEqual(['Cached', 'Cached', 'Cached'])
})

test('a cache can be by run, by a key of one\u2019s own, and refreshed', async () => {
  await using tutti = await testTutti()
  let calls = 0
  const body = async (_value: number): Promise<number> => (calls += 1)
  const ofRun = task({ name: 'of-run', cache: { by: ['inputs', 'run'] } }, body)
  const ofKey = task({ name: 'of-key', cache: { by: () => 'the only one' } }, body)
  const fresh = ofKey.withOptions({ cache: { by: () => 'the only one', refresh: true } })
  const twice = (one: typeof ofRun, two = one) => flow({ name: 'twice' }, async () => [await one(1), await two(2 - 1)])

  const runs = [await tutti.run(twice(ofRun)), await tutti.run(twice(ofRun))]
  const keyed = await tutti.run(twice(ofKey))
  const refreshed = await tutti.run(twice(fresh, ofKey))

  expect(runs.map((each) => each.result)).toEqual([
    [1, 1],
    [2, 2],
  ])
  expect(keyed.result).toEqual([3, 3])
  expect(refreshed.result).toEqual([4, 4])
})

test('a large result is cached too, and outlives the run that made it', async () => {
  await using tutti = await testTutti()
  let calls = 0
  const large = task({ name: 'large', cache: { by: 'inputs' } }, async (size: number) => {
    calls += 1
    return 'x'.repeat(size)
  })
  const load = flow({ name: 'load' }, async () => (await large(200_000)).length)

  const first = await tutti.run(load)
  await tutti.orchestrator.flowRuns.delete(first.id)
  const second = await tutti.run(load)

  expect(second).toMatchObject({ state: 'completed', result: 200_000 })
  expect(calls).toBe(1)
})

/* ── results ───────────────────────────────────────────────────────────────────────── */

test('a result that must be stored and cannot be is an error that names it', async () => {
  await using tutti = await testTutti()
  const open = task({ name: 'open', persist: 'required' }, async () => ({ file: { read: () => 1 } }))

  const result = await tutti.run(flow({ name: 'strict' }, () => open()))

  expect(result.error).toMatchObject({ code: 'RESULT_NOT_SERIALISABLE' })
  expect(String(result.error)).toContain('open-0')
})

test('a result that must not be stored is not in the store', async () => {
  await using tutti = await testTutti()
  const secret = task({ name: 'secret', persist: false }, async () => 'hunter2')

  const result = await tutti.run(flow({ name: 'discreet' }, async () => (await secret()).length))

  expect(result.result).toBe(7)
  expect(result.taskRuns[0]?.outcome).toMatchObject({ format: 'none' })
})

/* ── nesting, transactions, and outside of flows ───────────────────────────────────── */

test('a task may call tasks; when it is tried again those that completed are not called again', async () => {
  await using tutti = await testTutti()
  const called: string[] = []
  const inner = task({ name: 'inner' }, async (name: string) => void called.push(name))
  const outer = task({ name: 'outer', retries: 1 }, async () => {
    await inner('first')
    if (run().attempt === 1) throw new Error('again')
    await inner('second')
  })

  const result = await tutti.run(flow({ name: 'nested' }, () => outer()))

  expect(result.state).toBe('completed')
  expect(called).toEqual(['first', 'second'])
  const parent = result.taskRuns.find((taskRun) => taskRun.taskKey === 'outer')
  expect(result.taskRuns.filter((taskRun) => taskRun.taskKey === 'inner').map((taskRun) => taskRun.parentTaskRunId)).toEqual([
    parent?.id,
    parent?.id,
  ])
})

test('a transaction commits or undoes its tasks, newest first', async () => {
  await using tutti = await testTutti()
  const told: string[] = []
  const hooks = {
    onCommit: (name: string) => void told.push(`commit ${name}`),
    onRollback: (name: string) => void told.push(`undo ${name}`),
  }
  const write = task({ name: 'write', ...hooks }, async (name: string) => name)
  const good = flow({ name: 'good' }, () => transaction(async () => [await write('a'), await write('b')]))
  const bad = flow({ name: 'bad' }, () =>
    transaction(async (tx) => {
      tx.set('last', await write('c'))
      await transaction(() => write('d'))
      throw new Error(`after ${String(tx.get('last'))}`)
    }),
  )

  const results = [await tutti.run(good), await tutti.run(bad)]

  expect(results.map((each) => each.state)).toEqual(['completed', 'failed'])
  expect(results[1]?.message).toBe('after c')
  expect(told).toEqual(['commit b', 'commit a', 'undo d', 'undo c'])
})

test('a crash in the middle of an undo does not undo twice', async () => {
  await using tutti = await testTutti()
  const undone: string[] = []
  const reached = Promise.withResolvers<void>()
  let blocked = true
  const write = task(
    {
      name: 'write',
      async onRollback(name: string) {
        if (name === 'a' && blocked) {
          // What was undone before is committed when the time has been.
          await run().now()
          reached.resolve()
          await new Promise(() => undefined)
        }
        undone.push(name)
      },
    },
    async (name: string) => name,
  )
  const all = flow({ name: 'all' }, () =>
    transaction(async () => {
      await write('a')
      await write('b')
      throw new Error('stop')
    }),
  )

  const running = tutti.run(all)
  await reached.promise
  await tutti.crash()
  blocked = false
  const resumed = await tutti.resume(all, await running)

  expect(resumed).toMatchObject({ state: 'failed', message: 'stop' })
  expect(undone).toEqual(['b', 'a'])
})

test('a task that is called outside of a flow is a tracked run of its own', async () => {
  await using tutti = await testTutti()
  const alone = task({ name: 'alone' }, async (value: number) => value + 1)

  const result = await alone(41)

  expect(result).toBe(42)
  expect((await tutti.orchestrator.flowRuns.list({ limit: 10 })).items).toMatchObject([{ flowName: 'alone', state: { type: 'completed' } }])
})

test('10,000 calls at once are all done, no more at a time than the limit', async () => {
  await using tutti = await testTutti()
  let now = 0
  let most = 0
  const count = task({ name: 'count' }, async (index: number) => {
    most = Math.max(most, (now += 1))
    await Promise.resolve()
    now -= 1
    return index
  })

  const result = await tutti.run(
    flow({ name: 'wide', concurrency: 50 }, async () => {
      const numbers = await Promise.all(Array.from({ length: 10_000 }, (_, index) => count(index)))
      return numbers.reduce((sum, number) => sum + number, 0)
    }),
  )

  expect(result.result).toBe(49_995_000)
  expect(most).toBeLessThanOrEqual(50)
})

test.each([
  ['negative retries', () => task({ name: 'a', retries: -1 }, async () => 1), 'INVALID_OPTION', 'retries of a'],
  ['a timeout that is no duration', () => task({ name: 'a', timeout: 'soon' }, async () => 1), 'INVALID_DURATION', 'timeout of task a'],
  ['a limit of none', () => task({ name: 'a', concurrency: 0 }, async () => 1), 'INVALID_OPTION', 'concurrency of a'],
  ['no name', () => task(async () => 1), 'INVALID_OPTION', 'a task needs a name'],
  ['no function', () => task({ name: 'a' }, undefined as never), 'INVALID_OPTION', 'needs a function'],
  ['a name with a slash', () => flow({ name: 'a/b' }, async () => 1), 'INVALID_OPTION', 'a/b'],
] as const)('%s is an error that names the option', (_what, make, code, named) => {
  expect(make).toThrow(expect.objectContaining({ code, message: expect.stringContaining(named) as string }))
})

test('a retry goes before calls that have not begun', async () => {
  await using tutti = await testTutti()
  const order: string[] = []
  const work = task({ name: 'work', retries: 1 }, async (item: number) => {
    order.push(`${item} attempt ${run().attempt}`)
    await tutti.clock.sleep(10)
    if (item === 0 && run().attempt === 1) throw new Error('again')
  })

  await tutti.run(flow({ name: 'one at a time', concurrency: 1 }, () => work.map([0, 1, 2, 3])))

  expect(order).toEqual(['0 attempt 1', '1 attempt 1', '0 attempt 2', '2 attempt 1', '3 attempt 1'])
})
