import { flow, task } from 'tutti'

export interface Shop {
  orders(day: string): Promise<readonly number[]>
  send(text: string): Promise<void>
}

/** The flow of this example, over a shop that tests can play. */
export function reportOf(shop: Shop) {
  const fetchOrders = task({ name: 'fetch-orders', retries: 3, retryDelay: '10m', timeout: '1m' }, (day: string) => shop.orders(day))
  const sendReport = task({ name: 'send-report' }, (text: string) => shop.send(text))

  return flow({ name: 'daily-report' }, async ({ day }: { day: string }) => {
    const orders = await fetchOrders(day)
    const total = orders.reduce((sum, order) => sum + order, 0)
    await sendReport(`${day}: ${orders.length} orders, ${total} euros`)
    return total
  })
}

const quietShop: Shop = {
  orders: async () => [12, 30],
  send: async (text) => console.log(text),
}

if (import.meta.main) await reportOf(quietShop)({ day: '2026-01-01' })
