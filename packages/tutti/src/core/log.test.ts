import { expect, test } from 'vitest'
import { levelName, LOG_LEVELS } from './log.ts'

test('every level has the name it was given', () => {
  expect(Object.entries(LOG_LEVELS).map(([name, level]) => [name, levelName(level)])).toEqual(
    Object.keys(LOG_LEVELS).map((name) => [name, name]),
  )
})

test.each([
  [0, 'debug'],
  [25, 'info'],
  [39, 'warn'],
  [50, 'error'],
])('a level between two names (%i) takes the lower one: %s', (level, name) => {
  expect(levelName(level)).toBe(name)
})
