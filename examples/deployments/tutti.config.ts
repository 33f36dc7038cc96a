import { defineConfig } from 'tutti'
import { etl, report } from './flows.ts'

export default defineConfig({
  name: 'shop',
  deployments: [
    etl.deployment({
      name: 'prod',
      pool: 'local',
      tags: ['nightly'],
      parameters: { rows: 5_000 },
      concurrency: { limit: 1, collision: 'skip' },
      crashRestarts: 3,
    }),
    report.deployment({ name: 'prod', pool: 'local' }),
  ],
})
