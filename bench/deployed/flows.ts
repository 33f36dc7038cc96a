// What the workers of the benchmarks run.
import { appendFileSync } from 'node:fs'
import { flow, task } from 'tutti'

/** Notes when its first line was reached: in milliseconds of the wall clock, which all processes of a machine share. */
export const firstLine = flow({ name: 'first-line' }, async ({ notes }: { notes: string }) => {
  appendFileSync(notes, `${performance.timeOrigin + performance.now()}\n`)
})

const nothing = task({ name: 'nothing' }, async (n: number) => n)

export const threeTasks = flow({ name: 'three-tasks' }, async () => {
  for (let n = 0; n < 3; n++) await nothing(n)
})

const TASKS_AT_ONCE = 50

/** So many tasks that a page has to look after them, begun over some twenty seconds. */
export const wide = flow({ name: 'wide' }, async ({ tasks }: { tasks: number }) => {
  for (let n = 0; n < tasks; n += TASKS_AT_ONCE) {
    await Promise.all(Array.from({ length: TASKS_AT_ONCE }, (_, index) => nothing(n + index)))
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
})
