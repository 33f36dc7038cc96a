import { TuttiError } from '../core/errors.ts'
import type { Instant } from '../core/time.ts'
import type { WorkPool, WorkQueue } from '../core/work-pool.ts'
import { workerStatus } from '../core/worker.ts'
import type { Script } from '../store/port.ts'
import type { Deps } from './deps.ts'

/** States of runs that hold a slot of their pool and queue. */
export const HOLDING = ['pending', 'running'] as const

export function* poolNamed({ store }: Deps, name: string): Script<WorkPool> {
  return found(yield* store.tables.workPools.byName(name), name)
}

function found(pool: WorkPool | undefined, name: string): WorkPool {
  if (pool === undefined) throw new TuttiError('NOT_FOUND', `Work pool "${name}" not found.`)
  return pool
}

export function* isServed({ store }: Deps, poolId: string, now: Instant): Script<boolean> {
  return (yield* store.tables.workers.ofPool(poolId)).some((worker) => workerStatus(worker, now) === 'online')
}

export function idsOf(queues: readonly WorkQueue[]): readonly string[] {
  return queues.map((queue) => queue.id)
}

export function sum(numbers: Iterable<number>): number {
  let total = 0
  for (const number of numbers) total += number
  return total
}
