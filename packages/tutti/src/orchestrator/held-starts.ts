// What maintenance holds back: asked wherever runs are given to somebody who would start them.
import { SERVER_SCOPE } from '../core/maintenance-mode.ts'
import type { MaintenanceMode } from '../core/maintenance-mode.ts'
import type { Script } from '../store/port.ts'
import type { Deps } from './deps.ts'

/** The scopes in maintenance, the server's first; those of pools that are gone are left out. */
export function* modesNow({ store }: Pick<Deps, 'store'>): Script<readonly MaintenanceMode[]> {
  const modes: MaintenanceMode[] = []
  const ofPools: MaintenanceMode[] = []
  for (const { scope, message, startedAt } of yield* store.tables.maintenanceModes.list()) {
    if (scope === SERVER_SCOPE) {
      modes.push({ scope: { type: 'server' }, message, startedAt })
      continue
    }
    const pool = yield* store.tables.workPools.get(scope)
    if (pool !== undefined) ofPools.push({ scope: { type: 'pool', id: pool.id, name: pool.name }, message, startedAt })
  }
  return [...modes, ...ofPools.toSorted((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1))]
}

function nameOf({ scope }: MaintenanceMode): string {
  return scope.type === 'pool' ? scope.name : ''
}

/** Whether nothing of a pool may start. */
export function* isPoolHeld({ store }: Pick<Deps, 'store'>, poolId: string): Script<boolean> {
  return (yield* store.tables.maintenanceModes.list()).some(({ scope }) => scope === SERVER_SCOPE || scope === poolId)
}

/** Those of the deployments of which something may start. */
export function* startable({ store }: Pick<Deps, 'store'>, deploymentIds: readonly string[]): Script<readonly string[]> {
  const { maintenanceModes, deployments, workQueues } = store.tables
  const modes = yield* maintenanceModes.list()
  if (modes.length === 0) return deploymentIds
  if (modes.some(({ scope }) => scope === SERVER_SCOPE)) return []
  const free: string[] = []
  for (const id of deploymentIds) {
    const queueId = (yield* deployments.get(id))?.workQueueId ?? null
    const queue = queueId === null ? undefined : yield* workQueues.get(queueId)
    if (queue === undefined || !modes.some(({ scope }) => scope === queue.poolId)) free.push(id)
  }
  return free
}
