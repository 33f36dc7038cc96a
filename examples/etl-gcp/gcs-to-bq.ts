// Flow 2: a cleaned month of trips from Cloud Storage to a table of BigQuery.
import { duckdb } from '@tutti/duckdb'
import { GcsBucket, loadTable } from '@tutti/gcp'
import { flow, log, task } from 'tutti'
import { GcsToBq, nameOf } from './trips.ts'
import type { Month } from './trips.ts'

/** Trips without a number of passengers had none that was counted: 0. */
const transformMonth = task({ name: 'transform-month', retries: 2 }, async (wanted: Month, bucketName: string) => {
  const bucket = await GcsBucket.load(bucketName)
  await using trips = await duckdb.open({ bucket, memoryLimit: '1GB' })
  await trips.read('trips', bucket.urlOf(`clean/${nameOf(wanted)}.parquet`))
  const filled = await trips.query('select count(*) from trips where passengers is null').value<number>()
  const object = `transformed/${nameOf(wanted)}.parquet`
  await trips.write(bucket.urlOf(object), 'select * replace (coalesce(passengers, 0) as passengers) from trips')
  log.info(`${filled} trips without a number of passengers`)
  return object
})

export const etlGcsToBq = flow(
  { name: 'etl-gcs-to-bq', parameters: GcsToBq, runName: ({ year, month, colour }) => `${colour} ${year}-${month} to BigQuery` },
  async ({ transform, bucket, warehouse, table, year, month, colour }) => {
    const wanted = { year, month, colour }
    const object = transform ? await transformMonth(wanted, bucket) : `clean/${nameOf(wanted)}.parquet`
    const { rows } = await loadTable({
      bigquery: warehouse,
      table,
      source: (await GcsBucket.load(bucket)).urlOf(object),
      write: 'append',
      schema: {
        colour: 'STRING',
        pickup_at: 'TIMESTAMP',
        pickup_location: 'STRING',
        dropoff_location: 'STRING',
        distance: 'FLOAT64',
        passengers: 'INT64',
        fare: 'FLOAT64',
        delay: 'INT64',
      },
      partition: { by: 'pickup_at', every: 'month' },
      cluster: ['colour', 'pickup_location'],
    })
    log.info(`${rows} rows appended to ${table}`)
    return { ...wanted, rows }
  },
)
