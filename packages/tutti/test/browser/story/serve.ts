import { cron, every, serve } from 'tutti'
import { invoices, napping, release, scoring, stream, tripsEtl } from './flows.ts'

const day = { day: '2026-11-27' }

await serve(
  [
    tripsEtl.deployment({
      name: 'nightly',
      parameters: day,
      schedules: cron('15 2 * * *', { timezone: 'Europe/Vienna' }),
      tags: ['prod'],
      description: 'Runs when the bucket of the day is **closed**. Asks `data@example.com` when it fails.',
    }),
    tripsEtl.deployment({ name: 'by-hand', parameters: { ...day, partitions: 4 }, concurrency: 1 }),
    invoices.deployment({ name: 'first-of-month', schedules: cron('0 6 1 * *', { timezone: 'Europe/Vienna' }) }),
    release.deployment({ name: 'production' }),
    scoring.deployment({ name: 'hourly', schedules: every('1h') }),
    stream.deployment({ name: 'always-on', concurrency: 2 }),
    napping.deployment({ name: 'weekdays', schedules: cron('30 7 * * 1-5', { timezone: 'America/New_York' }) }),
  ],
  { limit: 8 },
)
