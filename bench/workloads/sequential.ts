import { flow, task } from 'tutti'
import { timed } from '../flow-workload.ts'
import type { FlowWorkload } from '../flow-workload.ts'

const N = 1_000

const noop = task({ name: 'noop' }, async (index: number) => index)

/** W1: what one task costs when nothing else is going on. */
export const sequential: FlowWorkload = {
  name: 'W1',
  about: 'no-op tasks, one after the other',
  sequential: true,
  variants: [
    {
      n: N,
      unit: 'tasks',
      taskRuns: N,
      async run(tutti) {
        const latenciesUs: number[] = []
        const oneByOne = flow({ name: 'sequential' }, async () => {
          for (let index = 0; index < N; index++) {
            const calledAt = performance.now()
            await noop(index)
            latenciesUs.push((performance.now() - calledAt) * 1000)
          }
        })
        return { totalMs: await timed(() => tutti.run(oneByOne)), latenciesUs }
      },
    },
  ],
}
