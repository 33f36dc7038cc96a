import { hash } from 'node:crypto'

const BASE64URL = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_', (digit) => digit.charCodeAt(0))
const CHARACTERS = 22
const codes: number[] = Array.from({ length: CHARACTERS }, () => 0)

/**
 * 132 bits of SHA-256 in 22 characters of base64url (RFC 4648, section 5), safe in URLs and file names. Written by hand: a part of a
 * longer text would keep all of that text in memory, for each of perhaps 100,000 calls.
 */
export function hashText(text: string): string {
  const digest = hash('sha256', text, 'binary')
  for (let at = 0; at < CHARACTERS; at++) {
    const bit = at * 6
    const pair = (digest.charCodeAt(bit >>> 3) << 8) | digest.charCodeAt((bit >>> 3) + 1)
    codes[at] = BASE64URL[(pair >>> (10 - (bit & 7))) & 0x3f]!
  }
  return String.fromCharCode.apply(null, codes)
}

/** All 32 bytes, for values that are derived from where a call stands. */
export function hashBytes(text: string): Buffer {
  return hash('sha256', text, 'buffer')
}
