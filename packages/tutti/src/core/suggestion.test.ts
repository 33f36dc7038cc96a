import { expect, test } from 'vitest'
import { suggestion } from './suggestion.ts'

test.each([
  ['syncc', 'sync'],
  ['snyc', 'sync'],
  ['SYNC', 'sync'],
  ['sync-star', 'sync-stars'],
  ['countStrs', 'countStars'],
])('%s is taken for %s', (word, expected) => {
  expect(suggestion(word, ['report', 'sync', 'sync-stars', 'countStars'])).toBe(expected)
})

test.each(['deploy', 'x', ''])('nothing is suggested for a word that is like none: %j', (word) => {
  expect(suggestion(word, ['report', 'countStars'])).toBeUndefined()
})

test('the nearest candidate wins, and the first of equally near ones', () => {
  expect(suggestion('load', ['lead', 'loads', 'lord'])).toBe('lead')
  expect(suggestion('loadd', ['lead', 'load'])).toBe('load')
  expect(suggestion('logLevl', ['log', 'logLevel'])).toBe('logLevel')
})
