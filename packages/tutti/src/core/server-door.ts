import type { ClaimTarget } from './claim.ts'
import type { FlowRun } from './flow-run.ts'
import type { LeaseHolder } from './lease.ts'
import type { Instant } from './time.ts'
import type { RunJob } from './run-job.ts'
import type { DeployedRunRequest } from './deployed-run.ts'
import type { DeploymentDefinition } from './deployment-definition.ts'

/**
 * What a process asks of a server beyond running flows: the deployments it serves, and the runs that are due. Embedded, there is none.
 *
 * Errors: those of the server by their codes; `SERVER_UNREACHABLE`.
 */
export interface ServerDoor {
  /** For people: where the server is. */
  readonly address: string
  /** Makes or changes the deployment, unless it is as it should be already. */
  deploy(definition: DeploymentDefinition): Promise<{ readonly id: string; readonly change: 'made' | 'changed' | 'none' }>
  /** Makes a run of the deployment `flow/deployment`, or finds the one of that key. */
  runDeployment(name: string, request: DeployedRunRequest): Promise<{ readonly id: string; readonly name: string }>
  setPaused(deploymentId: string, paused: boolean): Promise<void>
  /** Due runs, each claimed for this worker only; waits up to `waitS` until there is one. */
  claim(
    target: ClaimTarget,
    ask: { readonly worker: string; readonly limit: number; readonly waitS: number },
    signal: AbortSignal,
  ): Promise<readonly DueRun[]>
  /** Due runs of deployments, each started for this process; waits as `claim` does. Not asked again when the answer is lost: see `releaseOthers`. */
  start(
    deploymentIds: readonly string[],
    ask: {
      readonly worker: string
      readonly limit: number
      readonly waitS: number
      readonly holder: LeaseHolder
      readonly leaseMs: number
    },
    signal: AbortSignal,
  ): Promise<readonly { readonly claimId: string; readonly run: FlowRun }[]>
  /** Keeps a run claimed while it is being launched. */
  renewClaim(claimId: string): Promise<void>
  /** Gives a run back that was not started. */
  releaseClaim(claimId: string): Promise<void>
  /**
   * Gives back what this worker has claimed and not started, but for these claims: an answer that was not read may have claimed something. Told
   * its holder, the server gives back what was started for it in such an answer too.
   */
  releaseOthers(worker: string, except: readonly string[], holder: LeaseHolder | null, signal: AbortSignal): Promise<void>
  /** The pool's type; made when there is none of that name and `type` is given. Throws `NOT_FOUND`. */
  ensurePool(name: string, type: string | undefined): Promise<string>
  /** A worker is there, and will be heard of again within `intervalS`. */
  heartbeat(pool: string, worker: string, intervalS: number): Promise<void>
  /** What deployments of the pool run, those that were changed last first. */
  jobsOfPool(pool: string, limit: number): Promise<readonly RunJob[]>
  /** Lines that a run printed. */
  appendLogs(lines: readonly PrintedLine[]): Promise<void>
  addLabels(flowRunId: string, labels: Readonly<Record<string, string | number | boolean>>): Promise<void>
  /** A run that cannot be begun ends: Failed when what it asks for is wrong, Crashed when its processes die. */
  endUnbegun(flowRunId: string, type: 'failed' | 'crashed', message: string): Promise<void>
}

export interface PrintedLine {
  readonly flowRunId: string
  readonly logger: string
  /** As Python's logging counts: 20 is info, 40 an error. */
  readonly level: number
  readonly message: string
  readonly at: Instant
}

/** A claimed run, and what it takes to start it. */
export interface DueRun {
  readonly claimId: string
  readonly flowRunId: string
  readonly name: string
  readonly deploymentId: string | null
  readonly job: RunJob
}
