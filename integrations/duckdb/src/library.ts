// DuckDB is a large native library: it is loaded when the first database is opened.
import type * as DuckDb from '@duckdb/node-api'

export type Library = typeof DuckDb

export async function loadLibrary(): Promise<Library> {
  return await import('@duckdb/node-api')
}
