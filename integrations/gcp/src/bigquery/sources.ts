import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { bigQueryError } from './errors.ts'
import { jsonText } from './json-values.ts'

export type FileFormat = 'csv' | 'json' | 'parquet' | 'avro' | 'orc'

/**
 * Where rows come from: addresses in Cloud Storage (`gs://bucket/name`, with one `*` for any part of the name), the path of a local file, bytes, or
 * anything that gives bytes, text or rows one after another. Rows are objects and are loaded as JSON.
 */
export type LoadSource =
  | string
  | readonly string[]
  | URL
  | Uint8Array
  | Iterable<Readonly<Record<string, unknown>>>
  | AsyncIterable<Uint8Array | string | Readonly<Record<string, unknown>>>

export type OpenSource = RemoteSource | LocalSource

export interface RemoteSource {
  readonly type: 'remote'
  readonly uris: readonly string[]
  readonly format: FileFormat | undefined
}

/** A file here, which can be read more than once. */
export interface LocalSource {
  readonly type: 'local'
  readonly path: string
  readonly sizeBytes: number
  /** What it is called in messages, and in the identity of its job. */
  readonly name: string
  readonly format: FileFormat | undefined
  /** Removes what was written only for this. */
  release(): Promise<void>
}

const formats: Readonly<Record<string, FileFormat>> = {
  '.csv': 'csv',
  '.json': 'json',
  '.jsonl': 'json',
  '.ndjson': 'json',
  '.parquet': 'parquet',
  '.avro': 'avro',
  '.orc': 'orc',
}

/** `trips.csv.gz` is CSV. */
function formatOf(name: string): FileFormat | undefined {
  return formats[path.extname(name.replace(/\.gz$/i, '')).toLowerCase()]
}

/** A stream is written to a temporary file first: what is sent over a network may have to be sent again. */
export async function openSource(source: LoadSource, signal: AbortSignal | undefined): Promise<OpenSource> {
  if (typeof source === 'string') return source.startsWith('gs://') ? remote([source]) : localFile(source)
  if (source instanceof URL) return source.protocol === 'gs:' ? remote([source.href]) : localFile(fileURLToPath(source))
  if (source instanceof Uint8Array) return spooled([source], 'bytes', signal)
  if (isListOfTexts(source)) return remote(source)
  return spooled(source, 'a stream', signal)
}

function isListOfTexts(source: Exclude<LoadSource, string | URL | Uint8Array>): source is readonly string[] {
  return Array.isArray(source) && source.every((item) => typeof item === 'string')
}

function remote(uris: readonly string[]): RemoteSource {
  const [first] = uris
  if (first === undefined) throw bigQueryError('BIGQUERY_INVALID', 'there is nothing to load: the list of addresses is empty')
  const other = uris.find((uri) => !uri.startsWith('gs://'))
  if (other !== undefined)
    throw bigQueryError('BIGQUERY_INVALID', `${JSON.stringify(other)} is no address of Cloud Storage; local files are loaded one by one`)
  return { type: 'remote', uris, format: formatOf(first) }
}

async function localFile(file: string): Promise<LocalSource> {
  try {
    const { size } = await stat(file)
    return { type: 'local', path: file, sizeBytes: size, name: path.basename(file), format: formatOf(file), release: async () => undefined }
  } catch (error) {
    throw bigQueryError('BIGQUERY_NOT_FOUND', `the file ${file} cannot be read`, { cause: error })
  }
}

type Chunk = Uint8Array | string | Readonly<Record<string, unknown>>

async function spooled(
  chunks: Iterable<Chunk> | AsyncIterable<Chunk>,
  name: string,
  signal: AbortSignal | undefined,
): Promise<LocalSource> {
  const file = path.join(tmpdir(), `tutti-bigquery-${randomUUID()}`)
  const release = (): Promise<void> => rm(file, { force: true })
  const kind: { format: FileFormat | undefined } = { format: undefined }
  try {
    const bytes = Readable.from(
      written(chunks, () => (kind.format = 'json')),
      { objectMode: false, highWaterMark: 1024 * 1024 },
    )
    await pipeline(bytes, createWriteStream(file), { ...(signal !== undefined && { signal }) })
    return { type: 'local', path: file, sizeBytes: (await stat(file)).size, name, format: kind.format, release }
  } catch (error) {
    await release()
    throw error
  }
}

async function* written(chunks: Iterable<Chunk> | AsyncIterable<Chunk>, onRows: () => void): AsyncGenerator<Uint8Array | string> {
  for await (const chunk of chunks) {
    if (typeof chunk === 'string' || chunk instanceof Uint8Array) yield chunk
    else {
      onRows()
      yield `${jsonText(chunk)}\n`
    }
  }
}
