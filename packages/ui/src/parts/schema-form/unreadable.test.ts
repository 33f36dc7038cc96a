import { expect, it } from 'vitest'
import { parseJson, Unreadable, writeJson } from './unreadable.ts'

it.each([
  ['{\n  "a": x\n}', 'unexpected x at line 2, column 8.'],
  ['{"a": ', 'it ends too early (line 1, column 7).'],
  ['[1, 2,]', 'unexpected ] at line 1, column 7.'],
  ['{"a" 1}', 'unexpected 1 at line 1, column 6.'],
  ['{a: 1}', 'unexpected a at line 1, column 2.'],
  ['"open', 'unexpected " at line 1, column 1.'],
  ['1 2', 'unexpected 2 at line 1, column 3.'],
  ['[1}', 'unexpected } at line 1, column 3.'],
  ["{'a': 1}", "unexpected ' at line 1, column 2."],
])('%j is no JSON: %s', (text, problem) => {
  const value = parseJson(text)

  expect(value).toBeInstanceOf(Unreadable)
  expect(value).toMatchObject({ text, problem: expect.stringContaining(problem) })
  expect(writeJson(value)).toBe(text)
})

it('nothing but spaces is no value', () => {
  expect(parseJson('  \n')).toBeUndefined()
  expect(writeJson(undefined)).toBe('')
})
