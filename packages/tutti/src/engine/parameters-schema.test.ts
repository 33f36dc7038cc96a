import { toJsonSchema } from '@valibot/to-json-schema'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { flowJsonSchema } from './parameters-schema.ts'

const expected = { type: 'object', properties: { day: { type: 'string' }, pages: { type: 'number' } }, required: ['day'] }

test('valibot is described by its own converter, which is installed here', async () => {
  const schema = v.object({ day: v.string(), pages: v.optional(v.number(), 3) })

  expect(await flowJsonSchema(schema)).toEqual(toJsonSchema(schema, { typeMode: 'input' }))
  expect(await flowJsonSchema(schema)).toMatchObject(expected)
})

test('what valibot cannot say in JSON Schema is left open', async () => {
  expect(await flowJsonSchema(v.object({ day: v.string(), when: v.date() }))).toMatchObject({ properties: { day: { type: 'string' } } })
})

test('a library that describes itself is asked itself', async () => {
  expect(await flowJsonSchema(z.object({ day: z.string(), pages: z.number().default(3) }))).toMatchObject(expected)
})

test('a schema of another library that says nothing is not known', async () => {
  expect(await flowJsonSchema({ '~standard': { version: 1, vendor: 'own', validate: (value) => ({ value }) } })).toBeUndefined()
})
