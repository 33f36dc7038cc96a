// The flow of the chaos: twenty tasks that take a while. Every start of a function and every acknowledged result is noted in one file of all
// processes: it is written by appending, so its lines are in the order in which things happened.
import { appendFileSync } from 'node:fs'
import { flow, run, task } from 'tutti'

const step = task({ name: 'chaos-step' }, async (notes: string, index: number, taskMs: number) => {
  appendFileSync(notes, `start ${run().flowRunId} ${index}\n`)
  await new Promise((resolve) => setTimeout(resolve, taskMs))
  return index * 2
})

interface Asked {
  readonly notes: string
  readonly tasks: number
  readonly taskMs: number
}

export const chaos = flow({ name: 'chaos' }, async ({ notes, tasks, taskMs }: Asked) => {
  const { flowRunId } = run()
  let sum = 0
  for (let index = 0; index < tasks; index++) {
    sum += await step(notes, index, taskMs)
    appendFileSync(notes, `ack ${flowRunId} ${index}\n`)
  }
  if (sum !== tasks * (tasks - 1)) throw new Error(`the tasks returned ${sum} together`)
})
