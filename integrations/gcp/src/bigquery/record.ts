import { artifact, log } from 'tutti'
import { currentRun } from './job-identity.ts'
import type { LoadSummary } from './load.ts'
import type { QuerySummary } from './query.ts'

/** Where what a job cost and did is kept when it was started in a run: as a table with the task run (or flow run), in its log, or nowhere. */
export type Recording = 'artifact' | 'log' | 'none'

export async function recordLoad(summary: LoadSummary, recording: Recording): Promise<void> {
  const { table, rows, files, inputBytes, badRecords, slotMs, durationMs, jobId } = summary
  const said = `${rows} rows from ${files} files (${bytesText(inputBytes)}) loaded into ${table} in ${durationMs} ms, ${badRecords} left out`
  await record(said, { recording, row: { job: jobId, table, rows, files, inputBytes, badRecords, slotMs, durationMs } })
}

export async function recordQuery(summary: QuerySummary, recording: Recording): Promise<void> {
  const { statement, rowCount, affectedRows, bytesProcessed, bytesBilled, cacheHit, slotMs, durationMs, jobId } = summary
  const rows = affectedRows ?? rowCount
  const said = `${statement}: ${rows} rows, ${bytesText(bytesBilled)} billed${cacheHit ? ' (known from before)' : ''}, ${slotMs} slot ms, ${durationMs} ms`
  await record(said, { recording, row: { job: jobId, statement, rows, bytesProcessed, bytesBilled, cacheHit, slotMs, durationMs } })
}

async function record(
  said: string,
  { recording, row }: { readonly recording: Recording; readonly row: Readonly<Record<string, unknown>> },
): Promise<void> {
  if (recording === 'none' || currentRun() === undefined) return
  log.info(said)
  if (recording === 'artifact') await artifact.table({ rows: [row], description: `BigQuery: ${said}` })
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

function bytesText(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10))
  const value = bytes / 1024 ** power
  return `${power === 0 ? value : value.toFixed(1)} ${UNITS[power]}`
}
