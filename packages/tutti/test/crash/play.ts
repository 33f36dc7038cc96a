// What the processes of crash tests are made of: started as `FILE.ts NAME [run to resume]`, each plays one flow.
import { appendFileSync } from 'node:fs'
import path from 'node:path'
import { connect, run } from 'tutti'
import type { Flow } from 'tutti'

/** The home that the process shares with the test. */
export const folder = process.env['TUTTI_HOME'] ?? ''

/** Adds a line that outlives the process, however it ends. */
export function append(file: string, line: string): void {
  appendFileSync(path.join(folder, file), `${line}\n`)
}

export function die(): void {
  process.kill(process.pid, 'SIGKILL')
}

/** Kills the process in the first life of the run. */
export function dieOnce(): void {
  if (run().attempt === 1) die()
}

/** Runs or resumes the flow that the test has named, and writes down what it returned. */
export async function play(flows: Readonly<Record<string, Flow<undefined, unknown>>>): Promise<void> {
  const [name = '', resume] = process.argv.slice(2)
  const chosen = flows[name]
  if (chosen === undefined) throw new Error(`there is no flow ${name}`)
  const tutti = await connect({ print: false })
  try {
    const result = await (resume === undefined ? chosen() : chosen.resume(resume))
    append('result', String(result))
  } catch (error) {
    console.error(error)
    process.exitCode = 1
  } finally {
    await tutti.close()
  }
}
