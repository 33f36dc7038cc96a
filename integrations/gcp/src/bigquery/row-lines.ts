import { createReadStream } from 'node:fs'
import type { Connection } from './connection.ts'
import { RowsRefusedError } from './errors.ts'
import { describeRows } from './row-errors.ts'
import type { RowError } from './row-errors.ts'
import type { OpenSource } from './sources.ts'

/** How much of a file is read to find out which line a byte is in. */
const READ_MAX_BYTES = 256 * 1024 * 1024
/** How many rows are looked up. */
const ROWS_MAX = 20

/** Of JSON BigQuery tells the byte a row begins at: says which line that is, where the file lies here. */
export async function withLines(_connection: Connection, error: RowsRefusedError, source: OpenSource): Promise<RowsRefusedError> {
  if (source.type !== 'local') return error
  const rows = await Promise.all(error.rows.slice(0, ROWS_MAX).map((row) => named(row, source)))
  const all = [...rows, ...error.rows.slice(ROWS_MAX)]
  const [first = ''] = error.message.split('\n')
  return new RowsRefusedError(`${first}\n${describeRows(all)}`, all, { cause: error.cause })
}

async function named(row: RowError, { path, name }: { readonly path: string; readonly name: string }): Promise<RowError> {
  const { line, byteOffset } = row
  if (line !== null || byteOffset === null || byteOffset > READ_MAX_BYTES) return { ...row, file: name }
  return { ...row, file: name, line: await lineAt(path, byteOffset) }
}

/** `null` for a compressed file: BigQuery counts what was in it. */
async function lineAt(file: string, byteOffset: number): Promise<number | null> {
  if (byteOffset === 0) return 1
  let line = 1
  let isFirst = true
  for await (const chunk of createReadStream(file, { end: byteOffset - 1 })) {
    const bytes = chunk as Buffer // without an encoding a stream gives buffers
    if (isFirst && bytes[0] === 0x1f && bytes[1] === 0x8b) return null
    isFirst = false
    for (const byte of bytes) if (byte === 0x0a) line += 1
  }
  return line
}
