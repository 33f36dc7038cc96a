import { describe, expect, it } from 'vitest'
import { labelOf, resolve, spotOf } from './schema.ts'

/** What pydantic writes for a flow of Prefect's. */
const PYDANTIC = {
  title: 'Parameters',
  type: 'object',
  properties: {
    name: { default: 'Marvin', position: 1, title: 'name', type: 'string' },
    source: { $ref: '#/definitions/Source', position: 0, title: 'source' },
    limit: { anyOf: [{ type: 'integer' }, { type: 'null' }], default: null, position: 2, title: 'limit' },
    level: { allOf: [{ $ref: '#/definitions/Level' }], default: 'low', position: 3 },
    token: { format: 'password', title: 'token', type: 'string', writeOnly: true, position: 4 },
  },
  required: ['source', 'token'],
  definitions: {
    Source: { title: 'Source', type: 'object', properties: { url: { type: 'string', format: 'uri' } }, required: ['url'] },
    Level: { title: 'Level', enum: ['low', 'high'], type: 'string' },
  },
}

describe('a field fits its schema', () => {
  it('of what pydantic writes: by position, through definitions, null as a mark', () => {
    const { shape } = spotOf(PYDANTIC, PYDANTIC)

    expect(shape).toMatchObject({
      type: 'object',
      members: [
        { key: 'source', isRequired: true },
        { key: 'name', isRequired: false },
        { key: 'limit' },
        { key: 'level' },
        { key: 'token', isRequired: true },
      ],
    })
    expect(spotOf(PYDANTIC, PYDANTIC.properties.source).shape).toMatchObject({ type: 'object', members: [{ key: 'url' }] })
    expect(spotOf(PYDANTIC, PYDANTIC.properties.limit)).toMatchObject({ isNullable: true, shape: { type: 'number', isWhole: true } })
    expect(spotOf(PYDANTIC, PYDANTIC.properties.level)).toMatchObject({
      schema: { default: 'low' },
      shape: { type: 'choice', options: [{ value: 'low' }, { value: 'high' }] },
    })
    expect(spotOf(PYDANTIC, PYDANTIC.properties.token).shape).toEqual({ type: 'text', format: undefined, isSecret: true })
  })

  it('of what zod writes', () => {
    const schema = {
      type: 'object',
      properties: {
        at: { type: 'string', format: 'date-time', pattern: '^.*Z$' },
        kind: {
          anyOf: [
            { type: 'string', const: 'a' },
            { type: 'string', const: 'b' },
          ],
        },
        pair: { type: 'array', prefixItems: [{ type: 'string' }, { type: 'number' }] },
        byName: { type: 'object', propertyNames: { type: 'string' }, additionalProperties: { type: 'integer' } },
        note: { anyOf: [{ type: 'string' }, { type: 'null' }] },
        to: {
          oneOf: [
            {
              type: 'object',
              properties: { via: { type: 'string', const: 'mail' }, address: { type: 'string', format: 'email' } },
              required: ['via'],
            },
            {
              type: 'object',
              properties: { via: { type: 'string', const: 'hook' }, url: { type: 'string', format: 'uri' } },
              required: ['via'],
            },
          ],
        },
        tags: { type: 'array', items: { type: 'string', enum: ['x', 'y'] } },
      },
    }
    const shapeOf = (key: keyof typeof schema.properties): unknown => spotOf(schema, schema.properties[key]).shape

    expect(shapeOf('at')).toMatchObject({ type: 'text', format: 'date-time' })
    expect(shapeOf('kind')).toMatchObject({ type: 'choice', options: [{ value: 'a' }, { value: 'b' }] })
    expect(shapeOf('pair')).toMatchObject({ type: 'tuple', items: [{ type: 'string' }, { type: 'number' }], rest: false })
    expect(shapeOf('byName')).toMatchObject({ type: 'map', values: { type: 'integer' } })
    expect(spotOf(schema, schema.properties.note)).toMatchObject({ isNullable: true, shape: { type: 'text' } })
    expect(shapeOf('to')).toMatchObject({ type: 'variants', variants: [{ label: 'mail' }, { label: 'hook' }] })
    expect(shapeOf('tags')).toMatchObject({ type: 'list' })
  })

  it('of several types: each is a variant', () => {
    expect(spotOf({}, { type: ['string', 'integer', 'null'] })).toMatchObject({
      isNullable: true,
      shape: { type: 'variants', variants: [{ label: 'text' }, { label: 'whole number' }] },
    })
  })

  it('of different values each at most once: boxes', () => {
    expect(spotOf({}, { type: 'array', uniqueItems: true, items: { enum: [1, 2] } }).shape).toMatchObject({ type: 'choices' })
  })

  it.each([
    ['nothing said', {}],
    ['a reference that leads nowhere', { $ref: '#/$defs/none' }],
    ['a reference out of the schema', { $ref: 'https://example.com' }],
    ['a type nobody knows', { type: 'quaternion' }],
    ['true', true],
  ])('of %s: JSON', (_, schema) => {
    expect(spotOf({}, schema).shape).toEqual({ type: 'json' })
  })
})

describe('references', () => {
  it('that lead in a circle say nothing', () => {
    const root = { $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a', title: 'B' } } }

    expect(resolve(root, { $ref: '#/$defs/a' })).toEqual({ title: 'B' })
  })

  it('to a place with escaped names are followed', () => {
    expect(resolve({ $defs: { 'a/b': { type: 'string' } } }, { $ref: '#/$defs/a~1b' })).toEqual({ type: 'string' })
  })

  it('joined with allOf keep the members of every part', () => {
    const joined = resolve(
      { $defs: { base: { properties: { a: { type: 'string' } }, required: ['a'] } } },
      { allOf: [{ $ref: '#/$defs/base' }, { properties: { b: {} }, required: ['b'] }] },
    )

    expect(joined).toEqual({ properties: { a: { type: 'string' }, b: {} }, required: ['a', 'b'] })
  })
})

describe('a label', () => {
  it.each([
    ['batch_size', 'Batch Size', 'batch_size'],
    ['batchSize', undefined, 'batchSize'],
    ['n', 'How many', 'How many'],
  ])('of %s titled %s is %s', (key, title, label) => {
    expect(labelOf(key, title)).toBe(label)
  })
})
