import { expect, test } from 'vitest'
import { freshLines, linesInOrder, startOfLook } from './lines.ts'

test('pages of the newest first are read oldest first, and a line of two pages is shown once', () => {
  const pages = [{ lines: [{ id: 'd' }, { id: 'c' }] }, { lines: [{ id: 'c' }, { id: 'b' }] }, { lines: [{ id: 'a' }] }]

  expect(linesInOrder(pages).map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd'])
})

const at = (id: string, second: number): { readonly id: string; readonly timestamp: string } => ({
  id,
  timestamp: `2026-01-01T00:00:${String(second).padStart(2, '0')}.000Z`,
})

test('new lines are looked for from some seconds before the newest that is known', () => {
  expect(startOfLook(at('a', 30))).toBe('2026-01-01T00:00:25.000Z')
  expect(startOfLook(undefined)).toBeUndefined()
})

test('what is new joins what is known by its time, also when it comes late, and what is shown is not new', () => {
  const known = [at('c', 9)]

  const fresh = freshLines(known, [at('a', 6), at('b', 8), at('c', 9), at('d', 10)], [at('a', 6)])

  expect(fresh.map(({ id }) => id)).toEqual(['d', 'c', 'b'])
  expect(freshLines(known, [at('c', 9)], [])).toBe(known)
})
