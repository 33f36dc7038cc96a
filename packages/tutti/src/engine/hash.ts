import { hash } from 'node:crypto'

/** 132 bits of SHA-256 in 22 characters that are safe in URLs and file names. */
export function hashText(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, 22)
}

/** All 32 bytes, for values that are derived from where a call stands. */
export function hashBytes(text: string): Buffer {
  return hash('sha256', text, 'buffer')
}
