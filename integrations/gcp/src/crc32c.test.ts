import { CRC32C } from '@google-cloud/storage'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Crc32c, joinCrc32c } from './crc32c.ts'

test.each([
  ['', 'AAAAAA=='],
  // RFC 3720, appendix B.4.
  ['123456789', '4waSgw=='],
])('the checksum of %j is known', (text, expected) => {
  expect(new Crc32c().update(Buffer.from(text)).toBase64()).toBe(expected)
})

test("any bytes, in any pieces, have the checksum that Google's own code gives them", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 10 }), (pieces) => {
      const google = new CRC32C()
      const ours = new Crc32c()
      for (const piece of pieces) {
        google.update(Buffer.from(piece))
        ours.update(piece)
      }
      expect(ours.toBase64()).toBe(google.toString())
    }),
  )
})

test('the checksum of a whole follows from those of its parts', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 3_000 }), { maxLength: 10 }), (parts) => {
      const sums = parts.map((part) => ({ crc32c: new Crc32c().update(part).toBase64(), sizeBytes: part.length }))

      expect(joinCrc32c(sums)).toBe(new Crc32c().update(Buffer.concat(parts)).toBase64())
    }),
  )
})

test('as a number it is what Secret Manager writes', () => {
  expect(new Crc32c().update(Buffer.from('123456789')).toNumber()).toBe(0xe3069283)
})
