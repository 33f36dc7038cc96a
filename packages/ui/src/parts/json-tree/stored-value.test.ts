import { expect, test } from 'vitest'
import { countParameters, readParameters, readStored, Typed } from './stored-value.ts'

test('plain JSON is read as it is', () => {
  expect(readStored({ format: 'json', text: '{"rows":[1,2]}' })).toEqual({ rows: [1, 2] })
})

test('what JSON cannot say is told by its type', () => {
  const text =
    '[{"at":1,"seen":2,"by":4,"none":-1,"size":7},["Date","2026-01-01T00:00:00.000Z"],["Set",3],"a",["Map",5,6],"k",3,["BigInt","12"]]'

  expect(readStored({ format: 'devalue', text })).toEqual({
    at: new Typed('Date', '2026-01-01T00:00:00.000Z'),
    seen: new Typed('Set', ['a']),
    by: new Typed('Map', { k: 3 }),
    none: new Typed('undefined', ''),
    size: new Typed('bigint', '12'),
  })
})

test('a value that holds itself is read once', () => {
  const value = readStored({ format: 'devalue', text: '[{"self":0}]' }) as { readonly self: unknown }

  expect(value.self).toBe(value)
})

test('nothing, and what cannot be read, are shown all the same', () => {
  expect(readStored({ format: 'devalue', text: '-1' })).toEqual(new Typed('undefined', ''))
  expect(readStored({ format: 'devalue', text: 'not JSON' })).toEqual(new Typed('devalue', 'not JSON'))
})

test('parameters are read from their stored form where they have one', () => {
  expect(readParameters({ format: 'csv', text: 'a' })).toEqual({ format: 'csv', text: 'a' })
  expect(readParameters({ format: 'devalue', text: '[["Date","2026-01-01"]]' })).toEqual(new Typed('Date', '2026-01-01'))
})

test('parameters are counted as they were given, not as they are stored', () => {
  expect(countParameters({ day: '2026-01-31' })).toBe(1)
  expect(countParameters({ format: 'devalue', text: '[{"from":1,"to":1,"full":2},["Date","2026-01-01T00:00:00.000Z"],true]' })).toBe(3)
  expect(countParameters({ format: 'devalue', text: '-1' })).toBe(0)
  expect(countParameters({ format: 'devalue', text: '[["Date","2026-01-01"]]' })).toBe(undefined)
})
