import { createReadStream } from 'node:fs'
import type { Bucket } from '../storage/bucket.ts'
import { RowsRefusedError } from './errors.ts'
import { describeRows } from './row-errors.ts'
import type { RowError } from './row-errors.ts'
import type { OpenSource } from './sources.ts'

/** How much of a file is read to find out which line a byte is in. */
const READ_MAX_BYTES = 256 * 1024 * 1024
/** How many rows are looked up. */
const ROWS_MAX = 20
const NEWLINE = 0x0a
const GZIP = [0x1f, 0x8b] as const

/** Of JSON BigQuery tells the byte a row begins at: says which line that is. */
export async function withLines(
  error: RowsRefusedError,
  source: OpenSource,
  openBucket: (name: string) => Bucket,
): Promise<RowsRefusedError> {
  const rows: RowError[] = []
  for (const row of error.rows.slice(0, ROWS_MAX)) rows.push(await named(row, source, openBucket))
  const all = [...rows, ...error.rows.slice(ROWS_MAX)]
  const [first = ''] = error.message.split('\n')
  return new RowsRefusedError(`${first}\n${describeRows(all)}`, all, { cause: error.cause })
}

async function named(row: RowError, source: OpenSource, openBucket: (name: string) => Bucket): Promise<RowError> {
  const file = source.type === 'local' ? source.name : row.file
  const { line, byteOffset } = row
  if (line !== null || byteOffset === null || byteOffset > READ_MAX_BYTES) return { ...row, file }
  if (byteOffset === 0) return { ...row, file, line: 1 }
  if (source.type === 'local') return { ...row, file, line: await lineAfter(createReadStream(source.path, { end: byteOffset - 1 })) }
  const [, bucket, name] = /^gs:\/\/([^/]+)\/(.+)$/.exec(row.file ?? '') ?? []
  if (bucket === undefined || name === undefined) return row
  try {
    return { ...row, line: await lineAfter(openBucket(bucket).stream(name, { start: 0, end: byteOffset, raw: true })) }
  } catch {
    // The account may load what it must not read; where the row begins is still said.
    return row
  }
}

/** `null` for a compressed file: BigQuery counts what was in it. */
async function lineAfter(chunks: AsyncIterable<Buffer | string>): Promise<number | null> {
  let line = 1
  let isFirst = true
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk as Buffer) // streams without an encoding give buffers
    if (isFirst && GZIP.every((byte, index) => bytes[index] === byte)) return null
    isFirst = false
    for (const byte of bytes) if (byte === NEWLINE) line += 1
  }
  return line
}
