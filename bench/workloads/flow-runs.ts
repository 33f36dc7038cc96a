import { flow, task } from 'tutti'
import { timed } from '../flow-workload.ts'
import type { FlowWorkload } from '../flow-workload.ts'

const N = 2_000

const noop = task({ name: 'noop' }, async (index: number) => index)

const threeTasks = flow({ name: 'three-tasks' }, async () => {
  await noop(1)
  await noop(2)
  await noop(3)
})

/** W3: how many small flow runs a process takes in a second. */
export const flowRuns: FlowWorkload = {
  name: 'W3',
  about: 'flow runs of three tasks one after the other, all called at once',
  sequential: false,
  variants: [
    {
      n: N,
      unit: 'flow runs',
      taskRuns: N * 3,
      run: async (tutti) => ({ totalMs: await timed(() => Promise.all(Array.from({ length: N }, () => tutti.run(threeTasks)))) }),
    },
  ],
}
