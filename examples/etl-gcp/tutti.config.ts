import { cron, defineConfig, git } from 'tutti'
import { etlTrips } from './flows.ts'

// Workers get the code from the repository; its token stays in their environment.
export default defineConfig({
  name: 'trips',
  deployments: [
    etlTrips.deployment({
      name: 'monthly',
      pool: 'etl',
      code: git({
        repository: process.env['TRIPS_REPOSITORY'] ?? 'https://git.example.com/trips.git',
        branch: 'main',
        token: 'env:TRIPS_TOKEN',
      }),
      parameters: { notify: 'trips-webhook', ...(process.env['TRIPS_SOURCE'] !== undefined && { source: process.env['TRIPS_SOURCE'] }) },
      schedules: cron('0 5 1 * *', { timezone: 'UTC', slug: 'monthly', catchUp: 'latest' }),
    }),
  ],
})
