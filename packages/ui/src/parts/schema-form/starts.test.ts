import { describe, expect, it } from 'vitest'
import { blankOf, startOf, startWith } from './starts.ts'

describe('a form begins', () => {
  it('with defaults and what has to be there; what may be missing is left to the code', () => {
    const schema = {
      type: 'object',
      properties: {
        name: { type: 'string' },
        size: { type: 'integer', default: 10 },
        limit: { type: 'integer', default: 5 },
        list: { type: 'array', items: { type: 'string' } },
        where: { $ref: '#/$defs/where' },
        note: { anyOf: [{ type: 'string' }, { type: 'null' }] },
        kind: { const: 'daily' },
        may: { type: 'object', properties: { x: { default: 1 } } },
      },
      required: ['name', 'size', 'list', 'where', 'note', 'kind'],
      $defs: { where: { type: 'object', properties: { zone: { default: 'UTC' }, at: { type: 'string' } }, required: ['zone', 'at'] } },
    }

    expect(startOf(schema, schema)).toEqual({ size: 10, list: [], where: { zone: 'UTC' }, note: null, kind: 'daily' })
  })

  it('with what was given over that', () => {
    const schema = { type: 'object', properties: { a: { default: 1 }, b: { default: 2 } }, required: ['a', 'b'] }

    expect(startWith(schema, { b: 3, c: 4 })).toEqual({ a: 1, b: 3, c: 4 })
    expect(startWith(schema, undefined)).toEqual({ a: 1, b: 2 })
    expect(startWith({}, undefined)).toBeUndefined()
  })

  it('also where a schema needs itself without an end', () => {
    const schema = { $ref: '#/$defs/a', $defs: { a: { type: 'object', properties: { a: { $ref: '#/$defs/a' } }, required: ['a'] } } }

    expect(JSON.stringify(startOf(schema, schema)).length).toBeLessThan(100)
  })
})

describe('a value that somebody asks for', () => {
  it.each([
    [{ type: 'string' }, ''],
    [{ type: 'array' }, []],
    [{ enum: ['a', 'b'] }, 'a'],
    [{ type: 'boolean' }, false],
    [{ type: 'integer', default: 3 }, 3],
    [{ oneOf: [{ type: 'object', properties: { k: { const: 1 } }, required: ['k'] }, { type: 'string' }] }, { k: 1 }],
  ])('%j is %j at first', (schema, blank) => {
    expect(blankOf(schema, schema)).toEqual(blank)
  })
})
