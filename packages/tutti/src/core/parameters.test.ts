import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { parametersJsonSchema, validateParameters } from './parameters.ts'

const schemas = {
  zod: z.object({ repos: z.array(z.object({ name: z.string() })), pages: z.number().default(3), since: z.coerce.date().optional() }),
  valibot: v.object({
    repos: v.array(v.object({ name: v.string() })),
    pages: v.optional(v.number(), 3),
    since: v.optional(
      v.pipe(
        v.string(),
        v.transform((text) => new Date(text)),
      ),
    ),
  }),
  arktype: type({ repos: type({ name: 'string' }).array(), pages: 'number = 3', 'since?': 'string.date.iso.parse' }),
}

async function problemsOf(schema: Parameters<typeof validateParameters>[0], input: unknown): Promise<readonly string[]> {
  const error = await validateParameters(schema, input).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toMatchObject({ code: 'INVALID_PARAMETERS' })
  return (error as Error).message.split('\n')
}

describe.each(Object.entries(schemas))('a schema of %s', (_, schema) => {
  test('gives its output: coerced, with defaults', async () => {
    const input = { repos: [{ name: 'a/b' }], since: '2026-01-02T00:00:00.000Z' }

    expect(await validateParameters(schema, input)).toEqual({ repos: [{ name: 'a/b' }], pages: 3, since: new Date('2026-01-02') })
  })

  test('names every bad field on a line of its own', async () => {
    const [title, ...lines] = await problemsOf(schema, { repos: [{ name: 5 }, { name: 'a' }, {}], pages: 'many' })

    expect(title).toBe('the parameters are not valid:')
    expect(lines.map((line) => line.slice(0, line.indexOf(':')))).toEqual(
      expect.arrayContaining(['- repos[0].name', '- repos[2].name', '- pages']),
    )
    expect(lines).toHaveLength(3)
    expect(lines.find((line) => line.startsWith('- repos[0].name'))).toMatch(/5$/)
  })

  test('says so when the parameters as a whole are wrong', async () => {
    const lines = await problemsOf(schema, undefined)

    expect(lines.slice(1)).toEqual([expect.stringMatching(/^- parameters: /)])
  })
})

test('a line has the message of the library and the value', async () => {
  expect(await problemsOf(schemas.zod, { repos: [{ name: 5 }] })).toEqual([
    'the parameters are not valid:',
    '- repos[0].name: Invalid input: expected string, received number, got 5',
  ])
  expect(await problemsOf(schemas.arktype, { repos: [{ name: 5 }] })).toContain('- repos[0].name: must be a string (was a number), got 5')
  expect(await problemsOf(schemas.valibot, { repos: [{ name: 5 }] })).toContain(
    '- repos[0].name: Invalid type: Expected string but received 5',
  )
})

test('a field whose name is no word is named as it would be written', async () => {
  const schema = z.object({ 'a-b': z.string(), nested: z.record(z.string(), z.number()) })

  const [, ...lines] = await problemsOf(schema, { 'a-b': 1, nested: { 'x y': 'z' } })

  expect(lines.map((line) => line.split(': ')[0])).toEqual(['- ["a-b"]', '- nested["x y"]'])
})

test('values that may be secrets are not shown, and long ones are cut', async () => {
  const schema = z.object({ apiToken: z.number(), note: z.number() })

  const lines = (await problemsOf(schema, { apiToken: 'hunter2', note: 'x'.repeat(1_000) })).join('\n')

  expect(lines).not.toContain('hunter2')
  expect(lines.length).toBeLessThan(300)
})

test('a schema that checks asynchronously is waited for', async () => {
  const schema = z.object({ name: z.string().refine(async (name) => (await Promise.resolve(name)) !== 'taken', 'is taken') })

  expect(await validateParameters(schema, { name: 'free' })).toEqual({ name: 'free' })
  expect(await problemsOf(schema, { name: 'taken' })).toContain('- name: is taken, got "taken"')
})

test('a schema that throws is an error about the parameters, with its cause', async () => {
  const schema = z.object({
    name: z.string().transform(() => {
      throw new Error('no database')
    }),
  })

  await expect(validateParameters(schema, { name: 'a' })).rejects.toMatchObject({
    code: 'INVALID_PARAMETERS',
    message: expect.stringContaining('no database'),
    cause: new Error('no database'),
  })
})

test('hundreds of issues are counted, not listed', async () => {
  const lines = await problemsOf(z.array(z.string()), Array(500).fill(1))

  expect(lines).toHaveLength(52)
  expect(lines.at(-1)).toBe('- and 450 more')
})

describe('the JSON Schema of the parameters', () => {
  test.each(['zod', 'arktype'] as const)('is what %s says a caller may give', (library) => {
    expect(parametersJsonSchema(schemas[library])).toMatchObject({
      type: 'object',
      properties: {
        repos: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' } } } },
        pages: { type: 'number' },
      },
      required: ['repos'],
    })
  })

  test.each([
    ['zod', z.object({ since: z.coerce.date(), id: z.bigint() })],
    ['arktype', type({ since: 'Date', id: 'bigint' })],
  ])('of %s leaves open what it cannot say, and a date is text', (_, schema) => {
    expect(parametersJsonSchema(schema)).toMatchObject({
      properties: { since: { type: 'string', format: 'date-time' } },
      required: expect.arrayContaining(['id']),
    })
  })

  test('is not known for a library that cannot tell', () => {
    expect(parametersJsonSchema(schemas.valibot)).toBeUndefined()
  })
})
