import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseGlob } from './glob.ts'

test.each([
  ['*.csv', ['a.csv', '.csv'], ['a.txt', 'b/a.csv', 'a.csvx']],
  ['**/*.csv', ['a.csv', 'b/a.csv', 'b/c/a.csv'], ['a.txt', 'b/a.csv/c']],
  ['2021/**', ['2021/a', '2021/b/c'], ['2021', '2020/a']],
  ['2021/*/trips.{csv,json}', ['2021/01/trips.csv', '2021/02/trips.json'], ['2021/trips.csv', '2021/01/02/trips.csv', '2021/01/trips.txt']],
  ['a?.txt', ['ab.txt'], ['a.txt', 'a/.txt', 'abc.txt']],
  ['[a-c].txt', ['a.txt', 'c.txt'], ['d.txt']],
  ['[!a-c].txt', ['d.txt'], ['a.txt', '/.txt']],
  [String.raw`a\*b`, ['a*b'], ['axb']],
  ['a.b+c(d)', ['a.b+c(d)'], ['axb+c(d)']],
  ['{', ['{'], ['a']],
  ['ä/*', ['ä/ö'], ['a/ö']],
])('%s names %j and not %j', (pattern, fitting, others) => {
  const glob = parseGlob(pattern)

  expect(fitting.filter((name) => !glob.matches(name))).toEqual([])
  expect(others.filter((name) => glob.matches(name))).toEqual([])
})

test('every name that fits begins with the prefix that is asked for', () => {
  const parts = fc.constantFrom('a', 'b', '/', '*', '**', '?', '{a,b}', '[ab]', '.', '\\*')
  const names = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.', '*'), maxLength: 8 })
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 6 }), names, (pattern, name) => {
      const glob = parseGlob(pattern.join(''))
      expect(!glob.matches(name) || name.startsWith(glob.prefix)).toBe(true)
    }),
  )
})

test('a text without special characters names itself', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 20 }), (text) => {
      fc.pre(!/[*?{[\\]/.test(text))
      expect(parseGlob(text).matches(text)).toBe(true)
    }),
  )
})
