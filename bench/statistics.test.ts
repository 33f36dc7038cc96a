import { expect, test } from 'vitest'
import { median, percentile, round } from './statistics.ts'

test('the median of an odd number of values is the one in the middle, in whatever order they come', () => {
  expect(median([30, 1, 2])).toBe(2)
})

test('the median of an even number of values lies between the two in the middle', () => {
  expect(median([10, 2, 4, 1])).toBe(3)
})

test('values are ordered as numbers', () => {
  expect(median([9, 10, 100])).toBe(10)
})

test('a percentile is a value that was measured', () => {
  const oneToHundred = Array.from({ length: 100 }, (_, index) => 100 - index)

  expect(percentile(oneToHundred, 0.5)).toBe(50)
  expect(percentile(oneToHundred, 0.99)).toBe(99)
  expect(percentile(oneToHundred, 1)).toBe(100)
})

test('every percentile of a single value is that value', () => {
  expect([0, 0.5, 0.99, 1].map((share) => percentile([7], share))).toEqual([7, 7, 7, 7])
})

test('values that were given are left as they are', () => {
  const values = [3, 1, 2]

  median(values)
  percentile(values, 0.5)

  expect(values).toEqual([3, 1, 2])
})

test('nothing has neither a median nor a percentile', () => {
  expect(() => median([])).toThrow('median of nothing')
  expect(() => percentile([], 0.5)).toThrow('percentile of nothing')
})

test('a rounded number has no more digits than asked for', () => {
  expect(round(1.26)).toBe(1.3)
  expect(round(1234.5678, 2)).toBe(1234.57)
  expect(round(2)).toBe(2)
})
