// DuckDB reads a gzip file that was cut as far as it goes, without a word. Here it is looked at first.
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { DuckDbError } from './errors.ts'
import type { Compression } from './source.ts'

/** How a file is packed, by its first bytes: names lie, and servers unpack on the way. */
export async function compressionOf(file: string): Promise<Compression> {
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0)
    const head = buffer.subarray(0, bytesRead).toString('hex')
    return head.startsWith('1f8b') ? 'gzip' : head === '28b52ffd' ? 'zstd' : 'none'
  } finally {
    await handle.close()
  }
}

/** @throws {DuckDbError} `duckdb/file` when it is not whole, or its checksum is not that of its content. */
export async function checkGzip(file: string, shown: string, signal: AbortSignal | undefined): Promise<void> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  try {
    await pipeline(
      createReadStream(file, { highWaterMark: 1 << 20 }),
      createGunzip({ chunkSize: 1 << 18 }),
      nowhere,
      signal === undefined ? {} : { signal },
    )
  } catch (error) {
    signal?.throwIfAborted()
    const reason =
      error instanceof Error && error.message === 'unexpected end of file' ? 'it ends before its end' : String((error as Error).message) // pipelines reject with errors
    throw new DuckDbError('duckdb/file', `${shown} is not a whole gzip file: ${reason}`, { file: shown, cause: error })
  }
}
