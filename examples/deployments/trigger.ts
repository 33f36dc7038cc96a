import { createClient } from 'tutti/client'
import type { etl } from './flows.ts'

const client = createClient({ url: 'http://127.0.0.1:4200/api' })

export async function loadDay(day: string): Promise<boolean> {
  const deployment = client.deployment<typeof etl>('etl/prod')
  const run = await deployment.run({ day }, { idempotencyKey: `load ${day}`, tags: ['by-hand'] })
  const { state_type: ended } = await run.wait({ timeout: '1h' })
  return ended === 'COMPLETED'
}
