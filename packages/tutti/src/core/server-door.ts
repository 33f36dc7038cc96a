import type { ClaimTarget } from './claim.ts'
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
  /** Keeps a run claimed while it is being launched. */
  renewClaim(claimId: string): Promise<void>
  /** Gives a run back that was not started. */
  releaseClaim(claimId: string): Promise<void>
}

/** A claimed run, and what it takes to start it. */
export interface DueRun {
  readonly claimId: string
  readonly flowRunId: string
  readonly name: string
  readonly deploymentId: string | null
}
