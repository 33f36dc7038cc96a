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

const DIGITS = Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0))
/** Where the 16 bytes of an id stand among its 36 characters. */
const PLACES = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34]
const HYPHEN = '-'.charCodeAt(0)

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
  /** Character codes of the id made last. Many are made within a millisecond and begin alike: only the rest is written anew. */
  readonly #codes: number[] = Array.from({ length: 36 }, () => HYPHEN)

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
      this.#writeTime()
      this.#counter = ((pool[at]! & 0x07) << 8) | pool[at + 7]!
    } else if (++this.#counter > 0xfff) {
      this.#lastMillis += 1
      this.#writeTime()
      this.#counter = 0
    }
    this.#write(6, 0x70 | (this.#counter >>> 8))
    this.#write(7, this.#counter & 0xff)
    this.#write(8, 0x80 | (pool[at]! & 0x3f))
    for (let byte = 1; byte < 8; byte++) this.#write(8 + byte, pool[at + byte]!)
    // One flat string: pieces put together would be joined later, when the database wants them.
    return String.fromCharCode.apply(null, this.#codes)
  }

  /** The 48 bits of milliseconds that an id begins with. */
  #writeTime(): void {
    const high = Math.floor(this.#lastMillis / 0x1_0000_0000)
    const low = this.#lastMillis >>> 0
    this.#write(0, (high >>> 8) & 0xff)
    this.#write(1, high & 0xff)
    for (let byte = 0; byte < 4; byte++) this.#write(2 + byte, (low >>> (24 - 8 * byte)) & 0xff)
  }

  #write(byte: number, value: number): void {
    const at = PLACES[byte]!
    this.#codes[at] = DIGITS[value >>> 4]!
    this.#codes[at + 1] = DIGITS[value & 0x0f]!
  }
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

export function isUuid(text: string): boolean {
  return UUID.test(text)
}
