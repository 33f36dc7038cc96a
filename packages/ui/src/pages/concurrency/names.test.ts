import { expect, test } from 'vitest'
import { isOwnedBySystem, readSlots } from './names.ts'

test('limits of deployments and tags are told from those that people make', () => {
  expect(isOwnedBySystem('deployment:01a2214e')).toBe(true)
  expect(isOwnedBySystem('tag:etl')).toBe(true)
  expect(isOwnedBySystem('payment-api')).toBe(false)
})

test('slots are whole numbers that are not below the least', () => {
  expect(readSlots(' 5 ')).toBe(5)
  expect(readSlots('0')).toBe(0)
  for (const text of ['', '1.5', '-1', 'five']) expect(readSlots(text)).toBeUndefined()
  expect(readSlots('0', 1)).toBeUndefined()
})
