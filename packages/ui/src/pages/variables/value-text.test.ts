import { expect, test } from 'vitest'
import { codeOf, formKind, kindOf, nameProblem, readTags, readValue, writeValue } from './value-text.ts'

test('a value is read as its kind says', () => {
  expect(readValue('500', 'number')).toEqual({ value: 500 })
  expect(readValue('500', 'text')).toEqual({ value: '500' })
  expect(readValue('true', 'yes or no')).toEqual({ value: true })
  expect(readValue(' {"fast": true} ', 'JSON')).toEqual({ value: { fast: true } })
})

test('half an object, words for a number and nothing at all are problems', () => {
  expect(readValue('{"fast": ', 'JSON')).toHaveProperty('problem', expect.stringContaining('line 1'))
  expect(readValue('five', 'number')).toHaveProperty('problem')
  expect(readValue('  ', 'number')).toHaveProperty('problem')
  expect(readValue('', 'JSON')).toHaveProperty('problem')
  expect(readValue('x'.repeat(5_001), 'text')).toHaveProperty('problem')
})

test('what is written is read as the same value', () => {
  for (const value of [1, 'two', '', '3', [3], { four: null }, null, false, true, 'two\nlines'])
    expect(readValue(writeValue(value, formKind(value)), formKind(value))).toEqual({ value })
})

test('a value is called by what it is', () => {
  expect([null, [1], { a: 1 }, 'x', 1, true].map(kindOf)).toEqual(['null', 'list', 'object', 'text', 'number', 'yes or no'])
})

test('code that reads a variable names its type', () => {
  expect(codeOf('regions', ['eu', 'us']).typescript).toContain("variable.get<string[]>('regions')")
  expect(codeOf('mixed', [1, 'a']).typescript).toContain("variable.get<unknown[]>('mixed')")
  expect(codeOf('size', 5).command).toBe('tutti variable get size')
})

test('a name has lowercase letters, numbers, dashes and underscores', () => {
  expect(nameProblem('batch_size-2')).toBeUndefined()
  expect(nameProblem('Batch')).toContain('Lowercase')
  expect(nameProblem('')).toBe('Give it a name.')
})

test('tags are taken apart at commas, each once', () => {
  expect(readTags('etl, prod,, etl ')).toEqual(['etl', 'prod'])
})
