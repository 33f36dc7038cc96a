import type { Connection } from './connection.ts'
import { queryConfiguration } from './query.ts'
import type { QueryText } from './query.ts'
import type { Job } from './wire.ts'

export interface EstimateOptions extends QueryText {
  /** What a TiB costs; then the estimate has a `cost` in the same currency. */
  readonly pricePerTiB?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** What a query would read, and what it would answer. */
export interface Estimate {
  readonly bytes: number
  /** `null` without a price. */
  readonly cost: number | null
  /** Names and types of the columns. */
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  /** The tables that it reads. */
  readonly tables: readonly string[]
}

const TIB = 1024 ** 4

/** Asks BigQuery what a query would read. It is not run, and costs nothing. */
export async function estimate(connection: Connection, sql: string, { pricePerTiB, signal, ...text }: EstimateOptions): Promise<Estimate> {
  const configuration = { ...queryConfiguration(sql, text, undefined), dryRun: true }
  const job = await connection.ask(
    'the query could not be estimated',
    async (client) => {
      const [handle] = await client.createJob({ configuration })
      return handle.metadata as Job // what the API answers to a dry run
    },
    signal,
  )
  const { schema, referencedTables = [], totalBytesProcessed } = job.statistics?.query ?? {}
  const bytes = Number(totalBytesProcessed ?? job.statistics?.totalBytesProcessed ?? 0)
  return {
    bytes,
    cost: pricePerTiB === undefined ? null : (bytes / TIB) * pricePerTiB,
    columns: (schema?.fields ?? []).map(({ name = '', type = '' }) => ({ name, type })),
    tables: referencedTables.map(({ projectId, datasetId, tableId }) => `${projectId}.${datasetId}.${tableId}`),
  }
}
