import type { QueueNames } from '../core/told-flow-run.ts'
import type { Script } from '../store/port.ts'
import type { Deps } from './deps.ts'

/** The names of work queues and of their pools, by the ids of the queues. */
export function* queueNames(_deps: Deps, _ids: readonly string[]): Script<ReadonlyMap<string, QueueNames>> {
  return new Map()
}
