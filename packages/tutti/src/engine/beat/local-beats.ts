import type { Beat, BeatAnswer, FlowRunOperations } from '../../core/orchestrator.ts'
import { after } from '../../core/time.ts'
import type { Clock } from '../../core/time.ts'
import type { BeatOptions, Beats, BeatSettings } from './beats.ts'

/** What beats ask of the orchestrator. */
interface BeatsPort {
  readonly flowRuns: Pick<FlowRunOperations, 'beat' | 'look'>
}

type BeatListener = Pick<BeatOptions, 'onTell' | 'onRenewed'>

/** Beats on the thread of their caller: the body of the beat thread, and all there is where the store cannot be opened twice (in memory). */
export class LocalBeats implements Beats {
  readonly #orchestrator: BeatsPort
  readonly #clock: Clock
  readonly #settings: BeatSettings
  readonly #runs = new Map<string, { readonly beat: Beat; readonly told: BeatListener }>()
  #stopTimer: (() => void) | undefined
  #beaten: number
  #closed = false

  constructor(orchestrator: BeatsPort, clock: Clock, settings: BeatSettings) {
    this.#orchestrator = orchestrator
    this.#clock = clock
    this.#settings = settings
    this.#beaten = clock.now()
  }

  add(beat: Beat, told: BeatListener): void {
    if (this.#runs.size === 0) this.#beaten = this.#clock.now()
    this.#runs.set(beat.flowRunId, { beat, told })
    this.#next()
  }

  remove(flowRunId: string): void {
    this.#runs.delete(flowRunId)
    if (this.#runs.size > 0) return
    this.#stopTimer?.()
    this.#stopTimer = undefined
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#stopTimer?.()
    this.#stopTimer = undefined
  }

  #next(): void {
    if (this.#stopTimer !== undefined || this.#closed || this.#runs.size === 0) return
    this.#stopTimer = this.#clock.timer(this.#settings.lookMs, () => {
      this.#stopTimer = undefined
      void this.#tick().finally(() => this.#next())
    })
  }

  async #tick(): Promise<void> {
    const now = this.#clock.now()
    const beats = [...this.#runs.values()].map((run) => run.beat)
    const due = now >= after(this.#beaten, this.#settings.beatMs)
    let answers: readonly BeatAnswer[]
    try {
      answers = due
        ? await this.#orchestrator.flowRuns.beat(beats, after(now, this.#settings.expiryMs))
        : await this.#orchestrator.flowRuns.look(beats)
    } catch {
      // A store that does not answer now is asked again with the next beat; a lease outlives two missed ones.
      return
    }
    if (due) this.#beaten = now
    for (const answer of answers) {
      const told = this.#runs.get(answer.flowRunId)?.told
      if (answer.tell !== 'go on') told?.onTell(answer)
      else if (due) told?.onRenewed(now)
    }
  }
}
