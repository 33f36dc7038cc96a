import { mkdir, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { literal, withDatabase } from './database.ts'
import type { Database } from './database.ts'

/** A reason to reject a row, and the SQL that is true for such a row. The first rule that fits names the reason. */
interface Rule {
  readonly reason: RejectReason
  readonly when: string
}

export const rejectReasons = [
  'missing or unreadable value',
  'date outside the month',
  'more than 2 hours early',
  'distance not above 0',
  'unknown airport',
  'from and to the same airport',
] as const
export type RejectReason = (typeof rejectReasons)[number]

/** What cleaning did with one month. Every row that came in is in exactly one of the other numbers. */
export interface MonthCounts {
  readonly month: string
  readonly rowsIn: number
  readonly rowsOut: number
  /** Copies of a row beyond its first. */
  readonly duplicates: number
  readonly rejected: Readonly<Record<RejectReason, number>>
}

export interface CleanMonth {
  readonly month: string
  /** The Parquet file as the source gave it. */
  readonly landed: string
  /** The airports' CSV file as the source gave it. */
  readonly airports: string
  /** Where the clean rows go. */
  readonly clean: string
  /** Where the rejected rows go, each with its reason. */
  readonly rejects: string
  readonly spill: string
  readonly signal?: AbortSignal
}

/** Reads one landed month, gives every column its type, drops exact copies, and parts the good rows from the impossible ones. */
export async function cleanMonthFile(job: CleanMonth): Promise<MonthCounts> {
  await Promise.all([job.clean, job.rejects].map((file) => mkdir(dirname(file), { recursive: true })))
  return await withDatabase(job, async (database) => {
    await database.run(judgedRows(job))
    await writeParquet(database, 'select * exclude (copies, reason) from judged where reason is null order by all', job.clean)
    await writeParquet(database, 'select * exclude (copies) from judged where reason is not null order by all', job.rejects)
    return await countMonth(database, job.month)
  })
}

/** Writes beside the target and renames, so that a file that is there is whole, and writing it again is harmless. */
export async function writeParquet(database: Database, query: string, file: string): Promise<void> {
  const unfinished = `${file}.${process.pid}.unfinished`
  await database.run(`copy (${query}) to ${literal(unfinished)} (format parquet, compression zstd)`)
  await rename(unfinished, file)
}

function rules(month: string): readonly Rule[] {
  const start = `timestamp ${literal(`${month}-01`)}`
  return [
    {
      reason: 'missing or unreadable value',
      when: 'departure is null or delay is null or distance is null or origin is null or destination is null',
    },
    { reason: 'date outside the month', when: `departure < ${start} or departure >= ${start} + interval 1 month` },
    { reason: 'more than 2 hours early', when: 'delay < -120' },
    { reason: 'distance not above 0', when: 'distance <= 0' },
    { reason: 'unknown airport', when: 'not origin_known or not destination_known' },
    { reason: 'from and to the same airport', when: 'origin = destination' },
  ]
}

function judgedRows({ month, landed, airports }: CleanMonth): string {
  return `
    create temp table judged as
    with typed as (
      select
        try_cast(date as timestamp) as departure,
        try_cast(delay as integer) as delay,
        try_cast(distance as integer) as distance,
        nullif(upper(trim(origin)), '') as origin,
        nullif(upper(trim(destination)), '') as destination
      from read_parquet(${literal(landed)})
    ), flights as (
      select *, count(*) as copies from typed group by all
    ), known as (
      select distinct iata from read_csv(${literal(airports)}, header = true, all_varchar = true)
    ), joined as (
      select flights.*, starts.iata is not null as origin_known, ends.iata is not null as destination_known
      from flights left join known as starts on starts.iata = flights.origin left join known as ends on ends.iata = flights.destination
    )
    select
      * exclude (origin_known, destination_known),
      case ${rules(month)
        .map((rule) => `when ${rule.when} then ${literal(rule.reason)}`)
        .join(' ')} end as reason
    from joined`
}

async function countMonth(database: Database, month: string): Promise<MonthCounts> {
  const total = await database.row<{ rowsIn: number; rowsOut: number; duplicates: number }>(`
    select
      coalesce(sum(copies), 0)::bigint as "rowsIn",
      count(*) filter (where reason is null) as "rowsOut",
      coalesce(sum(copies - 1), 0)::bigint as duplicates
    from judged`)
  const found = await database.rows<{ reason: string; rejected: number }>(
    'select reason, count(*) as rejected from judged where reason is not null group by reason',
  )
  const byReason = new Map(found.map((row) => [row.reason, row.rejected]))
  return { month, ...total, rejected: countsByReason((reason) => byReason.get(reason) ?? 0) }
}

/** One number for each reason, in the order of the rules. */
export function countsByReason(count: (reason: RejectReason) => number): Record<RejectReason, number> {
  // The keys are exactly the reasons.
  return Object.fromEntries(rejectReasons.map((reason) => [reason, count(reason)])) as Record<RejectReason, number>
}
