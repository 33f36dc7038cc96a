import { type } from 'arktype'
import * as v from 'valibot'
import { expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { runAccess as run } from '../engine/run-access.ts'
import { testTutti } from '../testing/index.ts'
import { flow } from './flow.ts'
import { task } from './task.ts'

const nested = [
  ['zod', z.object({ repos: z.array(z.object({ name: z.string(), stars: z.number() })) })],
  ['valibot', v.object({ repos: v.array(v.object({ name: v.string(), stars: v.number() })) })],
  ['arktype', type({ repos: type({ name: 'string', stars: 'number' }).array() })],
] as const

test.each(nested)('a bad field deep inside is named by its path with %s', async (_name, schema) => {
  await using tutti = await testTutti()
  const sync = flow({ name: 'sync', parameters: schema }, async () => 1)

  const result = await tutti.run(sync, {
    repos: [
      { name: 'a', stars: 1 },
      { name: 2, stars: 'many' },
    ],
  } as never)

  expect(result.error).toMatchObject({ code: 'INVALID_PARAMETERS' })
  expect(String(result.error)).toMatch(/repos\W*1\W*name/)
  expect(String(result.error)).toMatch(/repos\W*1\W*stars/)
})

test.each(nested)('no parameters at all are an error where some are needed, with %s', async (_name, schema) => {
  await using tutti = await testTutti()

  const result = await tutti.run(flow({ name: 'sync', parameters: schema }, async () => 1) as never)

  expect(result.error).toMatchObject({ code: 'INVALID_PARAMETERS' })
})

test('a schema that takes its time, and one that throws, are waited for and told', async () => {
  await using tutti = await testTutti()
  const slow = z.object({ name: z.string().refine(async (name) => Promise.resolve(name !== 'taken'), 'is taken') })
  const odd = z.object({
    name: z.string().transform((): string => {
      throw new Error('the schema is broken')
    }),
  })

  const taken = await tutti.run(
    flow({ name: 'slow', parameters: slow }, async ({ name }) => name),
    { name: 'taken' },
  )
  const free = await tutti.run(
    flow({ name: 'slow', parameters: slow }, async ({ name }) => name),
    { name: 'free' },
  )
  const broken = await tutti.run(
    flow({ name: 'odd', parameters: odd }, async ({ name }) => name),
    { name: 'a' },
  )

  expect(taken).toMatchObject({ state: 'failed', error: { code: 'INVALID_PARAMETERS' } })
  expect(String(taken.error)).toContain('is taken')
  expect(free).toMatchObject({ state: 'completed', result: 'free' })
  expect(broken.state).toBe('failed')
  expect(String(broken.error)).toContain('the schema is broken')
})

test('a resumed run has the parameters as they were validated, and does not validate them again', async () => {
  await using tutti = await testTutti()
  let validated = 0
  const schema = z.object({
    day: z.coerce.date().transform((day) => {
      validated += 1
      return day
    }),
  })
  const seen: unknown[] = []
  let failures = 1
  const sync = flow({ name: 'sync', parameters: schema, retries: 1 }, async ({ day }) => {
    seen.push(day, run().parameters)
    if (failures-- > 0) throw new Error('again')
  })

  const result = await tutti.run(sync, { day: '2026-01-02' })
  const stored = await tutti.orchestrator.flowRuns.get(result.id)

  expect(result.state).toBe('completed')
  expect(validated).toBe(1)
  const day = new Date('2026-01-02')
  expect(seen).toEqual([day, { day }, day, { day }])
  expect(stored.parameters).not.toBeNull()
})

test('parameters that cannot be stored are refused before anything runs, naming the place', async () => {
  await using tutti = await testTutti()
  const sync = flow({ name: 'sync' }, async (_parameters: { readonly on: { readonly done: () => void } }) => 1)

  const result = await tutti.run(sync, { on: { done: () => undefined } })
  const large = await tutti.run(
    flow({ name: 'large' }, async (_text: string) => 1),
    'x'.repeat(600_000),
  )

  expect(result.error).toMatchObject({ code: 'INVALID_PARAMETERS', message: expect.stringContaining('done') as string })
  expect(large.error).toMatchObject({ code: 'INVALID_PARAMETERS', message: expect.stringContaining('600') as string })
})

test('a flow whose parameters all have defaults can be called with none', async () => {
  await using tutti = await testTutti()
  const sync = flow({ name: 'sync', parameters: z.object({ limit: z.number().default(3) }).prefault({}) }, async ({ limit }) => limit)

  const result = await tutti.run(sync)

  expect(result).toMatchObject({ state: 'completed', result: 3 })
})

test('types: what a task may be given, and what comes back', () => {
  const double = task({ name: 'double' }, async (value: number) => value * 2)
  const join = task({ name: 'join' }, (parts: readonly string[], separator?: string) => parts.join(separator))
  const sync = flow({ name: 'sync', parameters: z.object({ day: z.string(), limit: z.coerce.number().default(1) }) }, ({ limit }) => limit)
  const plain = flow(async function plain(size: number) {
    return [size]
  })

  expectTypeOf(double).toBeCallableWith(1)
  // @ts-expect-error a text is no number
  expectTypeOf(double).toBeCallableWith('1')
  expectTypeOf<ReturnType<typeof double>>().toExtend<Parameters<typeof double>[0]>()
  expectTypeOf<Awaited<ReturnType<typeof double.map>>>().toEqualTypeOf<number[]>()
  expectTypeOf<Awaited<ReturnType<typeof join>>>().toEqualTypeOf<string>()
  expectTypeOf(join).toBeCallableWith(['a'])
  expectTypeOf<Awaited<ReturnType<typeof sync>>>().toEqualTypeOf<number>()
  // @ts-expect-error `day` is missing
  expectTypeOf(sync).toBeCallableWith({ limit: 1 })
  expectTypeOf<Parameters<typeof plain>[0]>().toEqualTypeOf<number>()
  expectTypeOf<Awaited<ReturnType<typeof plain>>>().toEqualTypeOf<number[]>()
  expectTypeOf<Awaited<ReturnType<typeof sync.resume>>>().toEqualTypeOf<number>()
})

test.each([
  ['negative retries', () => flow({ name: 'a', retries: -1 }, async () => 1), 'INVALID_OPTION', 'retries of a'],
  ['half a retry', () => flow({ name: 'a', retries: 1.5 }, async () => 1), 'INVALID_OPTION', 'retries of a'],
  ['retries that are no number', () => task({ name: 'a', retries: Number.NaN }, async () => 1), 'INVALID_OPTION', 'retries of a'],
  ['a timeout that is no duration', () => flow({ name: 'a', timeout: 'soon' }, async () => 1), 'INVALID_DURATION', 'timeout of flow a'],
  ['a delay that is no duration', () => flow({ name: 'a', retryDelay: 'soon' }, async () => 1), 'INVALID_DURATION', 'retryDelay of flow a'],
  [
    'one bad delay of a list',
    () => task({ name: 'a', retryDelay: ['1s', 'x'] }, async () => 1),
    'INVALID_DURATION',
    'retryDelay of task a',
  ],
  ['a negative delay', () => task({ name: 'a', retryDelay: -5 }, async () => 1), 'INVALID_DURATION', 'retryDelay of task a'],
  ['a limit of none', () => flow({ name: 'a', concurrency: 0 }, async () => 1), 'INVALID_OPTION', 'concurrency of a'],
  ['a name of spaces', () => flow({ name: '  ' }, async () => 1), 'INVALID_OPTION', 'a flow needs a name'],
] as const)('a flow or task with %s is refused when it is made, naming the option', (_what, make, code, named) => {
  expect(make).toThrow(expect.objectContaining({ code, message: expect.stringContaining(named) as string }))
})
