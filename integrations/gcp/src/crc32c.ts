// CRC-32C, the checksum that Cloud Storage and Secret Manager keep of everything. Eight bytes at a time ("slicing by 8"): a gigabyte takes a
// second or two, and nothing has to be compiled.
const POLYNOMIAL = 0x82f63b78
const TABLES = 8

let tables: readonly Int32Array[] | undefined

function makeTables(): readonly Int32Array[] {
  const made = Array.from({ length: TABLES }, () => new Int32Array(256))
  for (let byte = 0; byte < 256; byte++) {
    let rest = byte
    for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ POLYNOMIAL : rest >>> 1
    made[0]![byte] = rest
  }
  for (let table = 1; table < TABLES; table++) {
    for (let byte = 0; byte < 256; byte++) {
      const before = made[table - 1]![byte]!
      made[table]![byte] = (before >>> 8) ^ made[0]![before & 255]!
    }
  }
  return made
}

/** The checksum of bytes that come in pieces. */
export class Crc32c {
  #rest = ~0

  update(bytes: Uint8Array): this {
    this.#rest = step(bytes, this.#rest)
    return this
  }

  /** As Google writes it: four bytes, highest first, in base64. */
  toBase64(): string {
    const bytes = Buffer.alloc(4)
    bytes.writeInt32BE(~this.#rest)
    return bytes.toString('base64')
  }

  /** As Secret Manager writes it. */
  toNumber(): number {
    return ~this.#rest >>> 0
  }
}

/** The checksum of bytes whose parts have these, as if they had come in one: no byte is looked at again. */
export function joinCrc32c(parts: readonly { readonly crc32c: string; readonly sizeBytes: number }[]): string {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(
    parts.reduce((sum, { crc32c, sizeBytes }) => followedBy(sum, sizeBytes) ^ Buffer.from(crc32c, 'base64').readInt32BE(), 0),
  )
  return bytes.toString('base64')
}

/** A checksum, moved by so many zero bytes: the polynomial to the power of two, squared for each bit of their number (as zlib does it). */
function followedBy(crc: number, zeroBytes: number): number {
  // One row for each bit: what a zero bit makes of it.
  const zeroBit = Int32Array.from({ length: 32 }, (_, bit) => (bit === 0 ? POLYNOMIAL : 1 << (bit - 1)))
  let power = squared(squared(squared(zeroBit)))
  let moved = crc
  for (let left = zeroBytes; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) moved = times(power, moved)
    power = squared(power)
  }
  return moved
}

function times(rows: Int32Array, crc: number): number {
  let product = 0
  for (let bit = 0, rest = crc; rest !== 0; bit++, rest >>>= 1) if (rest & 1) product ^= rows[bit]!
  return product
}

function squared(rows: Int32Array): Int32Array {
  return rows.map((row) => times(rows, row))
}

function step(bytes: Uint8Array, before: number): number {
  tables ??= makeTables()
  const [t0, t1, t2, t3, t4, t5, t6, t7] = tables as unknown as Eight
  let rest = before
  let at = 0
  for (const whole = bytes.length - (bytes.length % 8); at < whole; at += 8) {
    rest ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
    rest =
      t7[rest & 255]! ^
      t6[(rest >>> 8) & 255]! ^
      t5[(rest >>> 16) & 255]! ^
      t4[rest >>> 24]! ^
      t3[bytes[at + 4]!]! ^
      t2[bytes[at + 5]!]! ^
      t1[bytes[at + 6]!]! ^
      t0[bytes[at + 7]!]!
  }
  for (; at < bytes.length; at++) rest = (rest >>> 8) ^ t0[(rest ^ bytes[at]!) & 255]!
  return rest
}

type Eight = readonly [Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array]
