import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'

const pack = promisify(gzip)

/** Shorter ones gain nothing. */
const PACKED_MIN_CHARS = 1_024
/** Most of the gain for the least work: answers are packed while somebody waits for them. */
const OPTIONS = { level: constants.Z_BEST_SPEED }
/** What is packed once and kept. */
const WELL = { level: constants.Z_BEST_COMPRESSION }

/** The answer in gzip where that is worth it and asked for. */
export async function packed(text: string, accepted: string | null): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (text.length < PACKED_MIN_CHARS || accepted === null || !takesGzip(accepted)) return undefined
  return new Uint8Array(await pack(text, OPTIONS))
}

/** As short as gzip makes it; `undefined` where that gains nothing. */
export async function packedWell(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (bytes.length < PACKED_MIN_CHARS) return undefined
  const short = new Uint8Array(await pack(bytes, WELL))
  return short.length < bytes.length ? short : undefined
}

export function takesGzip(accepted: string): boolean {
  const gzip = accepted.split(',').find((each) => /^\s*(?:gzip|\*)\s*(?:;|$)/i.test(each))
  return gzip !== undefined && !/;\s*q=0(?:\.0*)?\s*$/.test(gzip)
}
