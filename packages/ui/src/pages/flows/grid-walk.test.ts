import { expect, test } from 'vitest'
import { walked } from './grid-walk.ts'

const size = { columns: 3, lines: 2 }

test('arrows walk from place to place and stay in the grid', () => {
  expect(walked({ column: 1, line: 0 }, 'ArrowRight', size)).toEqual({ column: 2, line: 0 })
  expect(walked({ column: 2, line: 0 }, 'ArrowRight', size)).toEqual({ column: 2, line: 0 })
  expect(walked({ column: 1, line: 0 }, 'ArrowUp', size)).toEqual({ column: 1, line: 0 })
  expect(walked({ column: 1, line: 0 }, 'ArrowDown', size)).toEqual({ column: 1, line: 1 })
  expect(walked({ column: 1, line: 1 }, 'Home', size)).toEqual({ column: 0, line: 1 })
})

test('other keys are left to others', () => {
  expect(walked({ column: 1, line: 1 }, 'j', size)).toBeUndefined()
})
