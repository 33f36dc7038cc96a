// Starting other programs from the repository's scripts. Tools are named by their file and started with this very
// Node: the `node` that the path finds may be another one.
import { spawn } from 'node:child_process'
import path from 'node:path'

export const root = path.dirname(import.meta.dirname)

export interface Ended {
  readonly code: number
  /** Standard output and error, as they came; empty when they went to the terminal. */
  readonly output: string
}

export interface HowToRun {
  /** Its output goes to the terminal. */
  readonly show?: boolean
  /** Beside what this process was given. */
  readonly env?: Readonly<Record<string, string>>
}

/** Runs a program to its end with this Node. */
export function runNode(args: readonly string[], options: HowToRun & { readonly binary?: string } = {}): Promise<Ended> {
  return runCommand(options.binary ?? process.execPath, args, options)
}

export function runCommand(command: string, args: readonly string[], { show = false, env }: HowToRun = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, env: { ...process.env, ...env }, stdio: show ? 'inherit' : ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const add = (chunk: Buffer): void => {
      output += chunk.toString()
    }
    child.stdout?.on('data', add)
    child.stderr?.on('data', add)
    child.on('error', (error) => resolve({ code: 1, output: error.message }))
    child.on('close', (code) => resolve({ code: code ?? 1, output }))
  })
}
