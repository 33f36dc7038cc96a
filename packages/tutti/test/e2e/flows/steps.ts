// Flows for the tests of the command. What their tasks do leaves lines in `calls` of the folder they are given.
import { appendFileSync, existsSync } from 'node:fs'
import path from 'node:path'
import { flow, log, run, task } from 'tutti'
import { z } from 'zod'

function note(folder: string, text: string): void {
  appendFileSync(path.join(folder, 'calls'), `${text}\n`)
}

const double = task({ name: 'double' }, async (folder: string, n: number) => {
  note(folder, `double ${n}`)
  return n * 2
})

/** Says READY and waits for its cancellation, until the file `gate` is there. */
const hold = task({ name: 'hold' }, async (folder: string) => {
  note(folder, 'hold')
  if (existsSync(path.join(folder, 'gate'))) return 'open'
  const { signal } = run()
  // Something open keeps the process alive.
  const alive = setInterval(() => undefined, 1_000)
  process.stdout.write('READY\n')
  try {
    return await new Promise<string>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  } finally {
    clearInterval(alive)
    note(folder, 'cleaned up')
  }
})

const parameters = z.object({ folder: z.string(), count: z.number().default(3) })

export const steps = flow({ name: 'steps', parameters, tags: ['test'] }, async ({ folder, count }) => {
  const doubled: number[] = []
  for (let n = 1; n <= count; n++) doubled.push(await double(folder, n))
  log.info('holding', doubled.length)
  await hold(folder)
  return { doubled }
})

/** Does not listen to its cancellation. */
export const stubborn = flow({ name: 'stubborn', parameters }, async ({ folder, count }) => {
  for (let n = 1; n <= count; n++) await double(folder, n)
  setInterval(() => undefined, 1_000)
  process.stdout.write('READY\n')
  await new Promise(() => undefined)
})

const fragile = task({ name: 'fragile' }, async (folder: string) => {
  note(folder, 'fragile')
  if (!existsSync(path.join(folder, 'gate'))) throw new Error('the gate is shut')
  return 'through'
})

export const failing = flow({ name: 'failing', parameters }, async ({ folder }) => {
  await double(folder, 1)
  return fragile(folder)
})

/** Waits for what can never happen. */
export const stuck = flow({ name: 'stuck' }, async () => {
  await new Promise(() => undefined)
})
