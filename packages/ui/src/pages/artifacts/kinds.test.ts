import { expect, test } from 'vitest'
import { csvOf, lineDiff, previewOf, sortedBy, tableRows } from './kinds.ts'

test('a table is read from records, from lists with a head and from columns, as text too', () => {
  const rows = [
    { a: 1, b: 'x' },
    { a: 2, b: 'y' },
  ]

  expect(tableRows(rows)).toEqual(rows)
  expect(tableRows(JSON.stringify(rows))).toEqual(rows)
  expect(
    tableRows([
      ['a', 'b'],
      [1, 'x'],
      [2, 'y'],
    ]),
  ).toEqual(rows)
  expect(tableRows({ a: [1, 2], b: ['x', 'y'] })).toEqual(rows)
  expect(tableRows('no table')).toBeUndefined()
})

test('a preview says the gist without marks', () => {
  expect(previewOf('markdown', '# Trips\n\n**12** files, see [here](https://example.com)')).toBe('Trips 12 files, see here')
  expect(previewOf('progress', 68.5)).toBe('69 %')
  expect(previewOf('table', [{ a: 1, b: 2 }])).toBe('1 row: a, b')
})

test('cells with commas, quotes and line breaks are quoted in CSV', () => {
  expect(
    csvOf([
      { a: 'x,y', b: 'say "hi"' },
      { a: null, b: 'two\nlines' },
    ]),
  ).toBe('a,b\r\n"x,y","say ""hi"""\r\n,"two\nlines"')
})

test('rows are sorted by numbers as numbers, and what is missing comes last', () => {
  const rows = [{ a: 10 }, { a: null }, { a: 9 }]

  expect(sortedBy(rows, 'a', false)).toEqual([{ a: 9 }, { a: 10 }, { a: null }])
  expect(sortedBy(rows, undefined, false)).toBe(rows)
})

test('a diff tells which lines came and went, and keeps those that stayed', () => {
  expect(lineDiff('a\nb\nc', 'a\nx\nc')).toEqual([
    { type: 'same', text: 'a' },
    { type: 'removed', text: 'b' },
    { type: 'added', text: 'x' },
    { type: 'same', text: 'c' },
  ])
})
