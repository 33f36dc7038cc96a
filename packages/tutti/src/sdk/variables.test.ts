import { afterEach, beforeEach, describe, expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { flow, Secret, task, variable } from '../index.ts'
import { testTutti } from '../testing/index.ts'
import type { TestTutti } from '../testing/index.ts'

let tutti: TestTutti

beforeEach(async () => {
  tutti = await testTutti()
})
afterEach(() => tutti.close())

describe('a variable', () => {
  test('is what was set, and nothing or the fallback when there is none', async () => {
    await variable.set('limits', { rows: 10, days: [1, null] })

    expect(await variable.get('limits')).toEqual({ rows: 10, days: [1, null] })
    expect([await variable.get('gone'), await variable.get('gone', 5)]).toEqual([undefined, 5])
    expectTypeOf(() => variable.get<number>('x')).returns.resolves.toEqualTypeOf<number | undefined>()
    expectTypeOf(() => variable.get('x', 'none')).returns.resolves.toEqualTypeOf<string>()
    expectTypeOf(() => variable.get('x', z.number())).returns.resolves.toEqualTypeOf<number>()
  })

  test('may be null, which is a value', async () => {
    await variable.set('nothing', null)

    expect(await variable.get('nothing', 5)).toBeNull()
  })

  test('is read by a schema, with its defaults and its errors', async () => {
    await variable.set('size', 'many')

    await expect(variable.get('size', z.number())).rejects.toMatchObject({
      code: 'INVALID_VARIABLE',
      message: expect.stringMatching(/^the value of the variable size is not valid:\n.*expected number, received string/) as string,
    })
    expect(await variable.get('gone', z.number().default(7))).toBe(7)
  })

  test('is set over only by who says so, and keeps its tags', async () => {
    await variable.set('size', 1, { tags: ['etl'] })

    await expect(variable.set('size', 2)).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
    await variable.set('size', 2, { overwrite: true })

    expect(await variable.list()).toMatchObject([{ name: 'size', value: 2, tags: ['etl'] }])
  })

  test('is gone once it is unset', async () => {
    await variable.set('size', 1)

    expect([await variable.unset('size'), await variable.unset('size'), await variable.get('size')]).toEqual([true, false, undefined])
  })

  test('is found by tags and by the beginning of its name, in order', async () => {
    for (const name of ['b', 'etl-2', 'etl-1']) await variable.set(name, name, { tags: name === 'b' ? [] : ['etl', name] })

    const names = async (options: Parameters<typeof variable.list>[0]) => (await variable.list(options)).map(({ name }) => name)
    expect(await names({})).toEqual(['b', 'etl-1', 'etl-2'])
    expect(await names({ prefix: 'etl-' })).toEqual(['etl-1', 'etl-2'])
    expect(await names({ tags: ['etl', 'etl-2'] })).toEqual(['etl-2'])
    expect(await names({ limit: 1 })).toEqual(['b'])
  })

  test.each([
    [
      'a name of other characters',
      () => variable.set('Page Size', 1),
      'the name "Page Size" of a variable has other characters than lowercase letters',
    ],
    ['a long value', () => variable.set('x', 'y'.repeat(5_000)), 'has 5002 characters as JSON, and 5000 are the most'],
    ['a function', () => variable.set('x', () => 1), 'the value of the variable x cannot be written as JSON'],
    ['a secret', () => variable.set('x', { token: new Secret('hunter22') }), 'the variable x holds a secret at value.token'],
  ])('refuses %s', async (_, set, message) => {
    await expect(set()).rejects.toMatchObject({ code: 'INVALID_VARIABLE', message: expect.stringContaining(message) as string })
  })
})

test('a flow that is resumed sees the variables that it saw; a task that runs anew sees those there are', async () => {
  await variable.set('size', 1)
  const seen: unknown[] = []
  const look = task({ name: 'look' }, async (times: number) => {
    seen.push(['task', times, await variable.get('size')])
    if (times === 2 && seen.length < 4) throw new Error('not yet')
  })
  const page = flow({ name: 'page' }, async () => {
    seen.push(['flow', await variable.get('size')])
    await look(1)
    await look(2)
  })

  const failed = await tutti.run(page)
  await variable.set('size', 2, { overwrite: true })
  await tutti.retry(page, failed)

  expect(seen).toEqual([
    ['flow', 1],
    ['task', 1, 1],
    ['task', 2, 1],
    ['flow', 1],
    ['task', 2, 2],
  ])
})
