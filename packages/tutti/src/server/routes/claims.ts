import { claimedRunToWire, claims, claimToWire } from '../../api/claims.ts'
import type { Claim, ClaimedRun, ClaimOperations, ClaimOutlook, ClaimTarget } from '../../core/claim.ts'
import { TuttiError } from '../../core/errors.ts'
import type { LeaseHolder } from '../../core/lease.ts'
import { pack } from '../../core/packing.ts'
import type { ServerOrchestrator } from '../../core/server-orchestrator.ts'
import { after } from '../../core/time.ts'
import type { Clock, Instant } from '../../core/time.ts'
import { checkVersion } from '../engine-version.ts'
import type { Mount } from '../mount.ts'
import type { Wake } from '../wake.ts'

/** Requests that may wait at the same time. */
const WAITING_MAX = 1_000
/** Another server may have made work of which this one was not told. */
const LOOK_MS = 5_000
/** A worker that waits is there all the time, and asks anew with each run that it is given: it is not written down each time. */
const ATTEND_MS = 15_000
/** Workers of which it is known when they were written down. */
const ATTENDED_MAX = 1_000

export function mountClaims(mount: Mount, { claims: door }: ServerOrchestrator, clock: Clock, wake: Wake): void {
  const attended = new Map<string, { readonly at: Instant; readonly changes: number }>()

  mount(claims.ofPool, async ({ params, body, signal }) => {
    const target = { type: 'pool', name: params.name, queues: body.queues ?? null } as const
    if (!isAttended(target, body.worker) || body.wait_seconds === 0) await attend(target, body.worker)
    const take = () => door.take(target, body)
    return toWire(await claimOrWait({ door, target, take, waitS: body.wait_seconds, clock, wake }, signal))
  })
  mount(claims.ofDeployments, async ({ body, signal }) => {
    const target = { type: 'deployments', ids: body.deployment_ids } as const
    const take = () => door.take(target, body)
    return toWire(await claimOrWait({ door, target, take, waitS: body.wait_seconds, clock, wake }, signal))
  })
  mount(claims.start, async ({ body, signal }) => {
    const { worker, limit, holder, lease_ms: leaseMs, deployment_ids: ids, wait_seconds: waitS } = body
    checkVersion(body.version)
    const target = { type: 'deployments', ids } as const
    const take = () => door.start(target, { worker, limit, holder, leaseMs })
    const started = await claimOrWait({ door, target, take, holder, waitS, clock, wake }, signal)
    return started.map(({ claim, run }) => ({ claim: claimToWire(claim), run: pack(run) }))
  })
  mount(claims.renew, async ({ params }) => claimToWire(await door.renew(params.id)))
  mount(claims.releaseOf, async ({ body }) => ({ released: await door.releaseOf(body.worker, body.except, body.holder) }))
  mount(claims.release, ({ params }) => door.release(params.id))

  function isAttended(target: ClaimTarget, worker: string): boolean {
    const known = attended.get(JSON.stringify([target, worker]))
    return known !== undefined && clock.now() < after(known.at, ATTEND_MS) && known.changes === wake.changes
  }

  async function attend(target: ClaimTarget, worker: string): Promise<void> {
    const { changes } = wake
    await door.attend(target, worker)
    const key = JSON.stringify([target, worker])
    attended.delete(key)
    attended.set(key, { at: clock.now(), changes })
    if (attended.size > ATTENDED_MAX) attended.delete(attended.keys().next().value ?? '')
  }

  function toWire(runs: readonly ClaimedRun[]) {
    return runs.map((run) => claimedRunToWire(run, clock.now()))
  }
}

interface Asking<Run> {
  readonly door: ClaimOperations
  readonly target: ClaimTarget
  readonly take: () => Promise<readonly Run[]>
  /** For whom they are started; absent: they are not. */
  readonly holder?: LeaseHolder
  readonly waitS: number
  readonly clock: Clock
  readonly wake: Wake
}

/**
 * Looks without changing anything until a run is due, then claims; whoever went away meanwhile has claimed nothing. A run that becomes due while
 * it waits is claimed without looking.
 */
async function claimOrWait<Run extends { readonly claim: Claim }>(
  { door, target, take, holder, waitS, clock, wake }: Asking<Run>,
  signal: AbortSignal,
): Promise<readonly Run[]> {
  if (waitS > 0 && wake.listeners >= WAITING_MAX)
    throw new TuttiError('OVERLOADED', `${WAITING_MAX} requests wait for work already`, { retryAfterS: LOOK_MS / 1000 })
  const until = after(clock.now(), waitS * 1000)
  let queueIds: readonly string[] = []
  const listener = wake.listen(({ deploymentId, workQueueId }) =>
    target.type === 'pool' ? queueIds.includes(workQueueId ?? '') : target.ids.includes(deploymentId ?? ''),
  )
  try {
    let isGiven = false
    while (listener.isOpen && !signal.aborted) {
      const outlook: ClaimOutlook | undefined = isGiven ? undefined : await door.look(target)
      const runs = isGiven || outlook?.isDue === true ? await take() : []
      if (runs.length > 0 && signal.aborted) {
        for (const { claim } of runs) await door.release(claim.id, holder)
        return []
      }
      const now = clock.now()
      if (runs.length > 0 || now >= until) return runs
      isGiven = false
      // It was not to be had after all: nobody knows when the next one will be.
      if (outlook === undefined) continue
      queueIds = outlook.queueIds
      isGiven = (await listener.heardOr(Math.min(until, after(now, LOOK_MS), outlook.nextAt ?? until), signal)) === 'given'
    }
    return []
  } finally {
    listener.stop()
  }
}
