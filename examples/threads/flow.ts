import { flow, inThread, task } from 'tutti'
import type { countPrimes } from './cpu.ts'

// The function runs on a worker thread: as many calls at once as there are cores, and the flow stays free meanwhile.
const primes = task(
  { name: 'count-primes', timeout: '1m' },
  inThread<typeof countPrimes>(new URL('./cpu.ts', import.meta.url), 'countPrimes'),
)

export const numbers = flow({ name: 'numbers' }, async () => {
  const limits = [10_000, 100_000, 200_000]
  const counts = await primes.map(limits)
  for (const [index, limit] of limits.entries()) console.log(`${counts[index]} primes below ${limit}`)
})

if (import.meta.main) await numbers()
