import type { DueRun } from '../core/server-door.ts'

/** A kind of place where runs are executed: processes here, containers or jobs elsewhere. */
export interface Infrastructure {
  /** What pools it serves: `process`, `docker`. */
  readonly type: string
  /** Gets ready for the runs that are likely to come. */
  warmUp?(signal: AbortSignal): Promise<void>
  /**
   * Starts the run and waits until it is over here. Never rejects: whatever goes wrong is told to the run.
   *
   * @param signal - aborts when what is under way must end now; the run then goes on elsewhere.
   */
  launch(run: DueRun, signal: AbortSignal): Promise<void>
  /** Ends what is kept ready. */
  close(): Promise<void>
}
