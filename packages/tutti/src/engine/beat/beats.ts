import type { Beat, BeatAnswer } from '../../core/orchestrator.ts'
import type { Instant } from '../../core/time.ts'

/**
 * Keeps the leases of this process. The runs it is told of are renewed until they are taken back; what the store answers (cancel, lost)
 * comes back through `onTell`.
 */
export interface Beats {
  add(beat: Beat, options: BeatOptions): void
  remove(flowRunId: string): void
  /** Has everything ready for the next run: also one whose code never yields is then renewed and stopped from its first moment on. */
  warm?(): void
  close(): Promise<void>
}

export interface BeatOptions {
  readonly onTell: (answer: BeatAnswer) => void
  /** The lease was renewed, by a question asked at that moment. */
  readonly onRenewed: (at: Instant) => void
  /** The run's time limit. Code that does not yield is ended from outside once it and the grace period are over. `null`: none. */
  readonly deadlineMs: number | null
}

export interface BeatSettings {
  /** How often leases are renewed. */
  readonly beatMs: number
  readonly expiryMs: number
  /** How often the store is asked whether somebody cancelled a run. */
  readonly lookMs: number
}

export const DEFAULT_BEAT_SETTINGS: BeatSettings = { beatMs: 15_000, expiryMs: 45_000, lookMs: 500 }
