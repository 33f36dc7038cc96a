// What can be read: files of this machine, web addresses, objects of a bucket; and in which format they are, by their names.
import { fileURLToPath } from 'node:url'
import { DuckDbError } from './errors.ts'

export const formats = ['csv', 'json', 'parquet'] as const
export type Format = (typeof formats)[number]

/** A bucket of Cloud Storage, or a folder of one: what `GcsBucket.load()` of `@tutti/gcp` gives, or anything that does the same. */
export interface Bucket {
  readonly name: string
  /** What all names begin with in the bucket, with a slash at its end, or nothing. */
  readonly folder?: string
  /** Brings an object to a file of this machine. */
  downloadFile(name: string, file: string): Promise<unknown>
  /** Puts a file of this machine into the bucket. */
  uploadFile?(file: string, name: string): Promise<unknown>
}

/** A file of this machine (a glob for several), a `file:`, `http(s):` or `gs:` address; or an object of a bucket. */
export type Source = string | URL | { readonly bucket: Bucket; readonly name: string }

/** Where the bytes are. */
export type Place =
  | { readonly type: 'file'; readonly path: string; readonly shown: string }
  | { readonly type: 'web'; readonly url: string; readonly shown: string }
  | { readonly type: 'bucket'; readonly bucket: Bucket; readonly name: string; readonly shown: string }

export function placeOf(source: Source, bucket: Bucket | undefined): Place {
  if (typeof source === 'object' && 'bucket' in source)
    return {
      type: 'bucket',
      bucket: source.bucket,
      name: source.name,
      shown: `gs://${source.bucket.name}/${source.bucket.folder ?? ''}${source.name}`,
    }
  const text = String(source)
  if (/^https?:\/\//i.test(text)) return { type: 'web', url: text, shown: shownUrl(text) }
  if (/^gs:\/\//i.test(text)) return inBucket(text, bucket)
  if (/^file:/i.test(text)) return { type: 'file', path: fileURLToPath(text), shown: fileURLToPath(text) }
  if (/^[a-z][a-z\d+.-]+:\/\//i.test(text))
    throw new DuckDbError('duckdb/source', `${shownUrl(text)} cannot be read: only file:, http(s): and gs:`)
  if (text.trim() === '') throw new DuckDbError('duckdb/source', 'the name of a file to read is empty')
  return { type: 'file', path: text, shown: text }
}

function inBucket(address: string, bucket: Bucket | undefined): Place {
  return { type: 'bucket', ...objectOf(address, bucket), shown: address }
}

/** The object at a gs:// address, by its name in the bucket that is known. */
export function objectOf(address: string, bucket: Bucket | undefined): { readonly bucket: Bucket; readonly name: string } {
  const [, bucketName = '', object = ''] = /^gs:\/\/([^/]+)\/(.+)$/i.exec(address) ?? []
  if (object === '') throw new DuckDbError('duckdb/source', `${address} is no address of an object: gs://bucket/name`)
  if (bucket === undefined)
    throw new DuckDbError('duckdb/source', `${address} needs a bucket: duckdb.open({ bucket: await GcsBucket.load('…') })`)
  const { name, folder = '' } = bucket
  if (name !== bucketName || !object.startsWith(folder))
    throw new DuckDbError('duckdb/source', `${address} is not in gs://${name}/${folder}, which the database was opened with`)
  return { bucket, name: object.slice(folder.length) }
}

/** Without what may be secret: a user's name, a password, a signed query. */
export function shownUrl(url: string): string {
  try {
    const { protocol, host, pathname } = new URL(url)
    return `${protocol}//${host}${pathname}`
  } catch {
    return url.replace(/[?#].*$/s, '')
  }
}

export type Compression = 'none' | 'gzip' | 'zstd'

/** What the ending of a name says; `format` is missing where it says nothing. */
export function endingOf(name: string): { readonly format?: Format; readonly isLines: boolean; readonly compression: Compression } {
  const path = name.replace(/[?#].*$/s, '').toLowerCase()
  const compression = path.endsWith('.gz') ? 'gzip' : /\.zst(d)?$/.test(path) ? 'zstd' : 'none'
  const bare = path.replace(/\.(gz|zstd?)$/, '')
  const ending = /\.([a-z]+)$/.exec(bare)?.[1] ?? ''
  const format = { csv: 'csv', tsv: 'csv', txt: 'csv', json: 'json', jsonl: 'json', ndjson: 'json', parquet: 'parquet', pq: 'parquet' }[
    ending
  ]
  return { ...(format !== undefined && { format: format as Format }), isLines: ending !== 'json', compression } // a value of the table above
}

/** The format that is meant by the caller or by the name. */
export function formatOf(shown: string, given: Format | undefined): Format {
  if (given !== undefined && !formats.includes(given))
    throw new DuckDbError('duckdb/option', `the format ${JSON.stringify(given)} is not one of ${formats.join(', ')}`)
  const format = given ?? endingOf(shown).format
  if (format === undefined)
    throw new DuckDbError('duckdb/source', `the name ${shown} does not tell its format: say format: 'csv', 'json' or 'parquet'`)
  return format
}
