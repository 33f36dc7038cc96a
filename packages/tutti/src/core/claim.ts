import type { FlowRun } from './flow-run.ts'
import type { LeaseHolder } from './lease.ts'
import type { RunJob } from './run-job.ts'
import type { Instant } from './time.ts'
import type { FlowRunView } from './told-flow-run.ts'

/** Whose due runs are asked for: those of a pool, or of deployments that somebody serves himself. */
export type ClaimTarget =
  | { readonly type: 'pool'; readonly name: string; readonly queues: readonly string[] | null }
  | { readonly type: 'deployments'; readonly ids: readonly string[] }

/** A worker's hold on a run that it is about to start. Unless it is renewed or the run starts, the run is due again. */
export interface Claim {
  readonly id: string
  readonly flowRunId: string
  readonly worker: string
  readonly until: Instant
}

export interface ClaimedRun {
  readonly claim: Claim
  readonly view: FlowRunView
  readonly job: RunJob
}

/** A run that was claimed and started at once, for the process that asked. */
export interface StartedRun {
  readonly claim: Claim
  /** Held by that process. */
  readonly run: FlowRun
}

/** Who claims runs in order to run them himself, and for how long they are his until he is heard of. */
export interface Starter {
  readonly worker: string
  readonly limit: number
  readonly holder: LeaseHolder
  readonly leaseMs: number
}

/** As long as the lease of a process on its run. */
export const CLAIM_S = 45

export interface ClaimOutlook {
  readonly isDue: boolean
  readonly nextAt: Instant | null
  /** The queues that were looked at; none for deployments. */
  readonly queueIds: readonly string[]
}

export interface ClaimOperations {
  /** Somebody is there to run what is due. Throws `NOT_FOUND` for a pool or queue that is not there. */
  attend(target: ClaimTarget, worker: string): Promise<void>
  /** Whether a run is due, and otherwise when the next will be; `null` when nobody knows. Changes nothing. */
  look(target: ClaimTarget): Promise<ClaimOutlook>
  /** Takes due runs, soonest first, within the limits of pool and queues: they are Pending, and no other worker gets them. */
  take(target: ClaimTarget, options: { readonly worker: string; readonly limit: number }): Promise<readonly ClaimedRun[]>
  /** As `take`, and starts them in the same transaction. */
  start(target: ClaimTarget, starter: Starter): Promise<readonly StartedRun[]>
  /** Throws `LEASE_GONE`. */
  renew(id: string): Promise<Claim>
  /** Gives the run back if it has not started, or was started for `holder` with this claim; a claim that is gone is given back already. */
  release(id: string, holder?: LeaseHolder): Promise<void>
  /**
   * Gives back every run of the worker that has not started, but for these claims: what was claimed in an answer that it never read. Tells how
   * many there were.
   *
   * @param holder - the worker itself: what was started for it in such an answer is given back too.
   */
  releaseOf(worker: string, except: readonly string[], holder: LeaseHolder | null): Promise<number>
  /** Gives back what up to `limit` workers that went silent had claimed; tells how many claims ended. */
  expire(limit: number): Promise<number>
}
