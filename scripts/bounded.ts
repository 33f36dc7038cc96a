// Programs that must not outlive their time, together with everything they started.
import { spawn } from 'node:child_process'
import { root } from './processes.ts'

export interface BoundedEnd {
  /** `null` when it was ended because its time was up. */
  readonly code: number | null
  readonly output: string
}

export interface Bounds {
  readonly secondsMax: number
  readonly environment?: NodeJS.ProcessEnv
}

/** Runs a program to its end, or to the end of its time; its process group ends with it. */
export function runBounded(command: string, args: readonly string[], { secondsMax, environment }: Bounds): Promise<BoundedEnd> {
  return new Promise((resolve) => {
    // A group of its own, so that its children can be ended with it.
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: environment ?? process.env, detached: true })
    let output = ''
    let isLate = false
    const add = (chunk: Buffer): void => {
      output += chunk.toString()
    }
    child.stdout.on('data', add)
    child.stderr.on('data', add)
    const endGroup = (): void => killGroup(child.pid, 'SIGKILL')
    const timer = setTimeout(() => {
      isLate = true
      endGroup()
    }, secondsMax * 1000)
    // Ctrl-C does not reach another group by itself.
    process.once('exit', endGroup)
    const finish = (code: number | null): void => {
      clearTimeout(timer)
      process.removeListener('exit', endGroup)
      endGroup()
      resolve({ code: isLate ? null : code, output })
    }
    child.on('error', (error) => {
      output += error.message
      finish(1)
    })
    child.on('close', (code) => finish(code ?? 1))
  })
}

/** Ends a process group; one that has ended already is what was wanted. */
export function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
