import { cron, every, flow, rrule, run, task } from 'tutti'

const load = task({ name: 'load' }, (day: string) => `loaded ${day}`)

export const etl = flow({ name: 'etl' }, async () => {
  // What the run is about: also when it starts late, or is made by a backfill months later.
  const day = run().logicalDate.toISOString().slice(0, 10)
  return load(day)
})

export const schedules = [
  // At five in Berlin on the first of each month; on a closed day, on the next open one.
  cron('0 5 1 * *', {
    slug: 'monthly',
    timezone: 'Europe/Berlin',
    calendar: { name: 'bank', rule: 'roll-forward' },
    parameters: { full: true },
  }),
  // Each quarter of an hour, not all at the same second; one that is late by more than its time is not worth a start.
  every('15m', { slug: 'often', jitter: '1m', overlap: 'skip', expiresAfter: '15m', catchUp: 'none' }),
  // On the last Friday of a month, but not in December.
  rrule('DTSTART:20260101T170000\nRRULE:FREQ=MONTHLY;BYDAY=-1FR\nEXRULE:FREQ=MONTHLY;BYMONTH=12;BYDAY=-1FR', { slug: 'closing' }),
]

if (import.meta.main) {
  for (const { slug, schedule, options } of schedules) console.log(slug, schedule.type, JSON.stringify(options))
}
