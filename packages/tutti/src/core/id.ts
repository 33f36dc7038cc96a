import type { Instant } from './time.ts'

/** Bytes from a source of randomness; `system/random.ts` in production, seeded in tests. */
export interface Random {
  /** A number in [0, 1). */
  next(): number
  /** Fills the array with random bytes. */
  bytes(into: Uint8Array): void
}

/** Makes ids: UUIDv7 in lower case, ordered by the time they were made. */
export interface Ids {
  next(): string
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/**
 * An id generator over a clock and randomness. Ids of one generator increase strictly: within one millisecond the 12 bits after
 * the version count up (RFC 9562, section 6.2, method 1), starting at a random value below half their range.
 */
export function createIds(now: () => Instant, random: Random): Ids {
  const pool = new Uint8Array(8 * 256)
  let offset = pool.length
  let lastMillis = -1
  let counter = 0

  return {
    next() {
      if (offset === pool.length) {
        random.bytes(pool)
        offset = 0
      }
      const at = offset
      offset += 8
      const millis = Math.floor(now() / 1000)
      if (millis > lastMillis) {
        lastMillis = millis
        counter = ((pool[at]! & 0x07) << 8) | pool[at + 7]!
      } else if (++counter > 0xfff) {
        lastMillis += 1
        counter = 0
      }
      return writeUuid7(lastMillis, counter, pool, at)
    },
  }
}

function writeUuid7(millis: number, counter: number, random: Uint8Array, at: number): string {
  const high = Math.floor(millis / 0x1_0000_0000)
  const low = millis >>> 0
  const hex = (byte: number): string => HEX[byte & 0xff]!
  return (
    `${hex(high >>> 8)}${hex(high)}${hex(low >>> 24)}${hex(low >>> 16)}-${hex(low >>> 8)}${hex(low)}-` +
    `${hex(0x70 | (counter >>> 8))}${hex(counter)}-${hex(0x80 | (random[at]! & 0x3f))}${hex(random[at + 1]!)}-` +
    `${hex(random[at + 2]!)}${hex(random[at + 3]!)}${hex(random[at + 4]!)}${hex(random[at + 5]!)}${hex(random[at + 6]!)}${hex(random[at + 7]!)}`
  )
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

export function isUuid(text: string): boolean {
  return UUID.test(text)
}
