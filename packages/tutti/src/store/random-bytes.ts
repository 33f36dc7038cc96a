import type { Random } from '../core/id.ts'

export function randomBytes(random: Pick<Random, 'bytes'>, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  random.bytes(bytes)
  return bytes
}
