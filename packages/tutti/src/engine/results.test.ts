import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ClassRegistry } from './class-registry.ts'
import { decodeResult, encodeResult } from './results.ts'
import type { EncodedResult } from './results.ts'

const classes = new ClassRegistry()

class Point {
  readonly x: number
  constructor(x: number) {
    this.x = x
  }
}

class Node {
  next: unknown = null
}

async function kept(
  value: unknown,
  serializer: 'json' | 'cbor' = 'json',
  registry = classes,
): Promise<Exclude<EncodedResult, { unserialisable: string }>> {
  const encoded = await encodeResult(value, { serializer, classes: registry })
  if ('unserialisable' in encoded) throw new Error(`${encoded.what} at ${encoded.unserialisable}`)
  return encoded
}

async function again(value: unknown, serializer: 'json' | 'cbor' = 'json', registry = classes): Promise<unknown> {
  return decodeResult(await kept(value, serializer, registry), registry)
}

test.each([1, 'text', true, null, { rows: [1, 2], ok: true }, []])('%j is stored as plain JSON at once, without a promise', (value) => {
  expect(encodeResult(value, { serializer: 'json' })).toEqual({
    format: 'json',
    text: JSON.stringify(value),
    sizeBytes: Buffer.byteLength(JSON.stringify(value)),
  })
})

test('a task that returns nothing has a result, at once', () => {
  const encoded = encodeResult(undefined, { serializer: 'json' })

  expect(encoded).not.toBeInstanceOf(Promise)
  expect(decodeResult(encoded as { format: 'devalue'; text: string })).toBeUndefined()
})

test('size is in bytes, not in characters', async () => {
  expect((await kept('é😀')).sizeBytes).toBe(8)
})

test('the text of undefined is what the format itself writes', async () => {
  const { stringify } = await import('devalue')

  expect(stringify(undefined)).toBe((await kept(undefined)).text)
})

const typed = [
  ['undefined', undefined],
  ['an undefined member', { a: undefined, b: 1 }],
  ['negative zero', -0],
  ['NaN', [Number.NaN, Number.NEGATIVE_INFINITY]],
  ['a big integer', 2n ** 80n],
  ['a date', new Date('2026-01-02T03:04:05.678Z')],
  ['an invalid date', new Date(Number.NaN)],
  [
    'a map with keys of all types',
    new Map<unknown, unknown>([
      [1, 'a'],
      ['1', 'b'],
      [null, new Set([new Date(0)])],
    ]),
  ],
  ['a pattern', /a+/giu],
  ['an address', new URL('https://example.org/a?b=c')],
  ['a list with holes', Object.assign(Array(3), { 0: 1, 2: 3 })],
  ['an object without prototype', Object.assign(Object.create(null), { a: 1 })],
  ['bytes', new Uint8Array([1, 2, 255])],
  ['other numbers in bytes', [new Float64Array([1.5, -0]), new Int16Array([-1]), new BigUint64Array([2n ** 63n])]],
  ['half a surrogate', new Map([['\ud800', '\udfff']])],
] as const

test.each(typed)('%s comes back as it was', async (_, value) => {
  expect(await again(value)).toStrictEqual(value)
})

test.each(typed)('%s comes back as it was where cbor is asked for', async (_, value) => {
  expect(await again(value, 'cbor')).toStrictEqual(value)
})

test('a Buffer comes back as a Buffer, and only what it shows is stored', async () => {
  const pool = Buffer.from('secret, shown, secret')

  const encoded = await kept(pool.subarray(8, 13))

  expect(Buffer.from(encoded.text, 'base64').toString()).not.toContain('secret')
  expect(encoded.text).not.toContain(Buffer.from('secret').toString('base64'))
  expect(await decodeResult(encoded)).toStrictEqual(Buffer.from('shown'))
})

test('a cycle and a value met twice stay what they are', async () => {
  const shared = { when: new Date(0) }
  const value: Record<string, unknown> = { first: shared, second: shared }
  value['self'] = value

  const read = (await again(value)) as typeof value

  expect(read['self']).toBe(read)
  expect(read['first']).toBe(read['second'])
})

test('an error in a result keeps its class, cause and stack', async () => {
  const error = new RangeError('too far', { cause: new Error('why') })

  const read = (await again({ failed: [error] })) as { failed: [Error] }

  expect(read.failed[0]).toBeInstanceOf(RangeError)
  expect(read.failed[0]).toMatchObject({ message: 'too far', stack: error.stack, cause: new Error('why') })
})

test('an instance of a registered class comes back as one', async () => {
  const registry = new ClassRegistry()
  registry.register(Point, { toData: (point) => ({ x: point.x, at: new Date(0) }), fromData: ({ x }) => new Point(x) })

  expect(await again([new Point(1), { deep: new Point(2) }], 'json', registry)).toStrictEqual([new Point(1), { deep: new Point(2) }])
})

test('a stored instance of a class nobody registered here is told by name', async () => {
  const registry = new ClassRegistry()
  registry.register(Point, { toData: (point) => point.x, fromData: (x) => new Point(x) })
  const encoded = await kept(new Point(1), 'json', registry)

  expect(() => decodeResult(encoded, new ClassRegistry())).toThrow(
    expect.objectContaining({ code: 'CLASS_UNKNOWN', message: expect.stringContaining('Point') }),
  )
})

test('a far time is kept to the millisecond, though CBOR counts in seconds', async () => {
  const far = [new Date('-137461-03-13T01:51:03.280Z'), new Date(8.64e15), new Date('2026-11-28T06:30:00.123Z')]

  expect(await again(far, 'cbor')).toStrictEqual(far)
})

test('large numeric data is smaller as cbor', async () => {
  const numbers = new Float64Array(10_000).map((_, at) => Math.sqrt(at))

  const encoded = await kept({ numbers }, 'cbor')

  expect(encoded.format).toBe('cbor')
  expect(await decodeResult(encoded)).toEqual({ numbers })
})

const cyclicNode = new Node()
cyclicNode.next = cyclicNode

describe.each(['json', 'cbor'] as const)('what cannot be stored is told with its place (%s)', (serializer) => {
  test.each([
    ['a function', { rows: [{ format: () => 1 }] }, 'result.rows[0].format', 'a function'],
    ['a function alone', () => 1, 'result', 'a function'],
    ['a symbol', [Symbol('s')], 'result[0]', 'a symbol'],
    ['an instance', { point: new Point(1) }, 'result.point', 'an instance of Point'],
    ['a promise', { later: Promise.resolve(1) }, 'result.later', 'a promise'],
    ['a stream', new ReadableStream(), 'result', 'an instance of ReadableStream'],
    ['a WeakMap in a Map', new Map([['a', new WeakMap()]]), 'result.get("a")', 'an instance of WeakMap'],
    ['a subclass of Map', new (class Index extends Map {})(), 'result', 'an instance of Index'],
    [
      'a symbol as a key',
      { a: { [Symbol('s')]: 1 } },
      'result.a',
      'an object with a member that cannot be written (a symbol or __proto__)',
    ],
    [
      'a getter that throws',
      {
        get a() {
          throw new Error('not now')
        },
      },
      'result',
      'a value that cannot be read (not now)',
    ],
  ])('%s', async (_, value, unserialisable, what) => {
    expect(await encodeResult(value, { serializer, classes })).toEqual({ unserialisable, what })
  })
})

test('an instance that could not be read back is told when it is written', async () => {
  const registry = new ClassRegistry()
  registry.register(Node, { toData: ({ next }) => ({ next }), fromData: ({ next }) => Object.assign(new Node(), { next }) })

  expect(await encodeResult(cyclicNode, { serializer: 'json', classes: registry })).toMatchObject({ unserialisable: 'result' })
})

test('a value nested too deeply for any format is told, not thrown', async () => {
  let value: unknown = 1
  for (let depth = 0; depth < 100_000; depth++) value = [value]

  expect(await encodeResult(value, { serializer: 'json' })).toMatchObject({ unserialisable: 'result' })
})

test('a result above the limit is an error that names both sizes', async () => {
  const encoded = encodeResult('x'.repeat(999), { serializer: 'json', maxBytes: 1_000 })

  await expect(encoded).rejects.toMatchObject({
    code: 'RESULT_TOO_LARGE',
    message: 'the result takes 1001 bytes, and at most 1000 bytes can be stored',
  })
})

test.each(['json', 'cbor'] as const)('whatever is stored comes back equal (%s)', async (serializer) => {
  const anything = fc.anything({
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withBigInt: true,
    withNullPrototype: true,
    withSparseArray: true,
  })

  await fc.assert(
    fc.asyncProperty(anything, async (value) => {
      const encoded = await encodeResult(value, { serializer, classes })
      fc.pre('format' in encoded)

      expect(await decodeResult(encoded)).toStrictEqual(value)
    }),
  )
})
