import { BigQuery, extractTable, GcpCredentials, loadTable } from '@tutti/gcp'
import { flow, log, task } from 'tutti'
import { z } from 'zod'

/** Once, by hand or by a script: what flows load by name. */
export async function setUp(key: string, emulators: { emulator?: string; storageEmulator?: string } = {}): Promise<void> {
  await GcpCredentials.save('prod', { serviceAccount: key }, { overwrite: true })
  await BigQuery.save(
    'warehouse',
    { credentials: 'prod', dataset: 'taxi', maximumBytesBilled: 10 * 1024 ** 3, ...emulators },
    { overwrite: true },
  )
}

export const loadMonth = flow({ name: 'load-month' }, async ({ month }: { month: string }) => {
  const { rows, badRows } = await loadTable({
    bigquery: 'warehouse',
    table: 'yellow',
    source: `gs://trips/yellow/${month}/*.csv`,
    schema: { picked_up: 'TIMESTAMP NOT NULL', zone: 'STRING', fare: 'NUMERIC' },
    partition: { by: 'picked_up', every: 'month' },
    cluster: ['zone'],
    badRecordsMax: 10,
  })
  return { rows, leftOut: badRows.map(({ file, line }) => `${file}:${line}`) }
})

const Busiest = z.object({ zone: z.string(), trips: z.number() })
const BUSIEST = 'SELECT zone, COUNT(*) AS trips FROM yellow WHERE picked_up >= @since GROUP BY zone ORDER BY trips DESC, zone'

/** Rows come a page at a time, checked and typed by the schema. */
export const busiestZones = task({ name: 'busiest-zones' }, async (since: Date) => {
  const bigquery = await BigQuery.load('warehouse')
  const busiest = await bigquery.query(BUSIEST, { params: { since }, schema: Busiest })
  const lines: string[] = []
  for await (const { zone, trips } of busiest) lines.push(`${zone}: ${trips}`)
  log.info(`${busiest.summary.bytesBilled} bytes were billed`)
  return lines
})

/** What it would cost is asked first. */
export const affordable = task({ name: 'affordable' }, async () => {
  const bigquery = await BigQuery.load('warehouse')
  const { bytes, cost } = await bigquery.estimate('SELECT * FROM yellow', { pricePerTiB: 6.25 })
  if (cost! > 5) throw new Error(`${bytes} bytes would cost ${cost} dollars`)
  return bytes
})

/** The sums of a day take the place of those that are there: a day may be done again. */
export const sumDay = task({ name: 'sum-day' }, async (day: string) => {
  const bigquery = await BigQuery.load('warehouse')
  const { summary } = await bigquery.query(
    'SELECT CAST(picked_up AS DATE) AS day, zone, SUM(fare) AS fares FROM yellow WHERE CAST(picked_up AS DATE) = @day GROUP BY day, zone',
    {
      params: { day },
      types: { day: 'DATE' },
      destination: { table: `sums$${day.replaceAll('-', '')}`, write: 'truncate', partition: { by: 'day' } },
    },
  )
  return summary.rowCount
})

/** Rows may come from anywhere, one after another. */
export const loadZones = task({ name: 'load-zones' }, async (lines: readonly string[]) => {
  const bigquery = await BigQuery.load('warehouse')
  const zones = function* () {
    for (const line of lines) {
      const [zone, borough] = line.split(',')
      yield { zone, borough }
    }
  }
  return bigquery.load('zones', zones(), { schema: { zone: 'STRING NOT NULL', borough: 'STRING' }, write: 'truncate' })
})

export const publishSums = flow({ name: 'publish-sums' }, async ({ day }: { day: string }) => {
  await sumDay(day)
  const { files } = await extractTable({ bigquery: 'warehouse', table: 'sums', to: 'gs://trips/sums-*.parquet' })
  return files
})
