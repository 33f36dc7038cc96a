import { expect, test } from 'vitest'
import { defaultStateName, isStateType, isTerminal, STATE_TYPES } from './state.ts'

test('four types are terminal: nothing follows them by itself', () => {
  expect(STATE_TYPES.filter(isTerminal)).toEqual(['completed', 'failed', 'crashed', 'cancelled'])
})

test('a type is named by its own word, capitalised', () => {
  expect(STATE_TYPES.map(defaultStateName).map((name) => name.toLowerCase())).toEqual([...STATE_TYPES])
  expect(defaultStateName('cancelling')).toBe('Cancelling')
})

test('text that names no type is told apart, also the names that every object has', () => {
  expect(STATE_TYPES.every(isStateType)).toBe(true)
  expect(['Running', 'done', '', 'constructor', 'toString'].filter(isStateType)).toEqual([])
})
