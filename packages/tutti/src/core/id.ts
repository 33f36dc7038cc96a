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
  return new OrderedIds(now, random)
}

/** A class, so that what is compiled for one generator serves the next. */
class OrderedIds implements Ids {
  readonly #now: () => Instant
  readonly #random: Random
  readonly #pool = new Uint8Array(8 * 2_048)
  #offset = this.#pool.length
  #lastMillis = -1
  #counter = 0
  /** Many ids are made within a millisecond: they begin alike. */
  #time = ''

  constructor(now: () => Instant, random: Random) {
    this.#now = now
    this.#random = random
  }

  next(): string {
    const pool = this.#pool
    if (this.#offset === pool.length) {
      this.#random.bytes(pool)
      this.#offset = 0
    }
    const at = this.#offset
    this.#offset += 8
    const millis = Math.floor(this.#now() / 1000)
    if (millis > this.#lastMillis) {
      this.#lastMillis = millis
      this.#time = writeTime(millis)
      this.#counter = ((pool[at]! & 0x07) << 8) | pool[at + 7]!
    } else if (++this.#counter > 0xfff) {
      this.#lastMillis += 1
      this.#time = writeTime(this.#lastMillis)
      this.#counter = 0
    }
    return this.#time + writeTail(this.#counter, pool, at)
  }
}

/** What follows the time: version, counter, variant and random bits. */
function writeTail(counter: number, random: Uint8Array, at: number): string {
  const hex = (byte: number): string => HEX[byte & 0xff]!
  return (
    `${hex(0x70 | (counter >>> 8))}${hex(counter)}-${hex(0x80 | (random[at]! & 0x3f))}${hex(random[at + 1]!)}-` +
    `${hex(random[at + 2]!)}${hex(random[at + 3]!)}${hex(random[at + 4]!)}${hex(random[at + 5]!)}${hex(random[at + 6]!)}${hex(random[at + 7]!)}`
  )
}

/** The 48 bits of milliseconds that an id begins with. */
function writeTime(millis: number): string {
  const text = millis.toString(16).padStart(12, '0')
  return `${text.slice(0, 8)}-${text.slice(8)}-`
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

export function isUuid(text: string): boolean {
  return UUID.test(text)
}
