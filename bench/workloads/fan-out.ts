import { flow, task } from 'tutti'
import { timed } from '../flow-workload.ts'
import type { FlowWorkload, Variant } from '../flow-workload.ts'

const noop = task({ name: 'noop' }, async (index: number) => index)

const fanOutFlow = flow({ name: 'fan-out' }, async ({ n }: { readonly n: number }) => {
  await Promise.all(Array.from({ length: n }, (_, index) => noop(index)))
})

/** W2: how many tasks of one flow run a process takes in a second. */
export const fanOut: FlowWorkload = {
  name: 'W2',
  about: 'no-op tasks, all called at once',
  sequential: false,
  variants: [5_000, 10_000].map(variant),
}

function variant(n: number): Variant {
  return { n, unit: 'tasks', taskRuns: n, run: async (tutti) => ({ totalMs: await timed(() => tutti.run(fanOutFlow, { n })) }) }
}
