import { spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { TuttiError } from '../../core/errors.ts'
import type { Clock } from '../../core/time.ts'

export interface ProgramCall {
  readonly command: string
  readonly args: readonly string[]
  readonly folder: string
  /** All of it: nothing of this process's own is added. */
  readonly environment: Readonly<Record<string, string>>
  readonly timeoutMs: number
}

export type ProgramEnd =
  | { readonly type: 'ended'; readonly code: number | null; readonly stdout: string; readonly stderr: string }
  | { readonly type: 'timed-out'; readonly stderr: string }

/** Of what a program prints the last part is kept: its errors stand at the end. */
const OUTPUT_MAX_CHARACTERS = 1_000_000
/** How long a program that is asked to end may tidy up its own lock files. */
const GRACE_MS = 2_000

/**
 * Runs a program to its end, with all the programs that it starts.
 *
 * @throws `CODE_PROGRAM_MISSING`; the reason of the signal, as soon as the program and those it started are gone.
 */
export async function runProgram(call: ProgramCall, clock: Clock, signal: AbortSignal): Promise<ProgramEnd> {
  signal.throwIfAborted()
  const { command, args, folder, environment, timeoutMs } = call
  // A process group of its own: git and npm do their work in programs that they start.
  const child = spawn(command, args, { cwd: folder, env: environment, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  const stdout = keepLast(child.stdout)
  const stderr = keepLast(child.stderr)

  let isOver = false
  let timedOut = false
  let cancelKill = (): void => undefined
  const stop = (): void => {
    killGroup(child.pid, 'SIGTERM')
    cancelKill = clock.timer(GRACE_MS, () => {
      killGroup(child.pid, 'SIGKILL')
      // Whoever has left the group may hold these open for ever.
      child.stdout.destroy()
      child.stderr.destroy()
    })
  }
  const cancelTimeout = clock.timer(timeoutMs, () => {
    timedOut = true
    stop()
  })
  const onAbort = (): void => {
    if (!isOver) stop()
  }
  signal.addEventListener('abort', onAbort, { once: true })

  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', resolve)
    })
    signal.throwIfAborted()
    return timedOut ? { type: 'timed-out', stderr: stderr.text() } : { type: 'ended', code, stdout: stdout.text(), stderr: stderr.text() }
  } catch (error) {
    signal.throwIfAborted()
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error // thrown by `spawn`, which says so also for a folder that is gone
    throw new TuttiError('CODE_PROGRAM_MISSING', `the program ${command} is not on this machine`, { cause: error })
  } finally {
    isOver = true
    cancelTimeout()
    cancelKill()
    signal.removeEventListener('abort', onAbort)
    // What it left behind in its group would work on files that are somebody else's from now on.
    if (signal.aborted || timedOut) killGroup(child.pid, 'SIGKILL')
  }
}

function keepLast(stream: Readable): { readonly text: () => string } {
  let kept = ''
  let isCut = false
  stream.setEncoding('utf8').on('data', (part: string) => {
    const all = `${kept}${part}`
    isCut ||= all.length > OUTPUT_MAX_CHARACTERS
    kept = all.slice(-OUTPUT_MAX_CHARACTERS)
  })
  // Half of a line may hold half of a secret, which nobody would find: only whole lines are told.
  return { text: () => (isCut ? kept.slice((/[\r\n]/.exec(kept)?.index ?? kept.length) + 1) : kept) }
}

function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch (error) {
    // Gone already.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
