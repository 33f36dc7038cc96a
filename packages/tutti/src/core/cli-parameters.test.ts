import { expect, test } from 'vitest'
import { coerceCliParameters } from './cli-parameters.ts'

test.each([
  [[], {}],
  [['day=2026-01-01'], { day: '2026-01-01' }],
  [['count=5', 'ratio=-1.5e3', 'full=true', 'none=null'], { count: 5, ratio: -1500, full: true, none: null }],
  [['text="5"'], { text: '5' }],
  [['zip=007', 'empty=', 'equation=a=b'], { zip: '007', empty: '', equation: 'a=b' }],
  [['rows=[1,2]', 'filter={"a":1}'], { rows: [1, 2], filter: { a: 1 } }],
  [['filter.state=open', 'filter.age.min=3'], { filter: { state: 'open', age: { min: 3 } } }],
  [['tag=a', 'tag=b', 'tag=3'], { tag: ['a', 'b', 3] }],
  [['list=[1]', 'list=2'], { list: [[1], 2] }],
  [['filter.tag=a', 'filter.tag=b'], { filter: { tag: ['a', 'b'] } }],
  [['filter={"a":1}', 'filter.b=2'], { filter: { a: 1, b: 2 } }],
  [['a\\.b=1'], { 'a.b': 1 }],
  [['toString=1', 'constructor.name=x'], { toString: 1, constructor: { name: 'x' } }],
  [['id=12345678901234567890', 'huge=1e999'], { id: '12345678901234567890', huge: '1e999' }],
])('%j', (pairs, expected) => {
  expect(coerceCliParameters(pairs)).toEqual(expected)
})

test('what the schema calls text is text, also when it looks like a number', () => {
  const schema = {
    properties: {
      zip: { type: 'string' },
      count: { type: 'number' },
      nested: { properties: { code: { type: 'string' } } },
      codes: { type: 'array', items: { type: 'string' } },
    },
  }

  expect(coerceCliParameters(['zip=12345', 'count=5', 'nested.code=true', 'codes=1', 'codes=2'], schema)).toEqual({
    zip: '12345',
    count: 5,
    nested: { code: 'true' },
    codes: ['1', '2'],
  })
  expect(coerceCliParameters(['zip="a b"', 'codes=7'], schema)).toEqual({ zip: 'a b', codes: ['7'] })
  expect(coerceCliParameters(['codes=["a","b"]'], schema)).toEqual({ codes: ['a', 'b'] })
})

test.each([
  [['day'], "'day' has no name and value"],
  [['=5'], "'=5' has no name and value"],
  [['a..b=1'], "'a..b' is not the name of a parameter"],
  [['__proto__.admin=true'], "'__proto__.admin' is not the name of a parameter"],
  [['a=1', 'a.b=2'], "'a.b' is a member of 'a', which was given a value of its own"],
  [['a.b=2', 'a=1'], "'a' was given a value after its members"],
])('%j is refused', (pairs, problem) => {
  expect(() => coerceCliParameters(pairs)).toThrow(
    expect.objectContaining({ code: 'INVALID_PARAMETERS', message: expect.stringContaining(problem) }),
  )
})
