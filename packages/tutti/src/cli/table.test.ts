import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { paint } from './print.ts'
import { renderTable } from './table.ts'
import type { Column } from './table.ts'
import type { Output } from './world.ts'

interface Row {
  readonly name: string
  readonly size: number
}

const columns: readonly Column<Row>[] = [
  { title: 'NAME', cell: ({ name }, to) => paint(to, 'green', name) },
  { title: 'SIZE', cell: ({ size }) => String(size), align: 'right' },
  { title: 'ID', cell: ({ size }) => `id-${size}`, whole: true },
]

function anOutput(options: Partial<Output> = {}): Output {
  return { write: () => undefined, isTerminal: false, columns: undefined, colours: false, gone: false, ...options }
}

test('columns are as wide as their widest cell', () => {
  const rows = [
    { name: 'a', size: 1 },
    { name: 'longer', size: 1000 },
  ]

  expect(renderTable(rows, columns, anOutput())).toBe(['NAME    SIZE  ID', 'a          1  id-1', 'longer  1000  id-1000', ''].join('\n'))
})

test('colours do not change the widths', () => {
  const rows = [
    { name: 'a', size: 1 },
    { name: 'longer', size: 2 },
  ]

  const coloured = renderTable(rows, columns, anOutput({ colours: true }))

  expect(coloured).not.toBe(stripVTControlCharacters(coloured))
  expect(stripVTControlCharacters(coloured)).toBe(renderTable(rows, columns, anOutput()))
})

test('on a narrow terminal the widest column gives way, and what is there to be copied stays whole', () => {
  const rows = [{ name: 'a-name-that-is-much-too-long', size: 123_456 }]

  const lines = renderTable(rows, columns, anOutput({ columns: 30 }))
    .trimEnd()
    .split('\n')

  expect(lines[1]).toBe('a-name-tha…  123456  id-123456')
  expect(lines.every((line) => line.length <= 30)).toBe(true)
})

test('a cell of several lines becomes one', () => {
  expect(renderTable([{ name: 'two\n  lines', size: 1 }], columns, anOutput())).toContain('two lines')
})
