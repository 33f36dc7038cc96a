import { expect, test } from 'vitest'
import { nameProblem, readTags, readValue, writeValue } from './value-text.ts'

test('a value is read as JSON', () => {
  expect(readValue('500')).toEqual({ value: 500 })
  expect(readValue(' {"fast": true} ')).toEqual({ value: { fast: true } })
})

test('a bare word is the text it is, and that is said', () => {
  expect(readValue('hello')).toEqual({ value: 'hello', note: 'Will be the text "hello".' })
})

test('half an object and nothing at all are problems', () => {
  expect(readValue('{"fast": ')).toHaveProperty('problem')
  expect(readValue('  ')).toHaveProperty('problem')
  expect(readValue('x'.repeat(5_001))).toHaveProperty('problem')
})

test('what is written is read as the same value', () => {
  for (const value of [1, 'two', [3], { four: null }, null, false]) expect(readValue(writeValue(value))).toEqual({ value })
})

test('a name has lowercase letters, numbers, dashes and underscores', () => {
  expect(nameProblem('batch_size-2')).toBeUndefined()
  expect(nameProblem('Batch')).toContain('Lowercase')
  expect(nameProblem('')).toBe('Give it a name.')
})

test('tags are taken apart at commas, each once', () => {
  expect(readTags('etl, prod,, etl ')).toEqual(['etl', 'prod'])
})
