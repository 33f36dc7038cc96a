import { flow, task } from 'tutti'

let calls = 0

/** Equal arguments within five seconds: the stored result is taken, also by another run. */
const rate = task({ name: 'rate', cache: { by: ['inputs'], expires: '5s' } }, (currency: string) => {
  calls += 1
  return currency === 'EUR' ? 1.08 : 1
})

export const convert = flow({ name: 'convert' }, async (amounts: readonly [amount: number, currency: string][]) => {
  let sum = 0
  for (const [amount, currency] of amounts) sum += amount * (await rate(currency))
  return sum
})

if (import.meta.main) {
  console.log(
    await convert([
      [100, 'EUR'],
      [50, 'USD'],
    ]),
    `after ${calls} calls`,
  )
  console.log(
    await convert([
      [200, 'EUR'],
      [50, 'USD'],
    ]),
    `after ${calls} calls`,
  )
}
