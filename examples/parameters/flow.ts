import { flow, isTuttiError } from 'tutti'
import { z } from 'zod'

const Parameters = z.object({
  day: z.coerce.date(),
  limit: z.number().int().min(1).default(100),
})

export const sync = flow({ name: 'sync', runName: 'sync {day}', parameters: Parameters }, async ({ day, limit }) => {
  return `${limit} rows of ${day.toISOString().slice(0, 10)}`
})

if (import.meta.main) {
  console.log(await sync({ day: '2026-01-31' }))
  try {
    await sync({ day: 'someday', limit: 0 })
  } catch (error) {
    if (isTuttiError(error, 'INVALID_PARAMETERS')) console.log(error.message)
  }
}
