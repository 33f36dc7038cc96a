/** CRC-32C byte by byte: slow, and written without a look at what it is to check. */
const table = Int32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0x82f63b78 : rest >>> 1
  return rest
})

/** @param before - the checksum of what came before, 0 at the beginning. */
export function crc32c(bytes: Uint8Array, before = 0): number {
  let rest = ~before
  for (const byte of bytes) rest = table[(rest ^ byte) & 255]! ^ (rest >>> 8)
  return ~rest
}

/** As the service writes it: the four bytes, highest first, in base64. */
export function crcText(checksum: number): string {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(checksum | 0)
  return bytes.toString('base64')
}
