import type { QueueNames } from '../core/told-flow-run.ts'
import type { Script } from '../store/port.ts'
import type { Deps } from './deps.ts'

/** The names of work queues and of their pools, by the ids of the queues. */
export function* queueNames({ store }: Deps, ids: readonly string[]): Script<ReadonlyMap<string, QueueNames>> {
  if (ids.length === 0) return new Map()
  const found = yield* store.tables.workQueues.names([...new Set(ids)])
  return new Map(found.map((queue) => [queue.id, queue]))
}
