import { expect, test } from 'vitest'
import { describeLocation } from './database-location.ts'

test.each([
  ['postgres://me:secret@db.example:5432/tutti', 'postgres://db.example:5432/tutti'],
  ['postgresql://me:se@cret@db/tutti?password=secret', 'postgresql://db/tutti'],
  ['postgres://db/tutti', 'postgres://db/tutti'],
  ['postgres:secret', 'postgres://…'],
])('the address %s is shown without what is secret: %s', (url, shown) => {
  expect(describeLocation({ type: 'postgres', url })).toBe(shown)
})

test('a file is shown by its path', () => {
  expect(describeLocation({ type: 'sqlite', path: '/data/tutti.db' })).toBe('/data/tutti.db')
})
