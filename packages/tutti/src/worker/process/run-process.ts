import { maskedParts, registerSecret } from '../../engine/secret-mask.ts'
import type { CodePlace, FromChild, ToChild } from './messages.ts'

/** How a program ended. */
export interface ProgramEnd {
  readonly code: number | null
  readonly signal: string | null
  readonly error?: Error
}

/** A program that was started; `system/child-program.ts` starts real ones. */
export interface Program {
  readonly pid: number
  send(message: unknown): void
  kill(): void
  disconnect(): void
}

export interface ProgramOptions {
  /** Options of Node itself. */
  readonly nodeOptions: readonly string[]
  readonly onMessage: (message: unknown) => void
  /** A long line comes in parts, of which all but the last go on. */
  readonly onLine: (stream: 'stdout' | 'stderr', line: string, goesOn: boolean) => void
  readonly onExit: (end: ProgramEnd) => void
}

export type StartProgram = (options: ProgramOptions) => Program

export interface RunListener {
  onBegun(): void
  onLine(stream: 'stdout' | 'stderr', line: string): void
}

/** What became of a run in its process. */
export type RunEnd =
  | (FromChild & { readonly type: 'ended' | 'left' | 'broken' })
  | { readonly type: 'exited'; readonly end: ProgramEnd; readonly hadBegun: boolean; readonly lastWords: string }

/** Lines of a process that died: most of what is wrong with it stands in the last ones. */
const LAST_LINES = 20

/** One process that runs flow runs, one at a time. */
export class RunProcess {
  readonly #program: Program
  readonly #exited = Promise.withResolvers<ProgramEnd>()
  readonly #lines: string[] = []
  readonly #parts = { stdout: maskedParts(), stderr: maskedParts() }
  #prepared: { readonly place: CodePlace; readonly done: PromiseWithResolvers<void> } | undefined
  /** Of the run, and after its end until the next one: the channel of messages is quicker than that of what was printed. */
  #listener: RunListener | undefined
  #run: { readonly listener: RunListener; readonly end: PromiseWithResolvers<RunEnd>; hadBegun: boolean } | undefined
  /** What it has loaded: it runs nothing else afterwards. */
  placeKey: string | undefined
  isAlive = true
  runs = 0

  constructor(start: StartProgram, nodeOptions: readonly string[]) {
    this.#program = start({
      nodeOptions,
      onMessage: (message) => this.#hear(message as FromChild), // sent by the program of this package
      onLine: (stream, printed, goesOn) => {
        const line = goesOn ? this.#parts[stream].push(printed) : this.#parts[stream].end(printed)
        if (goesOn && line === '') return
        if (this.#lines.push(line) > LAST_LINES) this.#lines.shift()
        this.#listener?.onLine(stream, line)
      },
      onExit: (end) => this.#onExit(end),
    })
  }

  get pid(): number {
    return this.#program.pid
  }

  /** Imports code beforehand. Resolves also when it could not: the run that needs it will say why. */
  async prepare(place: CodePlace): Promise<void> {
    this.placeKey = JSON.stringify(place)
    const prepared = { place, done: Promise.withResolvers<void>() }
    this.#prepared = prepared
    this.#send({ type: 'prepare', place })
    await Promise.race([prepared.done.promise, this.#exited.promise])
  }

  run(message: ToChild & { readonly type: 'run' }, listener: RunListener): Promise<RunEnd> {
    this.placeKey = JSON.stringify(message.place)
    this.runs += 1
    this.#lines.length = 0
    const run = { listener, end: Promise.withResolvers<RunEnd>(), hadBegun: false }
    this.#run = run
    this.#listener = listener
    if (this.isAlive) this.#send(message)
    else void this.#exited.promise.then((end) => this.#settle({ type: 'exited', end, hadBegun: false, lastWords: this.#lastWords() }))
    return run.end.promise
  }

  /** With everything it has started. */
  async kill(): Promise<void> {
    this.#program.kill()
    await this.#exited.promise
  }

  /** It ends when its work is done. */
  async close(): Promise<void> {
    this.#program.disconnect()
    await this.#exited.promise
  }

  #send(message: ToChild): void {
    this.#program.send(message)
  }

  #hear(message: FromChild): void {
    switch (message.type) {
      case 'ready':
        return
      case 'secret':
        return registerSecret(message.value)
      case 'prepared':
        return this.#prepared?.done.resolve()
      case 'begun':
        if (this.#run !== undefined) this.#run.hadBegun = true
        return this.#run?.listener.onBegun()
      default:
        return this.#settle(message)
    }
  }

  #onExit(end: ProgramEnd): void {
    this.isAlive = false
    this.#exited.resolve(end)
    this.#settle({ type: 'exited', end, hadBegun: this.#run?.hadBegun ?? false, lastWords: this.#lastWords() })
  }

  #settle(end: RunEnd): void {
    const run = this.#run
    this.#run = undefined
    run?.end.resolve(end)
  }

  #lastWords(): string {
    return this.#lines.join('\n')
  }
}
