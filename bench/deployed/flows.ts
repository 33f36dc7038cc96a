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
