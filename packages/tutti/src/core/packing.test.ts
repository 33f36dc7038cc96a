import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TuttiError } from './errors.ts'
import { JsonText } from './literal-json.ts'
import { pack, packError, unpack, unpackError } from './packing.ts'

test('JSON texts come out of another thread as they went in', () => {
  const value = { run: { parameters: new JsonText('{"x":1.0}'), tags: ['a'], labels: null }, list: [new JsonText('1e3'), 5] }

  expect(unpack(structuredClone(pack(value)))).toEqual(value)
})

test('plain data is not copied', () => {
  const value = { rows: [{ id: 'a', bytes: new Uint8Array(3) }] }

  expect(pack(value)).toBe(value)
})

test('any data survives', () => {
  const anything = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.jsonValue(),
      fc.string().map((text) => new JsonText(JSON.stringify(text))),
      tie('object'),
    ),
    object: fc.dictionary(
      fc.string().filter((key) => key !== '__proto__'),
      tie('value'),
      { noNullPrototype: true },
    ),
  })).value
  fc.assert(
    fc.property(anything, (value) => {
      expect(unpack(structuredClone(pack(value)))).toEqual(value)
    }),
  )
})

test('an error keeps its code, its message and how long to wait', () => {
  const error = new TuttiError('SLOTS_TAKEN', 'no slot of gpu is free', { retryAfterS: 2.5 })

  const revived = unpackError(structuredClone(packError(error)))

  expect(revived).toBeInstanceOf(TuttiError)
  expect(revived).toMatchObject({ code: 'SLOTS_TAKEN', status: 423, message: 'no slot of gpu is free', retryAfterS: 2.5 })
})
