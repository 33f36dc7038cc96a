import { expect, test } from 'vitest'
import { z } from 'zod'
import { runAccess as run } from '../engine/run-access.ts'
import { testTutti } from '../testing/index.ts'
import { flow } from './flow.ts'
import type { Flow } from './flow.ts'
import { task } from './task.ts'

test('flows may be nested deeply, each a run of its own under the same root', async () => {
  await using tutti = await testTutti()
  const level: Flow<{ depth: number }, number> = flow({ name: 'level' }, async ({ depth }: { depth: number }): Promise<number> =>
    depth === 0 ? 0 : 1 + (await level({ depth: depth - 1 })),
  )

  const result = await tutti.run(level, { depth: 30 })

  expect(result).toMatchObject({ state: 'completed', result: 30 })
  const runs = (await tutti.orchestrator.flowRuns.list({ flowName: 'level', limit: 100 })).items
  expect(runs).toHaveLength(31)
  expect(new Set(runs.map((each) => each.rootId))).toEqual(new Set([result.id]))
})

test('parameters of a sub-flow are validated, and what is wrong with them can be caught', async () => {
  await using tutti = await testTutti()
  const child = flow({ name: 'child', parameters: z.object({ size: z.number() }) }, async ({ size }) => size)

  const result = await tutti.run(
    flow({ name: 'parent' }, () => child({ size: 'big' } as never).catch((error: { readonly code: string }) => error.code)),
  )

  expect(result).toMatchObject({ state: 'completed', result: 'INVALID_PARAMETERS' })
})

test('the future of a task can be a parameter of a sub-flow', async () => {
  await using tutti = await testTutti()
  const size = task({ name: 'size' }, async () => 3)
  const child = flow({ name: 'child' }, async ({ sizes }: { sizes: readonly number[] }) => sizes.length + (sizes[0] ?? 0))

  const result = await tutti.run(flow({ name: 'parent' }, () => child({ sizes: [size()] } as never)))

  expect(result).toMatchObject({ state: 'completed', result: 4 })
})

test('a sub-flow is tried again by its own rules, and its parent sees the last attempt only', async () => {
  await using tutti = await testTutti()
  const child = flow({ name: 'child', retries: 2, retryDelay: '1m' }, async () => {
    if (run().attempt < 3) throw new Error('again')
    return run().attempt
  })

  const result = await tutti.run(flow({ name: 'parent' }, () => child()))

  expect(result).toMatchObject({ state: 'completed', result: 3, attempts: 1 })
})

test('when a parent is tried again, sub-flows that completed are not run again, and those that failed go on', async () => {
  await using tutti = await testTutti()
  const called: string[] = []
  let failures = 1
  const good = flow({ name: 'good' }, async () => void called.push('good'))
  const load = task({ name: 'load' }, async () => void called.push('load'))
  const bad = flow({ name: 'bad' }, async () => {
    await load()
    called.push('bad')
    if (failures-- > 0) throw new Error('no')
  })

  const result = await tutti.run(
    flow({ name: 'parent', retries: 1 }, async () => {
      await good()
      await bad()
    }),
  )

  expect(result).toMatchObject({ state: 'completed', attempts: 2 })
  expect(called).toEqual(['good', 'load', 'bad', 'bad'])
  expect((await tutti.orchestrator.flowRuns.list({ limit: 10 })).items).toHaveLength(3)
})

test('a crash inside a sub-flow is over when the parent is resumed: the same runs go on', async () => {
  await using tutti = await testTutti()
  const called: string[] = []
  const reached = Promise.withResolvers<void>()
  let first = true
  const load = task({ name: 'load' }, async (what: string) => void called.push(what))
  const child = flow({ name: 'child' }, async () => {
    await load('in the child')
    if (!first) return 'child'
    first = false
    reached.resolve()
    return new Promise<string>(() => undefined)
  })
  const parent = flow({ name: 'parent' }, async () => {
    await load('in the parent')
    return child()
  })

  const running = tutti.run(parent)
  await reached.promise
  await tutti.crash()
  const resumed = await tutti.resume(parent, await running)

  expect(resumed).toMatchObject({ state: 'completed', result: 'child' })
  expect(called).toEqual(['in the parent', 'in the child'])
  expect((await tutti.orchestrator.flowRuns.list({ limit: 10 })).items.map((each) => each.state.type)).toEqual(['completed', 'completed'])
})

test('a sub-flow that nobody awaited ends Cancelled when its parent ends', async () => {
  await using tutti = await testTutti()
  const child = flow({ name: 'child' }, () => tutti.clock.sleep('10h', run().signal))

  const result = await tutti.run(
    flow({ name: 'hasty' }, async () => {
      void child().catch(() => undefined)
      return 'done'
    }),
  )

  expect(result).toMatchObject({ state: 'completed', result: 'done' })
  const children = (await tutti.orchestrator.flowRuns.list({ flowName: 'child', limit: 10 })).items
  expect(children.map((each) => each.state.type)).toEqual(['cancelled'])
})

test('a parent whose time is up stops its sub-flows', async () => {
  await using tutti = await testTutti()
  const child = flow({ name: 'child' }, () => tutti.clock.sleep('10h', run().signal))

  const result = await tutti.run(flow({ name: 'limited', timeout: '1m' }, () => child()))

  expect(result).toMatchObject({ state: 'failed', stateName: 'TimedOut' })
  const children = (await tutti.orchestrator.flowRuns.list({ flowName: 'child', limit: 10 })).items
  expect(children.map((each) => each.state.type)).toEqual(['cancelled'])
})

test('a sub-flow may be cancelled by itself: its parent gets that as an error', async () => {
  await using tutti = await testTutti({ clock: 'manual' })
  const begun = Promise.withResolvers<string>()
  const child = flow({ name: 'child' }, async () => {
    begun.resolve(run().flowRunId)
    await tutti.clock.sleep('1h', run().signal)
  })

  const running = tutti.run(flow({ name: 'parent' }, () => child().catch((error: { readonly code: string }) => error.code)))
  await child.cancel(await begun.promise)

  expect(await running).toMatchObject({ state: 'completed', result: 'RUN_CANCELLED' })
})

test('a hundred calls of one flow at once are a hundred runs that do not mix', async () => {
  await using tutti = await testTutti()
  const add = task({ name: 'add' }, async (value: number) => {
    await tutti.clock.sleep(value % 7)
    return value + 1
  })
  const sum = flow({ name: 'sum' }, async ({ from }: { from: number }) => {
    const ids = new Set([run().flowRunId])
    const value = await add(await add(from))
    ids.add(run().flowRunId)
    return [value, ids.size]
  })

  const results = await Promise.all(Array.from({ length: 100 }, (_, from) => tutti.run(sum, { from })))

  expect(results.map((each) => each.result)).toEqual(Array.from({ length: 100 }, (_, from) => [from + 2, 1]))
  expect(new Set(results.map((each) => each.id)).size).toBe(100)
})
