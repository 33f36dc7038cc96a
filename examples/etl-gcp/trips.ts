// What the flows are about: a month of trips of one colour, where it comes from, and what it is called on its way.
import { z } from 'zod'

export const colours = ['yellow', 'green'] as const

const month = z.int().min(1).max(12)
const year = z.int().min(2001).max(new Date().getUTCFullYear())
const colour = z.enum(colours)

/** The public files of the city of New York, as CSV. `source` names another place with the same names. */
const source = z.url().default('https://github.com/DataTalksClub/nyc-tlc-data/releases/download')
/** Names of saved blocks. */
const bucket = z.string().default('trips')
const warehouse = z.string().default('trips')
const table = z.string().default('trips')
/** Fill what is missing, before the rows are appended. */
const transform = z.boolean().default(true)

export const WebToGcs = z.object({ year, month, colour, source, bucket })
export const GcsToBq = z.object({ year, month, colour, transform, bucket, warehouse, table })
export const Trips = z.object({
  years: z.array(year).min(1).optional().describe('Without years and months: the month before the one the run is about.'),
  months: z.array(month).min(1).optional(),
  colours: z
    .array(colour)
    .min(1)
    .default([...colours]),
  transform,
  source,
  bucket,
  warehouse,
  table,
  notify: z.string().optional().describe('Name of a saved secret: the address of a webhook that is told how it ended.'),
})

export type Month = Pick<z.output<typeof WebToGcs>, 'year' | 'month' | 'colour'>

/** `yellow/yellow_tripdata_2001-01`, on the web and in the bucket. */
export function nameOf({ year, month, colour }: Month): string {
  return `${colour}/${colour}_tripdata_${year}-${String(month).padStart(2, '0')}`
}

/** A run on the first of a month is about the one that has just ended. */
export function monthBefore(date: Date): { years: number[]; months: number[] } {
  const before = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - 1))
  return { years: [before.getUTCFullYear()], months: [before.getUTCMonth() + 1] }
}
