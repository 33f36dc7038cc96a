import { expect, test } from 'vitest'
import { linesInOrder } from './lines.ts'

test('pages of the newest first are read oldest first, and a line of two pages is shown once', () => {
  const pages = [{ lines: [{ id: 'd' }, { id: 'c' }] }, { lines: [{ id: 'c' }, { id: 'b' }] }, { lines: [{ id: 'a' }] }]

  expect(linesInOrder(pages).map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd'])
})
