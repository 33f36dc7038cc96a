import { connect, flow, run, task } from 'tutti'

let courierIsThere = false

const charge = task({ name: 'charge', persist: 'required' }, async (order: string, amount: number) => {
  // The same key over all attempts: the payment service charges once, even if the process dies before we hear the answer.
  console.log(`charging ${amount} for ${order}, key of ${run().idempotencyKey.length} characters`)
  return { order, amount }
})

const ship = task({ name: 'ship' }, async (order: string) => {
  if (!courierIsThere) throw new Error('no courier today')
  return `${order} is on its way`
})

export const sell = flow({ name: 'sell' }, async ({ order }: { order: string }) => {
  await charge(order, 30)
  return ship(order)
})

if (import.meta.main) {
  const tutti = await connect()
  const sale = sell({ order: 'A-1' })
  const failed = await sale.state()
  console.log(`${failed.name}: ${failed.message}`)

  courierIsThere = true
  // `charge` has completed and is not called again; `ship` failed and runs once more.
  console.log(await sell.retry(sale.id ?? ''))
  await tutti.close()
}
