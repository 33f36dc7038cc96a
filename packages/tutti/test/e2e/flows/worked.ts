// Flows for the tests of workers and of serving. What their tasks do leaves lines in `calls` of the folder they are given.
import { spawn } from 'node:child_process'
import { appendFileSync, existsSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { flow, run, task } from 'tutti'
import { z } from 'zod'

function note(folder: string, text: string): void {
  appendFileSync(path.join(folder, 'calls'), `${text}\n`)
}

const step = task({ name: 'step' }, async (folder: string, n: number) => {
  note(folder, `step ${n}`)
  return n
})

const inFolder = z.object({ folder: z.string() })

export const prints = flow({ name: 'prints', parameters: inFolder.extend({ times: z.int().max(5) }) }, async ({ folder, times }) => {
  console.log(`in ${process.cwd()} with ${process.env['GREETING'] ?? 'nothing'}`)
  console.log(`process ${process.pid}`)
  console.error('to the other stream')
  for (let n = 0; n < times; n++) await step(folder, n)
})

/** Dies after its first step, until the file `mended` is there. */
export const dies = flow({ name: 'dies', parameters: inFolder }, async ({ folder }) => {
  await step(folder, 1)
  if (!existsSync(path.join(folder, 'mended'))) {
    writeFileSync(path.join(folder, 'mended'), '')
    process.kill(process.pid, 'SIGKILL')
  }
  await step(folder, 2)
})

export const alwaysDies = flow({ name: 'always-dies', parameters: inFolder }, async ({ folder }) => {
  await step(folder, 1)
  process.kill(process.pid, 'SIGKILL')
})

/** Starts a program that would outlive it, and holds until the file `gate` is there. */
export const holds = flow(
  { name: 'holds', parameters: inFolder, onCancellation: ({ parameters }) => note((parameters as { folder: string }).folder, 'hook') },
  async ({ folder }) => {
    const { signal } = run()
    const below = spawn('sh', ['-c', 'sleep 1000 & echo $! > below; wait'], { cwd: folder, detached: true, stdio: 'ignore' })
    below.on('error', () => undefined)
    while (!existsSync(path.join(folder, 'below'))) await new Promise((resolve) => setTimeout(resolve, 10))
    console.log('HOLDS')
    while (!existsSync(path.join(folder, 'gate'))) {
      signal.throwIfAborted()
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    process.kill(-below.pid!, 'SIGKILL')
    await step(folder, 1)
  },
)

/** Never gives its process back, whoever asks. */
export const spins = flow({ name: 'spins', parameters: inFolder }, ({ folder }) => {
  console.log('SPINS')
  while (!existsSync(path.join(folder, 'gate')));
})
