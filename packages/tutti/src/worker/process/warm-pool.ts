import type { ProcessJob } from './job.ts'
import type { CodePlace } from './messages.ts'
import { RunProcess } from './run-process.ts'
import type { StartProgram } from './run-process.ts'

export interface WarmPoolOptions {
  readonly start: StartProgram
  /** Processes kept ready, those with code and a blank one together. `0`: each run waits for its own process. */
  readonly size: number
  /** Node options of processes that any run may use. */
  readonly nodeOptions: readonly string[]
}

/** A process is replaced after so many runs: what user code leaks must not pile up. */
const RUNS_MAX = 200

/**
 * Processes that are ready before a run needs one: some have the code of a recent deployment loaded and run it within milliseconds, one is
 * blank and has only to load the code. A process has one run at a time, and never two kinds of code.
 */
export class WarmPool {
  readonly #options: WarmPoolOptions
  /** With code, the least recently used first. */
  #idle: RunProcess[] = []
  #blank: RunProcess | undefined
  #isClosed = false

  constructor(options: WarmPoolOptions) {
    this.#options = options
    this.#refillBlank()
  }

  /** A process for a run: one that has its code loaded, else the blank one, else a new one. */
  take(place: CodePlace, { nodeOptions, isolation }: Pick<ProcessJob, 'nodeOptions' | 'isolation'>): RunProcess {
    // Options of Node are a process's from its start.
    if (nodeOptions !== null) return new RunProcess(this.#options.start, [...this.#options.nodeOptions, ...nodeOptions])
    const key = JSON.stringify(place)
    const at = this.#idle.findLastIndex((each) => each.placeKey === key && each.isAlive && (isolation === 'version' || each.runs === 0))
    if (at !== -1) return this.#idle.splice(at, 1)[0]!
    const blank = this.#blank
    this.#blank = undefined
    return blank !== undefined && blank.isAlive ? blank : new RunProcess(this.#options.start, this.#options.nodeOptions)
  }

  /** After its run. One that may not be used again is ended, and another one takes its place. */
  async giveBack(process: RunProcess, place: CodePlace, isReusable: boolean): Promise<void> {
    if (this.#isClosed || this.#options.size === 0) return process.kill()
    if (isReusable && process.isAlive && process.runs < RUNS_MAX) {
      this.#keep(process)
      return this.#refillBlank()
    }
    await process.kill()
    await this.prepare(place)
    this.#refillBlank()
  }

  /** Has a process with this code at hand. */
  async prepare(place: CodePlace): Promise<void> {
    const key = JSON.stringify(place)
    if (this.#isClosed || this.#options.size === 0 || this.#idle.some((each) => each.placeKey === key)) return
    const process = this.#blank?.isAlive === true ? this.#blank : new RunProcess(this.#options.start, this.#options.nodeOptions)
    this.#blank = undefined
    this.#keep(process)
    await process.prepare(place)
    this.#refillBlank()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const all = [...this.#idle, ...(this.#blank === undefined ? [] : [this.#blank])]
    this.#idle = []
    this.#blank = undefined
    await Promise.all(all.map((each) => each.kill()))
  }

  #keep(process: RunProcess): void {
    this.#idle = this.#idle.filter((each) => each.isAlive)
    this.#idle.push(process)
    while (this.#idle.length > this.#options.size) void this.#idle.shift()!.kill()
  }

  #refillBlank(): void {
    if (this.#isClosed || this.#options.size === 0 || this.#blank?.isAlive === true) return
    this.#blank = new RunProcess(this.#options.start, this.#options.nodeOptions)
  }
}
