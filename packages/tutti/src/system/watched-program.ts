// A program that is run again whenever it, or a file it loads, is saved. Node's own `--watch` looks at files and not at folders, and so
// loses each file that an editor saves by putting a new one in its place.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { watch } from 'node:fs'
import type { FSWatcher } from 'node:fs'
import path from 'node:path'
import type { Clock } from '../core/time.ts'

export interface WatchedProgram {
  /** Asks the program to end, and waits until it has. */
  stop(): Promise<void>
}

export interface WatchOptions {
  readonly file: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  readonly onNews: (news: ProgramNews) => void
}

export type ProgramNews =
  | { readonly type: 'ended'; readonly code: number | null; readonly signal: NodeJS.Signals | null }
  | { readonly type: 'changed'; readonly file: string }

/** One save is several events, and saving all is several files. */
const SETTLE_MS = 100
const CODE = /\.[cm]?[jt]sx?$/

export function watchProgram({ file, environment, clock, onNews }: WatchOptions): WatchedProgram {
  const entry = path.resolve(file)
  const reporter = new URL(`./report-loads${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url).href
  const files = new Set<string>()
  const folders = new Map<string, FSWatcher>()
  let child: ChildProcess | undefined
  let ended: Promise<void> = Promise.resolve()
  let hasFailed = false
  let replaced = false
  let stopped = false
  let cancelRestart: () => void = () => undefined

  lookAt(entry)
  start()
  return {
    async stop() {
      stopped = true
      cancelRestart()
      for (const watcher of folders.values()) watcher.close()
      child?.kill('SIGTERM')
      await ended
    },
  }

  function start(): void {
    hasFailed = false
    replaced = false
    const program = spawn(process.execPath, ['--import', reporter, file], {
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
      env: environment,
    })
    child = program
    program.on('message', (message: { readonly loads: string }) => lookAt(message.loads))
    ended = new Promise((resolve) => {
      program.once('exit', (code, signal) => {
        child = undefined
        hasFailed = code !== 0
        if (!stopped && !replaced) onNews({ type: 'ended', code, signal })
        resolve()
      })
    })
  }

  function lookAt(loaded: string): void {
    files.add(loaded)
    const folder = path.dirname(loaded)
    if (stopped || folders.has(folder)) return
    const watcher = watch(folder, (_event, name) => {
      if (name !== null && isOfProgram(path.join(folder, name))) changed(path.join(folder, name))
    })
    folders.set(folder, watcher)
    // The folder is gone. Should it come back, the program is run again by a change elsewhere and loads from it.
    watcher.on('error', () => {
      watcher.close()
      folders.delete(folder)
    })
  }

  /** A program that has failed may lack a file that it has never loaded. */
  function isOfProgram(saved: string): boolean {
    return files.has(saved) || (hasFailed && CODE.test(saved))
  }

  function changed(saved: string): void {
    cancelRestart()
    cancelRestart = clock.timer(SETTLE_MS, () => void restart(saved))
  }

  async function restart(saved: string): Promise<void> {
    replaced = true
    child?.kill('SIGTERM')
    await ended
    if (stopped || child !== undefined) return
    onNews({ type: 'changed', file: saved })
    start()
  }
}
