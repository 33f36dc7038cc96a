import { fork } from 'node:child_process'
import path from 'node:path'
import type { Durability } from './measurement.ts'

export interface ChildOptions {
  /** A file of this folder. */
  readonly file: string
  readonly args: readonly string[]
  readonly durability?: Durability
  readonly timeoutMs: number
  /** What the child sends, as it comes. */
  onMessage(message: unknown): void
}

export interface ChildEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** Runs a file in a process of its own, without the settings of whoever starts the benchmarks. Rejects when it takes too long. */
export function runChild({ file, args, durability, timeoutMs, onMessage }: ChildOptions): Promise<ChildEnd> {
  const child = fork(path.join(import.meta.dirname, file), args, {
    execArgv: ['--conditions=tutti-source', '--disable-warning=ExperimentalWarning', '--expose-gc'],
    env: { ...environmentWithoutSettings(), ...(durability === undefined ? {} : { TUTTI_DURABILITY: durability }) },
    serialization: 'advanced',
  })
  child.on('message', onMessage)
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      kill()
      reject(new Error(`${file} ${args.join(' ')} was stopped: it took longer than ${timeoutMs / 1000} s`))
    }, timeoutMs)
    child.on('error', reject)
    // Not `exit`: messages may still be on their way then.
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      process.off('exit', kill)
      resolve({ code, signal })
    })
  })
}

export function environmentWithoutSettings(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TUTTI_') && name !== 'NODE_OPTIONS'))
}
