import { expect, test } from 'vitest'
import { Unreadable } from '../../../parts/schema-form/unreadable.ts'
import { changedParameters } from './changed-parameters.ts'

const before = { day: '2026-01-31', rows: 12, where: { region: 'eu', zones: ['a', 'b'] } }

test('what nobody has edited is as it was', () => {
  expect(changedParameters(before, undefined)).toEqual({ type: 'ready', parameters: undefined })
  expect(changedParameters(before, { ...before, where: { zones: ['a', 'b'], region: 'eu' } })).toEqual({
    type: 'ready',
    parameters: undefined,
  })
})

test('only what differs is given, whole', () => {
  const edited = { ...before, rows: 13, where: { region: 'eu', zones: ['b', 'a'] } }

  expect(changedParameters(before, edited)).toEqual({ type: 'ready', parameters: { rows: 13, where: { region: 'eu', zones: ['b', 'a'] } } })
})

test('what was added is given, and what was taken away stays', () => {
  expect(changedParameters(before, { day: '2026-01-31', limit: 5 })).toEqual({ type: 'ready', parameters: { limit: 5 } })
})

test.each([[new Unreadable('{', 'no end')], ['text'], [[1]], [null]])('%s are no parameters', (edited) => {
  expect(changedParameters(before, edited)).toEqual({ type: 'broken' })
})
