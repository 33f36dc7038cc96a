import { describe, expect, it } from 'vitest'
import { parseJson, Unreadable } from './unreadable.ts'
import { validateAgainst, variantOf } from './validate.ts'

// Read, as an object with a member of this name is taken for a promise.
const CONDITIONAL: unknown = JSON.parse('{"if":{"type":"string"},"then":{"minLength":2},"else":{"type":"number"}}')

describe('a value fits a schema', () => {
  it.each<[string, unknown, unknown[], unknown[]]>([
    ['of a type', { type: 'string' }, ['a', ''], [1, null, {}, []]],
    ['of whole numbers', { type: 'integer' }, [1, -3], [1.5, '1', true]],
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
    ['of a pattern that cannot be read', { pattern: '(' }, ['aa'], []],
    [
      'of lists',
      { type: 'array', items: { type: 'integer' }, minItems: 1, maxItems: 2, uniqueItems: true },
      [[1], [1, 2]],
      [[], [1, 1], ['a'], [1, 2, 3]],
    ],
    ['of tuples', { prefixItems: [{ type: 'string' }], items: { type: 'integer' } }, [['a', 1], ['a'], []], [[1], ['a', 'b']]],
    ['of tuples in the older form', { items: [{ type: 'string' }], additionalItems: false }, [['a']], [['a', 1], [1]]],
    ['of lists that contain something', { contains: { const: 1 } }, [[1, 2]], [[2], []]],
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
    ['of references in a circle', { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/a' } } }, [1], []],
    ['of dates', { format: 'date' }, ['2024-02-29'], ['2023-02-29', '29.2.2024', '']],
    [
      'of moments',
      { format: 'date-time' },
      ['2026-11-28T14:00:00Z', '2026-11-28 14:00:00.5+01:00'],
      ['2026-11-28', 'now', '2026-11-28T25:00:00Z'],
    ],
    ['of times', { format: 'time' }, ['14:00', '14:00:59Z'], ['24:00', '2pm']],
    ['of durations', { format: 'duration' }, ['PT1H30M', 'P2D', '-P1W'], ['P', 'PT', '90m']],
    ['of email addresses', { format: 'email' }, ['ada@example.com'], ['ada', 'a b@example.com']],
    ['of addresses', { format: 'uri' }, ['https://example.com/a?b', 's3://bucket/key'], ['example', '/a']],
    ['of UUIDs', { format: 'uuid' }, ['0b6e1c1e-7a54-4f0e-9b0c-2f6f3f1f9b11'], ['0b6e1c1e']],
    ['of a format nobody knows', { format: 'sku' }, ['x'], []],
    [
      'of what is filled in when the run starts',
      { type: 'integer' },
      [{ __prefect_kind: 'workspace_variable', variable_name: 'n' }],
      [{ kind: 'x' }],
    ],
  ])('%s', (_, schema, good, bad) => {
    expect(good.map((value) => validateAgainst(schema, value))).toEqual(good.map(() => ({})))
    expect(bad.filter((value) => Object.keys(validateAgainst(schema, value)).length === 0)).toEqual([])
  })

  it('with members that are null, where they may also be missing: as the server takes them', () => {
    const schema = { properties: { a: { type: 'string' }, b: { type: 'string' } }, required: ['b'] }

    expect(validateAgainst(schema, { a: null, b: 'x' })).toEqual({})
    expect(validateAgainst(schema, { b: null })).toEqual({ '/b': 'Text is expected.' })
  })
})

describe('what is wrong', () => {
  it('is told at its place, one sentence each', () => {
    const schema = {
      properties: {
        env: { additionalProperties: { type: 'string' } },
        list: { items: { type: 'integer' } },
        'a/b': { enum: ['x', 'y'] },
        size: { type: 'integer', minimum: 1, multipleOf: 5 },
      },
      required: ['at'],
    }

    expect(validateAgainst(schema, { env: { A: 5 }, list: [1, 'b'], 'a/b': 'z', size: -1 })).toEqual({
      '/at': 'This is required.',
      '/env/A': 'Text is expected, not 5.',
      '/list/1': 'A whole number is expected, not “b”.',
      '/a~1b': 'One of x, y is expected.',
      '/size': 'At least 1 is expected.',
    })
  })

  it('in a variant is told of the one that its mark names', () => {
    const schema = {
      oneOf: [
        { type: 'object', properties: { via: { const: 'mail' }, to: { type: 'string', format: 'email' } }, required: ['via', 'to'] },
        { type: 'object', properties: { via: { const: 'hook' }, url: { type: 'string' } }, required: ['via', 'url'] },
      ],
    }

    expect(validateAgainst(schema, { via: 'hook' })).toEqual({ '/url': 'This is required.' })
    expect(validateAgainst(schema, { via: 'mail', to: 'ada' })).toEqual({
      '/to': 'An email address such as ada@example.com is expected.',
    })
    expect(validateAgainst(schema, 'text')).toEqual({ '': 'An object is expected, not “text”.' })
  })

  it('with an alternative of being null is told of what else is expected', () => {
    expect(validateAgainst({ anyOf: [{ type: 'integer' }, { type: 'null' }] }, 'x')).toEqual({ '': 'A whole number is expected, not “x”.' })
  })

  it('is that there is nothing', () => {
    expect(validateAgainst({ type: 'object' }, undefined)).toEqual({ '': 'A value is needed.' })
  })

  it('is what is no JSON yet, wherever it is', () => {
    const broken = parseJson('{"a": ')

    expect(broken).toBeInstanceOf(Unreadable)
    expect(Object.keys(validateAgainst({ properties: { a: {} } }, { a: broken }))).toEqual(['/a'])
    expect(validateAgainst({}, parseJson('{\n  "a": x\n}'))['']).toMatch(/line 2, column 8/)
  })
})

describe('the variant that is meant', () => {
  const text = { type: 'string' }
  const small = { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] }
  const large = { type: 'object', properties: { a: { type: 'integer' }, b: {}, c: {} }, required: ['a', 'b', 'c'] }

  it.each([
    ['the one it fits', { a: 1 }, 1],
    ['the one that is nearest', { a: 'x', b: 1 }, 1],
    ['the one of its type', '', 0],
    ['none', 5, undefined],
  ])('is %s', (_, value, at) => {
    expect(variantOf({}, [text, small, large], value)).toBe(at)
  })
})
