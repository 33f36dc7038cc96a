import { expect, test } from 'vitest'
import { hashText } from './hash.ts'

test('a hash has 22 characters that are safe in URLs, and is the same in every process', () => {
  expect(hashText('1,"a"')).toMatch(/^[\w-]{22}$/)
  expect(hashText('')).toBe('47DEQpj8HBSa-_TImW-5JC')
})

test('texts that differ by one character differ in their hash', () => {
  expect(new Set(Array.from({ length: 10_000 }, (_, at) => hashText(`1,${at}`))).size).toBe(10_000)
})
