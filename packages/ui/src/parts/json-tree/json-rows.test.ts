import { expect, test } from 'vitest'
import { jsonRows, jsonText } from './json-rows.ts'
import { Typed } from './stored-value.ts'

const ALL = { toggled: new Set<string>(), limit: 100 }

function shown(value: unknown, asked: Partial<Parameters<typeof jsonRows>[1]> = {}): readonly string[] {
  return jsonRows(value, { ...ALL, ...asked }).rows.map(({ path, kind, text }) => `${path}|${kind}|${text}`)
}

test('a value becomes lines with the paths that programs write', () => {
  expect(shown({ rows: [{ 'the name': 'a' }, null], ok: true })).toEqual([
    '|open|{ 2 }',
    'rows|open|[ 2 ]',
    'rows[0]|closed|{ 1 }',
    'rows[1]|null|null',
    'ok|boolean|true',
  ])
})

test('branches that were toggled are opened, or closed', () => {
  expect(shown({ rows: [[1]] }, { toggled: new Set(['rows[0]']) })).toEqual([
    '|open|{ 1 }',
    'rows|open|[ 1 ]',
    'rows[0]|open|[ 1 ]',
    'rows[0][0]|number|1',
  ])
  expect(shown({ rows: [1] }, { toggled: new Set(['rows']) })).toEqual(['|open|{ 1 }', 'rows|closed|[ 1 ]'])
})

test('a search leaves what has the text, however deep, and what stands around it', () => {
  const value = { a: { b: { c: { name: 'Needle' } } }, other: [1, 2] }

  expect(shown(value, { searched: 'needle' })).toEqual([
    '|open|{ 2 }',
    'a|open|{ 1 }',
    'a.b|open|{ 1 }',
    'a.b.c|open|{ 1 }',
    'a.b.c.name|string|Needle',
  ])
})

test('no more lines are made than are asked for', () => {
  const { rows, hasMore } = jsonRows(
    Array.from({ length: 90 }, (_, at) => at),
    { ...ALL, limit: 10 },
  )

  expect([rows.length, hasMore]).toEqual([10, true])
})

test('a value that holds itself ends there', () => {
  const loop: Record<string, unknown> = {}
  loop['self'] = loop

  expect(shown(loop)).toEqual(['|open|{ 1 }', 'self|closed|itself'])
  expect(jsonText(loop)).toBe('{\n  "self": "[itself]"\n}')
})

test('what JSON cannot say is copied as its nearest likeness', () => {
  expect(jsonText({ at: new Typed('Date', '2026-01-01'), none: new Typed('undefined', '') })).toBe('{\n  "at": "2026-01-01"\n}')
})
