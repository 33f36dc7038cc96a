import type { Beat, FlowRunOperations } from '../core/orchestrator.ts'
import { after } from '../core/time.ts'
import type { Clock } from '../core/time.ts'
import type { BeatOptions, Beats } from '../engine/beat/beats.ts'
import { DEFAULT_BEAT_SETTINGS } from '../engine/beat/beats.ts'

/** Leases without a timer: kept when time jumps, and looked at after every command, so that a cancellation arrives at once. */
export class TestBeats implements Beats {
  readonly #flowRuns: Pick<FlowRunOperations, 'beat' | 'look'>
  readonly #clock: Pick<Clock, 'now'>
  readonly #runs = new Map<string, { readonly beat: Beat; readonly told: Pick<BeatOptions, 'onTell' | 'onRenewed'> }>()
  #beaten = 0

  constructor(flowRuns: Pick<FlowRunOperations, 'beat' | 'look'>, clock: Pick<Clock, 'now'>) {
    this.#flowRuns = flowRuns
    this.#clock = clock
  }

  add(beat: Beat, told: Pick<BeatOptions, 'onTell' | 'onRenewed'>): void {
    if (this.#runs.size === 0) this.#beaten = this.#clock.now()
    this.#runs.set(beat.flowRunId, { beat, told })
  }

  remove(flowRunId: string): void {
    this.#runs.delete(flowRunId)
  }

  async close(): Promise<void> {
    this.#runs.clear()
  }

  async tick(): Promise<void> {
    if (this.#runs.size === 0) return
    const now = this.#clock.now()
    const beats = [...this.#runs.values()].map((run) => run.beat)
    const due = now >= after(this.#beaten, DEFAULT_BEAT_SETTINGS.beatMs)
    if (due) this.#beaten = now
    const answers = due ? await this.#flowRuns.beat(beats, after(now, DEFAULT_BEAT_SETTINGS.expiryMs)) : await this.#flowRuns.look(beats)
    for (const answer of answers) {
      const told = this.#runs.get(answer.flowRunId)?.told
      if (answer.tell !== 'go on') told?.onTell(answer)
      else if (due) told?.onRenewed(now)
    }
  }
}
