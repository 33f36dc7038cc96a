import { cron, defineConfig, git } from 'tutti'
import { monthlyReport } from './flows.ts'

// Workers of any machine get the code from the repository; its token stays in their environment.
export default defineConfig({
  name: 'reports',
  deployments: [
    monthlyReport.deployment({
      name: 'prod',
      pool: 'etl',
      code: git({
        repository: process.env['REPORTS_REPOSITORY'] ?? 'https://git.example.com/reports.git',
        branch: 'main',
        token: 'env:REPORTS_TOKEN',
      }),
      parameters: { folder: process.env['REPORTS_FOLDER'] ?? '/var/reports' },
      schedules: cron(process.env['REPORTS_SCHEDULE'] ?? '0 5 1 * *', { timezone: 'UTC', slug: 'monthly', catchUp: 'latest' }),
    }),
  ],
})
