import { expect, test } from 'vitest'
import { testTutti } from '../testing/index.ts'
import { flow } from './flow.ts'
import { task } from './task.ts'
import type { TaskOptions } from './task.ts'

test('a call that failed is not cached: the next one runs', async () => {
  await using tutti = await testTutti()
  let calls = 0
  const unsteady = task({ name: 'unsteady', cache: { by: 'inputs' } }, async (_value: number) => {
    calls += 1
    if (calls === 1) throw new Error('no')
    return calls
  })
  const asks = flow({ name: 'asks' }, () => unsteady(1))

  const results = [await tutti.run(asks), await tutti.run(asks), await tutti.run(asks)]

  expect(results.map((each) => each.result)).toEqual([undefined, 2, 2])
})

test('by task-source: a function that was changed starts over', async () => {
  await using tutti = await testTutti()
  const options = { name: 'made', cache: { by: ['inputs', 'task-source'] } } as const satisfies TaskOptions
  const before = task(options, async (value: number) => value + 1)
  const after = task(options, async (value: number) => value + 2)
  const uses = (made: typeof before) => flow({ name: 'uses' }, () => made(1))

  const results = [await tutti.run(uses(before)), await tutti.run(uses(after)), await tutti.run(uses(before))]

  expect(results.map((each) => each.result)).toEqual([2, 3, 2])
  expect(results.map((each) => each.taskRuns[0]?.state.name)).toEqual(['Completed', 'Completed', 'Cached'])
})

test('by flow-parameters: another day is another result', async () => {
  await using tutti = await testTutti()
  let calls = 0
  const load = task({ name: 'load', cache: { by: 'flow-parameters' } }, async () => (calls += 1))
  const sync = flow({ name: 'sync' }, async (_parameters: { readonly day: string }) => load())

  const results = [await tutti.run(sync, { day: 'a' }), await tutti.run(sync, { day: 'b' }), await tutti.run(sync, { day: 'a' })]

  expect(results.map((each) => each.result)).toEqual([1, 2, 1])
})

test('a key function sees the arguments, resolved, and may say that this call is not cached', async () => {
  await using tutti = await testTutti()
  const seen: unknown[] = []
  let calls = 0
  const two = task({ name: 'two' }, async () => 2)
  const load = task(
    {
      name: 'load',
      cache: {
        by({ args, taskName, flowParameters }) {
          seen.push([args, taskName, flowParameters])
          return args[0] === 2 ? 'two' : undefined
        },
      },
    },
    async (_value: number) => (calls += 1),
  )
  const uses = flow({ name: 'uses' }, async (_parameters: { readonly day: string }) => [
    await load(two()),
    await load(2),
    await load(3),
    await load(3),
  ])

  const result = await tutti.run(uses, { day: 'a' })

  expect(result.result).toEqual([1, 1, 2, 3])
  expect(seen[0]).toEqual([[2], 'load', { day: 'a' }])
})

test('equal arguments are equal whatever the order of their keys, and other values of other types are not', async () => {
  await using tutti = await testTutti()
  let calls = 0
  const load = task({ name: 'load', cache: { by: 'inputs' } }, async (_value: unknown) => (calls += 1))

  const result = await tutti.run(
    flow({ name: 'compares' }, async () => [
      await load({ a: 1, b: 2 }),
      await load({ b: 2, a: 1 }),
      await load('1'),
      await load(1),
      await load(1n),
      await load(null),
      await load(undefined),
      await load([1]),
      await load(new Set([1])),
    ]),
  )

  expect(result.result).toEqual([1, 1, 2, 3, 4, 5, 6, 7, 8])
})

test('a cached result is not found by a task of another name, unless both make the key themselves', async () => {
  await using tutti = await testTutti()
  const first = task({ name: 'first', cache: { by: 'inputs' } }, async (_value: number) => 'first')
  const second = task({ name: 'second', cache: { by: 'inputs' } }, async (_value: number) => 'second')
  const key = { by: () => 'shared' }

  const result = await tutti.run(
    flow({ name: 'shares' }, async () => [
      await first(1),
      await second(1),
      await first.withOptions({ cache: key })(1),
      await second.withOptions({ cache: key })(1),
    ]),
  )

  expect(result.result).toEqual(['first', 'second', 'first', 'first'])
})

test('a cached undefined is a hit like any other', async () => {
  await using tutti = await testTutti()
  let calls = 0
  const nothing = task({ name: 'nothing', cache: { by: 'inputs' } }, async () => void (calls += 1))

  await tutti.run(
    flow({ name: 'twice' }, async () => {
      await nothing()
      await nothing()
    }),
  )

  expect(calls).toBe(1)
})

test('a result that cannot be stored is not cached, and the log says why', async () => {
  await using tutti = await testTutti()
  let calls = 0
  const open = task({ name: 'open', cache: { by: 'inputs' } }, async () => {
    calls += 1
    return { read: () => 1 }
  })

  const result = await tutti.run(
    flow({ name: 'twice' }, async () => {
      await open()
      await open()
    }),
  )

  expect(result.state).toBe('completed')
  expect(calls).toBe(2)
  expect(result.logs.map((line) => line.message).join()).toContain('its result cannot be stored')
})

test('a cache outlives the process', async () => {
  await using tutti = await testTutti()
  let calls = 0
  const load = task({ name: 'load', cache: { by: 'inputs' } }, async (_value: string) => (calls += 1))
  const sync = flow({ name: 'sync' }, () => load('a'))

  await tutti.run(sync)
  await tutti.crash()
  const result = await tutti.run(sync)

  expect(result.result).toBe(1)
})

test.each([
  ['an unknown part', { by: 'moon' }, 'INVALID_CACHE', 'moon'],
  ['no part', { by: [] }, 'INVALID_CACHE', 'by is empty'],
  ['a time that is no duration', { by: 'inputs', expires: 'soon' }, 'INVALID_DURATION', 'cache.expires of task load'],
] as const)('a cache with %s is refused when the task is made', (_what, cache, code, named) => {
  expect(() => task({ name: 'load', cache: cache as never }, async () => 1)).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(named) as string }),
  )
})
