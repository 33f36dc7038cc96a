// The parent of both: lists of years, months and colours, one after the other.
import { artifact, flow, log, run } from 'tutti'
import { etlGcsToBq } from './gcs-to-bq.ts'
import { notifyOf } from './notify.ts'
import { monthBefore, nameOf, Trips } from './trips.ts'
import { etlWebToGcs } from './web-to-gcs.ts'

export const etlTrips = flow(
  { name: 'etl-trips', parameters: Trips, onCompletion: notifyOf, onFailure: notifyOf, onCrashed: notifyOf },
  async ({ colours, transform, source, bucket, warehouse, table, ...asked }) => {
    const before = monthBefore(run().logicalDate)
    const { years = before.years, months = before.months } = asked
    const done: { file: string; read: number; kept: number; loaded: number }[] = []
    for (const year of years) {
      for (const month of months) {
        for (const colour of colours) {
          const wanted = { year, month, colour }
          const { rowsRead, rowsKept } = await etlWebToGcs({ ...wanted, source, bucket })
          const { rows } = await etlGcsToBq({ ...wanted, transform, bucket, warehouse, table })
          if (rows !== rowsKept) throw new Error(`${nameOf(wanted)}: ${rowsKept} rows were kept, and ${rows} loaded`)
          done.push({ file: nameOf(wanted), read: rowsRead, kept: rowsKept, loaded: rows })
        }
      }
    }
    const rows = done.reduce((sum, { loaded }) => sum + loaded, 0)
    await artifact.table({ key: 'trips-loaded', description: `${rows} rows were appended to ${table}`, rows: done })
    log.info(`Rows processed: ${rows}`)
    return { rows, files: done }
  },
)
