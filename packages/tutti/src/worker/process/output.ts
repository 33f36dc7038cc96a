import type { PrintedLine, ServerDoor } from '../../core/server-door.ts'
import type { Clock } from '../../core/time.ts'

export interface OutputOptions {
  readonly server: Pick<ServerDoor, 'appendLogs'>
  readonly clock: Clock
  readonly onTrouble: (error: unknown) => void
}

const FLUSH_MS = 200
const LINES_PER_REQUEST = 500
const LINES_MAX = 20_000
const LEVELS = { stdout: 20, stderr: 30 } as const

/** What runs print goes to their logs, in batches. When it comes faster than the server takes it, lines are dropped, and the log says how many. */
export class RunOutput {
  readonly #options: OutputOptions
  #lines: PrintedLine[] = []
  readonly #dropped = new Map<string, number>()
  #stopTimer: (() => void) | undefined
  #sending: Promise<void> = Promise.resolve()

  constructor(options: OutputOptions) {
    this.#options = options
  }

  add(flowRunId: string, stream: 'stdout' | 'stderr', message: string): void {
    if (message === '') return
    if (this.#lines.length >= LINES_MAX) this.#dropped.set(flowRunId, (this.#dropped.get(flowRunId) ?? 0) + 1)
    else this.#lines.push({ flowRunId, logger: stream, level: LEVELS[stream], message, at: this.#options.clock.now() })
    this.#stopTimer ??= this.#options.clock.timer(FLUSH_MS, () => void this.flush())
  }

  /** Sends what has come so far. */
  flush(): Promise<void> {
    this.#stopTimer?.()
    this.#stopTimer = undefined
    this.#sending = this.#sending.then(() => this.#send())
    return this.#sending
  }

  async #send(): Promise<void> {
    const { server, clock, onTrouble } = this.#options
    const lines = this.#lines
    this.#lines = []
    for (const [flowRunId, count] of this.#dropped)
      lines.push({
        flowRunId,
        logger: 'tutti',
        level: 30,
        message: `${count} printed lines were dropped: they came too fast`,
        at: clock.now(),
      })
    this.#dropped.clear()
    for (let at = 0; at < lines.length; at += LINES_PER_REQUEST) {
      try {
        await server.appendLogs(lines.slice(at, at + LINES_PER_REQUEST))
      } catch (error) {
        // The run itself is recorded elsewhere; its printed lines are lost with the server, and whoever reads the worker's output knows.
        onTrouble(error)
      }
    }
  }
}
