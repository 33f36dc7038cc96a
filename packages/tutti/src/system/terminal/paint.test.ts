import { expect, test } from 'vitest'
import { cut, widthOf } from './paint.ts'

test('text that fits is kept, longer text ends in an ellipsis', () => {
  expect(cut('otter', 10)).toBe('otter')
  expect(cut('cheerful-otter', 10)).toBe('cheerful-…')
  expect(cut('otter', 1)).toBe('…')
})

test('East Asian characters and emoji take two places', () => {
  expect(widthOf('カワウソ')).toBe(8)
  expect(widthOf('✅🦦')).toBe(4)
  expect(cut('カワウソ', 6)).toBe('カワ…')
})

test('colours, line ends and other control characters do not reach the line', () => {
  expect(cut('\u001B[31mred\u001B[39m\nand\tmore', 40)).toBe('red and more')
})
