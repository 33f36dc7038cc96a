import { flow, log, runDeployment, task } from 'tutti'
import { z } from 'zod'

const load = task({ name: 'load', retries: 3, retryDelay: '10s' }, async (day: string, rows: number) => `${rows} rows of ${day}`)

export const etl = flow(
  { name: 'etl', description: 'Loads one day', parameters: z.object({ day: z.iso.date(), rows: z.number().int().default(1_000) }) },
  async ({ day, rows }) => load(day, rows),
)

export const report = flow({ name: 'report', parameters: z.object({ day: z.iso.date() }) }, async ({ day }) => {
  const { flowRunId, result } = await runDeployment<typeof etl>('etl/prod', { parameters: { day } })
  log.info(`flow run ${flowRunId} loaded ${result}`)
  return result
})
