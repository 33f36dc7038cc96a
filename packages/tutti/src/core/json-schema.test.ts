import { describe, expect, it } from 'vitest'
import { schemaErrors, SchemaUnusable } from './json-schema.ts'

// Read, as an object with a member of this name is taken for a promise.
const CONDITIONAL: unknown = JSON.parse('{"if":{"type":"string"},"then":{"minLength":2},"else":{"type":"number"}}')

describe('a value fits a schema', () => {
  it.each<[string, unknown, unknown[], unknown[]]>([
    ['of a type', { type: 'string' }, ['a', ''], [1, null, {}, []]],
    ['of whole numbers', { type: 'integer' }, [1, -3, 1.0], [1.5, '1', true]],
    ['of one of several types', { type: ['string', 'null'] }, ['a', null], [1, []]],
    ['of nothing at all', {}, [1, 'a', null, {}], []],
    ['that is true or false', { properties: { a: true, b: false } }, [{ a: 1 }, {}], [{ b: 1 }]],
    ['of listed values', { enum: ['a', { b: 1, c: 2 }] }, ['a', { c: 2, b: 1 }], ['b', { b: 1 }]],
    ['of one value', { const: [1, 2] }, [[1, 2]], [[2, 1], null]],
    ['of alternatives', { anyOf: [{ type: 'string' }, { type: 'integer', minimum: 3 }] }, ['a', 3], [2, null]],
    ['of exactly one alternative', { oneOf: [{ minimum: 3 }, { multipleOf: 2 }] }, [3, 2], [4, 1]],
    ['of all parts', { allOf: [{ type: 'number' }, { maximum: 3 }] }, [3], [4, 'a']],
    ['of anything else', { not: { type: 'null' } }, [1, 'a'], [null]],
    ['by a condition', CONDITIONAL, ['ab', 1], ['a', null]],
    ['of bounds', { exclusiveMinimum: 0, exclusiveMaximum: 10, multipleOf: 0.1 }, [0.3, 9.9], [0, 10, 0.35]],
    ['of lengths in characters', { minLength: 1, maxLength: 2 }, ['👋👋', 'a'], ['', 'abc']],
    ['of a pattern', { pattern: '^a+$' }, ['aa', 5], ['b']],
    [
      'of lists',
      { type: 'array', items: { type: 'integer' }, minItems: 1, maxItems: 2, uniqueItems: true },
      [[1], [1, 2]],
      [[], [1, 1], ['a'], [1, 2, 3]],
    ],
    ['of tuples', { prefixItems: [{ type: 'string' }], items: { type: 'integer' } }, [['a', 1], ['a'], []], [[1], ['a', 'b']]],
    ['of tuples in the older form', { items: [{ type: 'string' }], additionalItems: false }, [['a']], [['a', 1], [1]]],
    ['of lists that contain something', { contains: { const: 1 }, maxContains: 1 }, [[1, 2]], [[2], [1, 1], []]],
    [
      'of objects',
      { properties: { a: { type: 'string' } }, required: ['a'], additionalProperties: false },
      [{ a: 'x' }],
      [{}, { a: 1 }, { a: 'x', b: 1 }],
    ],
    [
      'of maps',
      { type: 'object', additionalProperties: { type: 'integer' }, maxProperties: 1 },
      [{}, { a: 1 }],
      [{ a: 'x' }, { a: 1, b: 2 }],
    ],
    [
      'of names',
      { patternProperties: { '^x_': { type: 'integer' } }, propertyNames: { maxLength: 3 } },
      [{ x_a: 1 }, { y: 'a' }],
      [{ x_a: 'a' }, { long: 1 }],
    ],
    ['of members that need each other', { dependentRequired: { a: ['b'] }, minProperties: 1 }, [{ b: 1 }, { a: 1, b: 1 }], [{ a: 1 }, {}]],
    [
      'of references',
      {
        $ref: '#/$defs/node',
        $defs: { node: { properties: { next: { $ref: '#/$defs/node' }, n: { type: 'integer' } }, required: ['n'] } },
      },
      [{ n: 1, next: { n: 2 } }],
      [{ n: 1, next: {} }],
    ],
    ['of names that are also those of methods', { properties: {}, additionalProperties: false }, [{}], [{ toString: 1 }]],
  ])('%s', (_, schema, good, bad) => {
    expect(good.map((value) => schemaErrors(schema, value))).toEqual(good.map(() => []))
    expect(bad.filter((value) => schemaErrors(schema, value).length === 0)).toEqual([])
  })

  it('with missing members, when they are filled in later', () => {
    const schema = { required: ['a'], properties: { a: { type: 'object', required: ['b'] } } }
    expect(schemaErrors(schema, {}, { ignoreRequired: true })).toEqual([])
    expect(schemaErrors(schema, { a: {} }, { ignoreRequired: true })).toEqual([])
    expect(schemaErrors(schema, { a: 1 }, { ignoreRequired: true })).toHaveLength(1)
  })
})

describe('a member that may be missing', () => {
  it('may be null where schemas of older clients mean that', () => {
    const schema = { properties: { a: { type: 'string' }, b: { type: 'string' } }, required: ['b'] }
    expect(schemaErrors(schema, { a: null, b: 'x' }, { nullOptional: true })).toEqual([])
    expect(schemaErrors(schema, { a: null, b: 'x' })).toHaveLength(1)
    expect(schemaErrors(schema, { b: null }, { nullOptional: true })).toHaveLength(1)
  })
})

describe('what is wrong', () => {
  it('is told with its place', () => {
    const schema = {
      properties: { env: { additionalProperties: { type: 'string' } }, list: { items: { type: 'integer' } } },
      required: ['x'],
    }
    expect(schemaErrors(schema, { env: { A: 5 }, list: [1, 'b'] })).toEqual([
      { path: [], message: "'x' is a required property" },
      { path: ['env', 'A'], message: "5 is not of type 'string'" },
      { path: ['list', 1], message: "'b' is not of type 'integer'" },
    ])
  })

  it('is not repeated at length', () => {
    expect(schemaErrors({ type: 'integer' }, 'x'.repeat(1_000))[0]?.message.length).toBeLessThan(150)
  })

  it.each([
    ['leads nowhere', { $ref: '#/$defs/none' }],
    ['leads out of the schema', { $ref: 'https://example.com/schema' }],
    ['leads back to itself', { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { anyOf: [{ $ref: '#/$defs/a' }] } } }],
    ['there is no type', { type: 'text' }],
    ['cannot be read', { pattern: '(' }],
  ])('in the schema itself is told as such: %s', (words, schema) => {
    expect(() => schemaErrors(schema, 'a')).toThrow(SchemaUnusable)
    expect(() => schemaErrors(schema, 'a')).toThrow(words)
  })
})
