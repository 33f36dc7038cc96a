import { claimedRunToWire, claims, claimToWire } from '../../api/claims.ts'
import type { ClaimedRun, ClaimOperations, ClaimTarget } from '../../core/claim.ts'
import { TuttiError } from '../../core/errors.ts'
import type { ServerOrchestrator } from '../../core/server-orchestrator.ts'
import { after } from '../../core/time.ts'
import type { Clock } from '../../core/time.ts'
import type { Mount } from '../mount.ts'
import type { Wake } from '../wake.ts'

/** Requests that may wait at the same time. */
const WAITING_MAX = 1_000
/** Another server may have made work of which this one was not told. */
const LOOK_MS = 5_000

export function mountClaims(mount: Mount, { claims: door }: ServerOrchestrator, clock: Clock, wake: Wake): void {
  mount(claims.ofPool, async ({ params, body, signal }) => {
    const target = { type: 'pool', name: params.name, queues: body.queues ?? null } as const
    return toWire(
      await claimOrWait({ door, target, worker: body.worker, limit: body.limit, waitS: body.wait_seconds, clock, wake }, signal),
    )
  })
  mount(claims.ofDeployments, async ({ body, signal }) => {
    const target = { type: 'deployments', ids: body.deployment_ids } as const
    return toWire(
      await claimOrWait({ door, target, worker: body.worker, limit: body.limit, waitS: body.wait_seconds, clock, wake }, signal),
    )
  })
  mount(claims.renew, async ({ params }) => claimToWire(await door.renew(params.id)))
  mount(claims.releaseOf, async ({ body }) => ({ released: await door.releaseOf(body.worker, body.except) }))
  mount(claims.release, ({ params }) => door.release(params.id))

  function toWire(runs: readonly ClaimedRun[]) {
    return runs.map((run) => claimedRunToWire(run, clock.now()))
  }
}

interface Asking {
  readonly door: ClaimOperations
  readonly target: ClaimTarget
  readonly worker: string
  readonly limit: number
  readonly waitS: number
  readonly clock: Clock
  readonly wake: Wake
}

/** Looks without changing anything until a run is due, then claims; whoever went away meanwhile has claimed nothing. */
async function claimOrWait(
  { door, target, worker, limit, waitS, clock, wake }: Asking,
  signal: AbortSignal,
): Promise<readonly ClaimedRun[]> {
  if (waitS > 0 && wake.listeners >= WAITING_MAX)
    throw new TuttiError('OVERLOADED', `${WAITING_MAX} requests wait for work already`, { retryAfterS: LOOK_MS / 1000 })
  const until = after(clock.now(), waitS * 1000)
  await door.attend(target, worker)
  const listener = wake.listen()
  try {
    while (listener.isOpen && !signal.aborted) {
      const { isDue, nextAt } = await door.look(target)
      const runs = isDue ? await door.take(target, { worker, limit }) : []
      if (runs.length > 0 && signal.aborted) {
        for (const { claim } of runs) await door.release(claim.id)
        return []
      }
      const now = clock.now()
      if (runs.length > 0 || now >= until) return runs
      await listener.heardOr(Math.min(until, after(now, LOOK_MS), nextAt ?? until), signal)
    }
    return []
  } finally {
    listener.stop()
  }
}
