import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One start of a task's function, written by the function itself: independent of what Tutti records. */
export interface Call {
  readonly task: string
  readonly about: string
  readonly pid: number
}

/** Written at once, so that a process that is killed the next moment has left its line. */
export function noteCall(folder: string, task: string, about = ''): void {
  mkdirSync(folder, { recursive: true })
  appendFileSync(callsFile(folder), `${JSON.stringify({ task, about, pid: process.pid } satisfies Call)}\n`)
}

export function readCalls(folder: string): readonly Call[] {
  if (!existsSync(callsFile(folder))) return []
  const lines = readFileSync(callsFile(folder), 'utf8').trimEnd().split('\n')
  // Only noteCall() writes this file.
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Call)
}

function callsFile(folder: string): string {
  return join(folder, 'calls.log')
}
