import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TuttiError } from '../core/errors.ts'
import { ClassRegistry } from './class-registry.ts'
import { encodeError, ERROR_MAX_BYTES, reviveError } from './stored-error.ts'

function again(thrown: unknown, classes = new ClassRegistry()): unknown {
  return reviveError(encodeError(thrown, classes), classes)
}

class HttpError extends Error {
  override readonly name = 'HttpError'
  readonly status: number
  constructor(message: string, status: number) {
    super(message)
    this.status = status
  }
}

test('an error keeps its name, message, stack, cause and members', () => {
  const error = Object.assign(new HttpError('not found', 404), { details: { path: '/a' } })
  error.cause = new TypeError('no address')

  const revived = again(error)

  expect(revived).toBeInstanceOf(Error)
  expect(revived).toMatchObject({ name: 'HttpError', message: 'not found', status: 404, details: { path: '/a' }, stack: error.stack })
  expect((revived as Error).cause).toBeInstanceOf(TypeError)
  expect((revived as Error).cause).toMatchObject({ message: 'no address' })
})

test.each([new TypeError('a'), new RangeError('a'), new SyntaxError('a'), new DOMException('a', 'AbortError')])(
  '%s is an instance of its class again',
  (error) => {
    const revived = again(error)

    expect(revived).toBeInstanceOf(error.constructor)
    expect(revived).toMatchObject({ name: error.name, message: 'a', stack: error.stack })
  },
)

test('an AggregateError keeps its errors', () => {
  const revived = again(new AggregateError([new Error('a'), 'b'], 'both failed'))

  expect(revived).toBeInstanceOf(AggregateError)
  expect((revived as AggregateError).errors).toEqual([new Error('a'), 'b'])
})

test('an error of Tutti keeps its code and gets its fix from the catalog', () => {
  const revived = again(new TuttiError('RESULT_MISSING', 'the file is gone', { cause: new Error('ENOENT') }))

  expect(revived).toBeInstanceOf(TuttiError)
  expect(revived).toMatchObject({ code: 'RESULT_MISSING', status: 404, message: 'the file is gone', cause: new Error('ENOENT') })
})

test('an error of Tutti with a code this version does not know is an Error with that code', () => {
  const stored = encodeError(new TuttiError('RESULT_MISSING', 'gone'))

  const revived = reviveError({ ...stored, text: stored.text.replace('RESULT_MISSING', 'OF_TOMORROW') })

  expect(revived).not.toBeInstanceOf(TuttiError)
  expect(revived).toMatchObject({ name: 'TuttiError', message: 'gone', code: 'OF_TOMORROW' })
})

test('an error of an integration is one again with its status and fix, also where the integration is not loaded', () => {
  const revived = again(new TuttiError({ code: 'gcp/FORBIDDEN', status: 403, fix: 'Ask for the role.' }, 'no access'))

  expect(revived).toBeInstanceOf(TuttiError)
  expect(revived).toMatchObject({ code: 'gcp/FORBIDDEN', status: 403, fix: 'Ask for the role.', message: 'no access' })
})

test('the code of a system error is kept', () => {
  expect(again(Object.assign(new Error('no'), { code: 'ECONNREFUSED', errno: -111 }))).toMatchObject({ code: 'ECONNREFUSED', errno: -111 })
})

test('an error of a registered class is an instance of it again, so that catch takes the same branch', () => {
  const classes = new ClassRegistry()
  classes.register(HttpError, {})

  const revived = again(new HttpError('not found', 404), classes)

  expect(revived).toBeInstanceOf(HttpError)
  expect(revived).toMatchObject({ name: 'HttpError', message: 'not found', status: 404 })
})

test('an error of a class with its own codec is made by that', () => {
  const classes = new ClassRegistry()
  classes.register(HttpError, {
    toData: ({ message, status }) => ({ message, status }),
    fromData: ({ message, status }) => new HttpError(message, status),
  })

  const revived = again(new HttpError('not found', 404), classes)

  expect(revived).toBeInstanceOf(HttpError)
  expect(revived).toMatchObject({ status: 404 })
})

test.each(['stop', '', 7, null, undefined, true, { reason: 'late' }, ['a']])('what is no error is thrown again as it was: %j', (thrown) => {
  expect(again(thrown)).toEqual(thrown)
})

test('readers find a name and a message, whatever was thrown', () => {
  const described = ['stop', null, undefined, 7, Symbol('s'), { a: 1 }].map((thrown) => JSON.parse(encodeError(thrown).text))

  expect(described.map(({ name, message }) => [name, message])).toEqual([
    ['Thrown', 'stop'],
    ['Thrown', 'null'],
    ['Thrown', 'undefined'],
    ['Thrown', '7'],
    ['Thrown', 'Symbol(s)'],
    ['Thrown', '[object Object]'],
  ])
})

test('what is no error and cannot be written is an Error that shows it', () => {
  expect(again(() => 1)).toMatchObject({ name: 'Thrown', message: '() => 1' })
})

describe('nothing that is thrown can make storing it fail', () => {
  const cyclic = new Error('a')
  cyclic.cause = new Error('b', { cause: cyclic })
  const hidden = new Error('hidden')
  for (const key of ['name', 'message', 'stack', 'cause', 'extra']) {
    Object.defineProperty(hidden, key, {
      enumerable: true,
      get() {
        throw new Error('no')
      },
    })
  }
  const proxy = new Proxy(new Error('a'), {
    get() {
      throw new Error('no')
    },
    getPrototypeOf() {
      throw new Error('no')
    },
  })

  test.each([
    ['a cycle of causes', cyclic],
    ['getters that throw', hidden],
    ['a proxy that throws', proxy],
    ['a name that is no text', Object.assign(new Error('a'), { name: 7 })],
    [
      'an object whose toString throws',
      Object.create({
        toString: () => {
          throw new Error('no')
        },
      }),
    ],
    ['a member that cannot be written', Object.assign(new Error('a'), { request: { on: () => 1 }, response: cyclic })],
    ['a member named __proto__', Object.defineProperty(new Error('a'), '__proto__', { value: { polluted: true }, enumerable: true })],
  ])('%s', (_, thrown) => {
    const stored = encodeError(thrown)

    expect(Buffer.byteLength(stored.text)).toBeLessThanOrEqual(ERROR_MAX_BYTES)
    expect(reviveError(stored)).toBeDefined()
  })

  test.each(['a', 'é', '😀', '\u0000'])('a message of a million times %j is cut', (character) => {
    const error = new Error(character.repeat(1_000_000), { cause: new Error(character.repeat(1_000_000)) })

    const stored = encodeError(Object.assign(error, { body: character.repeat(1_000_000) }))

    expect(Buffer.byteLength(stored.text)).toBeLessThanOrEqual(ERROR_MAX_BYTES)
    expect(reviveError(stored)).toMatchObject({ message: expect.stringMatching(/more characters\)$/) })
  })

  test('a thousand errors in one', () => {
    const stored = encodeError(
      new AggregateError(
        Array.from({ length: 1_000 }, (_, at) => new Error(`e${at}`.repeat(1_000))),
        'all',
      ),
    )

    expect(Buffer.byteLength(stored.text)).toBeLessThanOrEqual(ERROR_MAX_BYTES)
  })

  test('anything at all', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (thrown, cause) => {
        const stored = encodeError(typeof thrown === 'string' ? new Error(thrown, { cause }) : thrown)

        expect(() => reviveError(stored)).not.toThrow()
      }),
    )
  })
})
