import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalText } from './canonical.ts'

function textOf(...values: readonly unknown[]): string {
  const canonical = canonicalText(values)
  if ('unhashable' in canonical) throw new Error(canonical.unhashable)
  return canonical.text
}

function problemOf(...values: readonly unknown[]): string {
  const canonical = canonicalText(values)
  return 'unhashable' in canonical ? canonical.unhashable : 'no problem'
}

class Point {
  readonly x: number
  readonly y: number
  constructor(x: number, y: number) {
    this.x = x
    this.y = y
  }
}

class Money {
  readonly #cents: number
  constructor(cents: number) {
    this.#cents = cents
  }
  toJSON(): unknown {
    return { cents: this.#cents }
  }
}

test('the text begins with its version, so that stored identities outlive a change of the format', () => {
  expect(textOf()).toBe('1')
  expect(textOf('a', 1, null)).toBe('1,"a",1,null')
})

describe('what user code should not tell apart is equal', () => {
  test.each([
    ['the order of keys', { a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 }],
    ['an object without prototype', { a: 1 }, Object.assign(Object.create(null), { a: 1 })],
    [
      'the order of a Map',
      new Map([
        ['a', 1],
        ['b', 2],
      ]),
      new Map([
        ['b', 2],
        ['a', 1],
      ]),
    ],
    ['the order of a Set', new Set([1, 2]), new Set([2, 1])],
    ['bytes in a Buffer', Buffer.from('abc'), new Uint8Array([97, 98, 99])],
    ['a view into a larger buffer', new Uint8Array([9, 1, 2, 9]).subarray(1, 3), new Uint8Array([1, 2])],
    ['the stack of an error', new Error('boom'), new Error('boom')],
    ['two instances that hold the same', new Money(5), new Money(5)],
    ['a value met twice', [{ a: 1 }, { a: 1 }], Array(2).fill({ a: 1 })],
  ])('%s', (_, left, right) => {
    expect(textOf(left)).toBe(textOf(right))
  })
})

test('values of different types or content never share a text', () => {
  const values = [
    undefined,
    null,
    true,
    false,
    0,
    -0,
    1,
    1n,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    '',
    '1',
    'null',
    'true',
    'NaN',
    '\ud800',
    [],
    [[]],
    [undefined],
    [1, 2],
    ['1,2'],
    {},
    { a: undefined },
    { a: 1 },
    { 'a":1,"b': 1 },
    new Date(0),
    new Date(1),
    new Date(Number.NaN),
    'Date(0)',
    new Map(),
    new Map([[1, 1]]),
    new Map([['1', 1]]),
    new Set(),
    new Set([1]),
    new Set([[1, 1]]),
    /a/g,
    /a/,
    new URL('https://example.org/a'),
    'https://example.org/a',
    new URLSearchParams('a=1'),
    new Uint8Array([1]),
    new Int8Array([1]),
    new Uint8Array([1]).buffer,
    new DataView(new Uint8Array([1]).buffer),
    new Float64Array([1]),
    new Error('a'),
    new TypeError('a'),
    new Error('a', { cause: 'b' }),
    Object.assign(new Error('a'), { status: 404 }),
    new AggregateError([new Error('a')], 'a'),
    new AggregateError([new Error('b')], 'a'),
    Object(1),
    new Money(1),
    { cents: 1 },
  ]
  const texts = values.map((value) => textOf(value))

  expect(new Set(texts).size).toBe(values.length)
})

test('the number of arguments counts, also when they are undefined', () => {
  expect(new Set([textOf(), textOf(undefined), textOf(undefined, undefined), textOf([undefined])]).size).toBe(4)
})

test('two different JSON values never share a text, and equal ones always do', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (left, right) => {
      const equal = JSON.stringify(sorted(left)) === JSON.stringify(sorted(right))

      expect(textOf(left) === textOf(right)).toBe(equal)
    }),
  )
})

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).map(([key, item]) => [key, sorted(item)] as const)
  return { members: members.sort(([left], [right]) => (left < right ? -1 : 1)) }
}

describe('what cannot be read completely has no text, and the place is named', () => {
  const cyclic: Record<string, unknown> = { name: 'root' }
  cyclic['children'] = [{ parent: cyclic }]

  test.each([
    ['a function', [() => 1], 'arguments[0] is a function'],
    ['a symbol', [1, Symbol('s')], 'arguments[1] is a symbol'],
    ['a member deep inside', [{ hooks: [{ 'on-end': () => 1 }] }], 'arguments[0].hooks[0]["on-end"] is a function'],
    ['a Map entry', [new Map([['a', Symbol('s')]])], 'arguments[0].map[0][1] is a symbol'],
    ['a cycle', [cyclic], 'arguments[0].children[0].parent contains itself'],
    ['a promise', [Promise.resolve(1)], 'arguments[0] is a promise'],
    ['a class without toJSON', [new Point(1, 2)], 'arguments[0] is a Point, which has no toJSON()'],
    ['a WeakMap', [new WeakMap()], 'arguments[0] is a WeakMap, which has no toJSON()'],
    ['a stream', [new ReadableStream()], 'arguments[0] is a ReadableStream, which has no toJSON()'],
    ['an AbortSignal', [new AbortController().signal], 'arguments[0] is an AbortSignal, which has no toJSON()'],
    ['a member named by a symbol', [{ [Symbol('s')]: 1 }], 'arguments[0] has a member named by a symbol'],
    [
      'a getter that throws',
      [
        {
          get a() {
            throw new Error('not now')
          },
        },
      ],
      'arguments[0] cannot be read: not now',
    ],
    ['an instance that hides a function', [{ money: { toJSON: () => ({ f: () => 1 }) } }], 'arguments[0].money.toJSON().f is a function'],
  ])('%s', (_, values, problem) => {
    expect(problemOf(...values)).toBe(problem)
  })

  test('a value nested too deeply for any stack', () => {
    let value: unknown = 1
    for (let depth = 0; depth < 100_000; depth++) value = [value]

    expect(problemOf(value)).toContain('is nested more than 1000 levels deep')
  })
})

test('a future stands for the identity its caller gives it, wherever it is', () => {
  class Future {}
  const future = new Future()
  const replace = (value: object): string | undefined => (value === future ? 'load.1' : undefined)

  expect(canonicalText([future], replace)).toEqual({ text: '1,ref("load.1")' })
  expect(canonicalText([{ rows: [future] }], replace)).toEqual({ text: '1,{"rows":[ref("load.1")]}' })
})

test('a class the caller knows is read through what the caller says it holds', () => {
  const dataOf = (value: object): { name: string; data: unknown } | undefined =>
    value instanceof Point ? { name: 'Point', data: [value.x, value.y] } : undefined

  expect(canonicalText([new Point(1, 2)], undefined, dataOf)).toEqual({ text: '1,class "Point"([1,2])' })
  expect(canonicalText([[new Point(1, 2)]], undefined, dataOf)).not.toEqual(canonicalText([[new Point(1, 3)]], undefined, dataOf))
})
