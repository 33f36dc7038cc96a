import { parseDuration } from 'tutti'
import type { Duration } from 'tutti'
import type { ApiOptions } from '../api.ts'
import type { GoogleCredentials } from '../credentials.ts'
import { gcpError } from '../errors.ts'

/** What a bucket is made of. */
export interface GcsBucketFields {
  readonly bucket: string
  /** Everything of this bucket lies below it: names are without it. */
  readonly folder?: string | undefined
  /** Without any, those of the machine. */
  readonly credentials?: GoogleCredentials | undefined
  /** Address of an emulator; `STORAGE_EMULATOR_HOST` says the same. No credentials are asked for. */
  readonly emulator?: string | undefined
  /** Another address of Cloud Storage, as of a private endpoint. */
  readonly endpoint?: string | undefined
  /** Failures in a row after which a transfer is given up; 6 when nothing is given. */
  readonly retries?: number | undefined
  /** Before the first new attempt; it doubles from one to the next. `500ms` when nothing is given. */
  readonly retryDelay?: Duration | undefined
  /** Within it an answer, its next bytes, or the end of a piece must have come. `2m` when nothing is given. */
  readonly timeout?: Duration | undefined
  /** The pieces that large objects are uploaded in; each is held in memory. A multiple of 256 KiB, 8 MiB when nothing is given. */
  readonly pieceBytes?: number | undefined
  /** Files from this size on are transferred in several parts at once. 64 MiB when nothing is given. */
  readonly largeBytes?: number | undefined
  /** The project a bucket is made in; else that of the credentials. */
  readonly project?: string | undefined
}

/** Also as an address. */
export const BUCKET_NAME = /^(?:gs:\/\/)?([a-z0-9][a-z0-9._-]+)\/?$/

const RETRIES_DEFAULT = 6
const RETRY_DELAY_DEFAULT_MS = 500
const TIMEOUT_DEFAULT_MS = 120_000
const PIECE_BYTES_DEFAULT = 8 * 1024 * 1024
const LARGE_BYTES_DEFAULT = 64 * 1024 * 1024
const PIECE_BYTES_UNIT = 256 * 1024
const PIECE_BYTES_MAX = 512 * 1024 * 1024

export interface BucketSettings {
  readonly name: string
  readonly folder: string
  readonly pieceBytes: number
  readonly largeBytes: number
  readonly api: ApiOptions
}

export function readSettings(fields: GcsBucketFields): BucketSettings {
  const [, name] = BUCKET_NAME.exec(fields.bucket) ?? []
  if (name === undefined) throw gcpError('INVALID_OPTION', `bucket: ${JSON.stringify(fields.bucket)} is not the name of a bucket`)
  return {
    name,
    folder: folderOf(fields.folder),
    pieceBytes: readPieceBytes(fields.pieceBytes),
    largeBytes: readLargeBytes(fields.largeBytes),
    api: {
      retries: readRetries(fields.retries),
      delayMs: parseDuration(fields.retryDelay ?? RETRY_DELAY_DEFAULT_MS, 'retryDelay'),
      timeoutMs: parseDuration(fields.timeout ?? TIMEOUT_DEFAULT_MS, 'timeout'),
    },
  }
}

function folderOf(folder = ''): string {
  const clean = folder.replace(/^\/+/, '').replace(/\/+$/, '')
  return clean === '' ? '' : `${clean}/`
}

function readPieceBytes(pieceBytes = PIECE_BYTES_DEFAULT): number {
  if (Number.isInteger(pieceBytes) && pieceBytes > 0 && pieceBytes % PIECE_BYTES_UNIT === 0 && pieceBytes <= PIECE_BYTES_MAX)
    return pieceBytes
  throw gcpError('INVALID_OPTION', `pieceBytes: ${pieceBytes} is not a multiple of 256 KiB up to 512 MiB`)
}

function readLargeBytes(largeBytes = LARGE_BYTES_DEFAULT): number {
  if (Number.isInteger(largeBytes) && largeBytes > 0) return largeBytes
  throw gcpError('INVALID_OPTION', `largeBytes: ${largeBytes} is not a whole number from 1 on`)
}

function readRetries(retries = RETRIES_DEFAULT): number {
  if (Number.isInteger(retries) && retries >= 0) return retries
  throw gcpError('INVALID_OPTION', `retries: ${retries} is not a whole number from 0 on`)
}
