import type { DeploymentOperations } from '../core/deployment.ts'
import { TuttiError } from '../core/errors.ts'
import { after } from '../core/time.ts'
import type { Clock, Instant } from '../core/time.ts'

/** Runs made in advance: so many and so far, as the protocol has it. */
const AHEAD = { minRuns: 3, minTimeS: 3_600, maxRuns: 100, days: 100 } as const
const DAY_MS = 86_400_000
const DEPLOYMENTS_PER_PAGE = 100

export interface Scheduling {
  readonly deployments: DeploymentOperations
  readonly clock: Clock
  /** Only deployments changed since; `null`: all. */
  readonly updatedSince: Instant | null
}

/**
 * Makes the runs that schedules ask for, of every deployment that needs some: page by page, because one whose schedule has ended needs runs
 * for ever and must not keep others from theirs.
 *
 * @throws AggregateError of what went wrong with single deployments, once all others have their runs.
 */
export async function makeRunsAhead({ deployments, clock, updatedSince }: Scheduling, signal: AbortSignal): Promise<void> {
  const errors: unknown[] = []
  let ids: readonly string[] = []
  do {
    ids = await deployments.needingRuns(DEPLOYMENTS_PER_PAGE, updatedSince, ids.at(-1))
    for (const id of ids) {
      if (signal.aborted) return
      const start = clock.now()
      try {
        await deployments.makeScheduledRuns(id, { ...AHEAD, start, end: after(start, AHEAD.days * DAY_MS) })
      } catch (error) {
        // Deleted since it was found.
        if (!(error instanceof TuttiError && error.code === 'NOT_FOUND')) errors.push(error)
      }
    }
  } while (ids.length === DEPLOYMENTS_PER_PAGE)
  if (errors.length > 0) throw new AggregateError(errors, `the runs of ${errors.length} deployments could not be made`)
}
