import { Worker } from 'node:worker_threads'
import type { DatabaseLocation } from '../../core/database-location.ts'
import type { ServerAddress } from '../../core/server-address.ts'
import type { Beat, BeatAnswer } from '../../core/orchestrator.ts'
import { after } from '../../core/time.ts'
import type { Clock, Instant } from '../../core/time.ts'
import type { BeatOptions, Beats, BeatSettings } from './beats.ts'

/** What the thread needs to reach the same runs. */
export interface BeatThreadData {
  readonly place:
    | {
        readonly type: 'store'
        readonly database: DatabaseLocation
        readonly durability: 'normal' | 'full'
        readonly busyTimeoutMs: number
      }
    | { readonly type: 'server'; readonly address: ServerAddress }
  readonly settings: BeatSettings
  readonly graceMs: number
}

export type ToBeatThread =
  | { readonly type: 'add'; readonly beat: Beat; readonly deadlineAt: Instant | null }
  | { readonly type: 'remove'; readonly flowRunId: string }
  /** The main thread has heard and is stopping the run. */
  | { readonly type: 'heard'; readonly flowRunId: string }
  | { readonly type: 'close' }

export type FromBeatThread =
  | { readonly type: 'tell'; readonly answer: BeatAnswer }
  | { readonly type: 'renewed'; readonly flowRunId: string; readonly at: Instant }

/** A run that ends sooner than this never costs a thread: its first lease covers it. */
const START_DELAY_MS = 500

/** Beats on a thread of their own: code that never yields keeps its lease, and can be ended from outside when it must. */
export class ThreadBeats implements Beats {
  readonly #data: BeatThreadData
  readonly #clock: Clock
  readonly #runs = new Map<string, { readonly beat: Beat; readonly deadlineAt: Instant | null; readonly told: BeatOptions }>()
  #worker: Worker | undefined
  #stopTimer: (() => void) | undefined

  constructor(data: BeatThreadData, clock: Clock) {
    this.#data = data
    this.#clock = clock
  }

  add(beat: Beat, told: BeatOptions): void {
    const { deadlineMs } = told
    const deadlineAt = deadlineMs === null ? null : after(this.#clock.now(), deadlineMs)
    this.#runs.set(beat.flowRunId, { beat, deadlineAt, told })
    if (this.#worker !== undefined) this.#post({ type: 'add', beat, deadlineAt })
    else this.#stopTimer ??= this.#clock.timer(START_DELAY_MS, () => this.#start())
  }

  warm(): void {
    if (this.#worker === undefined) this.#launch()
  }

  remove(flowRunId: string): void {
    this.#runs.delete(flowRunId)
    if (this.#worker !== undefined) return this.#post({ type: 'remove', flowRunId })
    if (this.#runs.size > 0) return
    this.#stopTimer?.()
    this.#stopTimer = undefined
  }

  async close(): Promise<void> {
    this.#stopTimer?.()
    const worker = this.#worker
    this.#worker = undefined
    if (worker === undefined) return
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
    // It was not to keep the process alive; now its end is waited for.
    worker.ref()
    worker.postMessage({ type: 'close' } satisfies ToBeatThread)
    await ended
  }

  #start(): void {
    this.#stopTimer = undefined
    if (this.#runs.size > 0 && this.#worker === undefined) this.#launch()
  }

  #launch(): void {
    // The sources run as TypeScript, the package as JavaScript: the thread's file is beside this one in either.
    const file = new URL(`./thread${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)
    const worker = new Worker(file, { workerData: this.#data })
    worker.on('message', (message: FromBeatThread) => {
      if (message.type === 'renewed') return this.#runs.get(message.flowRunId)?.told.onRenewed(message.at)
      const { answer } = message
      this.#post({ type: 'heard', flowRunId: answer.flowRunId })
      this.#runs.get(answer.flowRunId)?.told.onTell(answer)
    })
    worker.on('error', () => this.#restart(worker))
    worker.on('exit', () => this.#restart(worker))
    // After the listeners: adding one for messages lets the thread keep the process alive again.
    worker.unref()
    this.#worker = worker
    for (const { beat, deadlineAt } of this.#runs.values()) this.#post({ type: 'add', beat, deadlineAt })
  }

  /** A thread that died must not cost the runs their leases: another one takes its place. */
  #restart(worker: Worker): void {
    if (this.#worker !== worker) return
    this.#worker = undefined
    this.#stopTimer ??= this.#clock.timer(START_DELAY_MS, () => this.#start())
  }

  #post(message: ToBeatThread): void {
    this.#worker?.postMessage(message)
  }
}
