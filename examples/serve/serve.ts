// Serves two flows until it is stopped: `tutti server start`, then run this file.
import { cron, flow, serve, task } from 'tutti'
import { z } from 'zod'

const fetchOrders = task({ name: 'fetch-orders', retries: 3, retryDelay: '5s' }, async (shop: string) => [{ shop, total: 12 }])

export const sync = flow({ name: 'sync', parameters: z.object({ shop: z.string() }) }, async ({ shop }) => {
  const orders = await fetchOrders(shop)
  return orders.length
})

export const tidy = flow({ name: 'tidy' }, async () => 'tidied')

await serve([
  sync.deployment({ name: 'nightly', parameters: { shop: 'berlin' }, schedules: cron('0 3 * * *', { timezone: 'Europe/Berlin' }) }),
  tidy.deployment({ name: 'by-hand', concurrency: 1 }),
])
