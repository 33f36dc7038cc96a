import type { DeploymentChanges, DeploymentView } from './deployment.ts'
import type { PlannedDeployment } from './deployment-plan.ts'
import type { CodeOrigin, DeploymentJob, DeploymentVersion } from './deployment-version.ts'

/** Deployments as code has them, written together or not at all. */
export interface DeployRequest {
  readonly deployments: readonly WantedDeployment[]
  /** Whose they are: what else has its label is no longer in its code. */
  readonly project: string | null
  /** Whether deployments of the project that are not among these are put aside. */
  readonly prune: boolean
  /** Where the code came from; versions tell it. */
  readonly origin: CodeOrigin | null
}

export interface WantedDeployment {
  readonly flowName: string
  readonly name: string
  /** What they do not name stays as it is. */
  readonly changes: DeploymentChanges
}

/** One deployment after a deploy. */
export interface DeployedDeployment extends PlannedDeployment {
  readonly id: string
  /** Its current version; `null`: nothing has been counted yet. */
  readonly versionNumber: number | null
}

/** How long a deployment that was put aside can be brought back. */
export const PUT_ASIDE_DAYS = 7
export const VERSIONS_KEPT = 200

/** Errors: `NOT_FOUND`, `INVALID_REQUEST`, `CONFLICT`; the message names the deployment. */
export interface DeployOperations {
  /** What `deploy` would do. Changes nothing. */
  plan(request: DeployRequest): Promise<readonly PlannedDeployment[]>
  /** Makes the deployments what they should be; one that is as it should be is not touched. */
  deploy(request: DeployRequest): Promise<readonly DeployedDeployment[]>
  /** Nobody sees it any more and its schedules make no runs; within `PUT_ASIDE_DAYS` it can be restored. */
  putAside(id: string): Promise<void>
  /** The last ones first. */
  listPutAside(limit: number): Promise<readonly DeploymentView[]>
  restore(id: string): Promise<DeploymentView>
  /** Deletes up to `limit` for good whose time is over; tells how many. */
  deletePutAside(limit: number): Promise<number>

  /** The newest first. */
  versions(id: string, page: { readonly limit: number; readonly offset: number }): Promise<readonly DeploymentVersion[]>
  version(id: string, number: number): Promise<DeploymentVersion>
  /** The deployment is again what it was in that version. Runs that were made stay with theirs. */
  promote(id: string, number: number): Promise<DeploymentView>
  /** What a run is started with: that of the version it was made from, or else of its deployment as it is. */
  jobOf(flowRunId: string): Promise<DeploymentJob>
}
