import { flow, task } from 'tutti'
import { timed } from '../flow-workload.ts'
import type { FlowWorkload, Variant } from '../flow-workload.ts'

const fibTask = task({ name: 'fib' }, async (of: number) => fib(of))

const fibFlow = flow({ name: 'fib' }, async ({ n, of }: { readonly n: number; readonly of: number }) => {
  for (let index = 0; index < n; index++) await fibTask(of)
})

/** W5: short work and longer work, from the call of the flow to its end. */
export const fibonacci: FlowWorkload = {
  name: 'W5',
  about: 'tasks that compute, one after the other',
  sequential: true,
  variants: [variant(40, 10), variant(10, 33)],
}

function variant(n: number, of: number): Variant {
  return {
    case: `fib(${of})`,
    n,
    unit: 'tasks',
    taskRuns: n,
    run: async (tutti) => ({ totalMs: await timed(() => tutti.run(fibFlow, { n, of })) }),
    work() {
      for (let index = 0; index < n; index++) fib(of)
    },
  }
}

function fib(n: number): number {
  return n < 2 ? n : fib(n - 1) + fib(n - 2)
}
