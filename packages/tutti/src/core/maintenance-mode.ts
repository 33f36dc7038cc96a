import type { Instant } from './time.ts'

/** What is in maintenance: everything on a database, or one work pool. */
export type MaintenanceScope = { readonly type: 'server' } | { readonly type: 'pool'; readonly id: string; readonly name: string }

/** Nothing new starts in its scope; what runs goes on to its end. */
export interface MaintenanceMode {
  readonly scope: MaintenanceScope
  /** Why, for people. */
  readonly message: string | null
  readonly startedAt: Instant
}

/** As it is kept. */
export interface StoredMode {
  /** `server`, or the id of a pool. */
  readonly scope: string
  readonly message: string | null
  readonly startedAt: Instant
}

export const SERVER_SCOPE = 'server'

/**
 * What becomes, when it ends, of runs that schedules made and that became due meanwhile: `all` start late, `latest` keeps the newest of each
 * schedule, `none` leaves them all out.
 */
export type CatchUp = 'all' | 'latest' | 'none'

export const CATCH_UPS = ['all', 'latest', 'none'] as const satisfies readonly CatchUp[]

export interface MaintenanceStatus {
  /** The server's own first, then those of pools by name. */
  readonly modes: readonly MaintenanceMode[]
  /** Runs that are under way in the scope that was asked for: those a worker is starting, running and cancelling ones. */
  readonly running: number
  /** Some of them, the oldest first. */
  readonly runs: readonly { readonly flowRunId: string; readonly name: string; readonly since: Instant }[]
}

export interface MaintenanceEnded {
  /** `false`: there was no maintenance, and nothing was changed. */
  readonly wasOn: boolean
  /** Runs that were left out. */
  readonly skipped: number
}

/** Pools are named; `null` is the server: all of the database. A pool that is not there is `NOT_FOUND`. */
export interface MaintenanceModeOperations {
  status(pool: string | null): Promise<MaintenanceStatus>
  /** From the end of this call nothing new starts. One that is on keeps its beginning and gets the message. */
  enter(pool: string | null, message: string | null): Promise<MaintenanceMode>
  /** Everything goes on as it was; nothing of pools, queues and deployments is changed. */
  leave(pool: string | null, catchUp: CatchUp): Promise<MaintenanceEnded>
}

/** A run that a schedule made and that became due while nothing could start. */
export interface OverdueRun {
  readonly id: string
  readonly deploymentId: string | null
  /** `null`: nobody can tell, so it counts as one of its deployment. */
  readonly scheduleId: string | null
  readonly scheduledFor: Instant
}

/** Which overdue runs are left out. */
export function leftOut(runs: readonly OverdueRun[], catchUp: CatchUp): readonly OverdueRun[] {
  if (catchUp === 'all') return []
  if (catchUp === 'none') return runs
  const newest = new Map<string, OverdueRun>()
  for (const run of runs) {
    const key = keyOf(run)
    const known = newest.get(key)
    if (known === undefined || isNewer(run, known)) newest.set(key, run)
  }
  return runs.filter((run) => newest.get(keyOf(run)) !== run)
}

function keyOf({ deploymentId, scheduleId }: OverdueRun): string {
  return `${deploymentId ?? ''} ${scheduleId ?? ''}`
}

function isNewer(run: OverdueRun, other: OverdueRun): boolean {
  return run.scheduledFor > other.scheduledFor || (run.scheduledFor === other.scheduledFor && run.id > other.id)
}
