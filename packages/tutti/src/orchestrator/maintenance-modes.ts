import { RESOURCE_ID, RESOURCE_NAME } from '../core/event.ts'
import { JsonText } from '../core/literal-json.ts'
import { leftOut, SERVER_SCOPE } from '../core/maintenance-mode.ts'
import type { CatchUp, MaintenanceEnded, MaintenanceMode, MaintenanceModeOperations, MaintenanceScope } from '../core/maintenance-mode.ts'
import type { Proposal } from '../core/proposal.ts'
import { formatInstant } from '../core/time.ts'
import type { Told } from '../core/told.ts'
import type { Script } from '../store/port.ts'
import type { Deps } from './deps.ts'
import { propose } from './flow-run-changes.ts'
import { idsOf, poolNamed } from './found-pools.ts'
import { modesNow } from './held-starts.ts'
import { emit, writeAndTell } from './telling.ts'

/** Some of the runs that are waited for. */
const SHOWN_MAX = 20
/** In one transaction, so that others need not wait long. */
const SKIPPED_PER_BATCH = 50

/** The server proposes these states itself. */
const ABILITIES = { holdsLeases: true, countsSlots: false, resetsFailedTasks: false, keepsPauses: true } as const

export function maintenanceModeOperations(deps: Deps): MaintenanceModeOperations {
  const { store, clock } = deps
  const { maintenanceModes, flowRuns } = store.tables

  return {
    status: (pool) =>
      store.read(function* () {
        const scope = yield* scopeOf(deps, pool)
        const queueIds = yield* queuesIn(deps, scope)
        const modes = yield* modesNow(deps)
        const runs = yield* maintenanceModes.underWay(queueIds, SHOWN_MAX)
        return {
          modes: scope.type === 'server' ? modes : modes.filter((mode) => mode.scope.type === 'server' || mode.scope.id === scope.id),
          running: yield* maintenanceModes.countUnderWay(queueIds),
          runs: runs.map(({ id, name, since }) => ({ flowRunId: id, name, since })),
        }
      }),

    enter: (pool, message) =>
      writeAndTell(deps, function* (told) {
        const scope = yield* scopeOf(deps, pool)
        const known = yield* modeOf(deps, scope)
        const mode: MaintenanceMode = { scope, message, startedAt: known?.startedAt ?? clock.now() }
        if (known !== undefined && known.message === message) return mode
        yield* maintenanceModes.put({ scope: keyOf(scope), message, startedAt: mode.startedAt })
        yield* tellOf(deps, told, known === undefined ? 'started' : 'changed', mode, {})
        return mode
      }),

    async leave(pool, catchUp) {
      let skipped = 0
      for (;;) {
        const batch = await writeAndTell(deps, (told) => leaveOrSkip(told, pool, catchUp, skipped))
        skipped += batch.skipped
        if (batch.isOver) return { wasOn: batch.wasOn || skipped > 0, skipped }
      }
    },
  }

  /** Runs are left out while nothing can start; with the last of them maintenance ends. */
  function* leaveOrSkip(
    told: Told[],
    pool: string | null,
    catchUp: CatchUp,
    before: number,
  ): Script<MaintenanceEnded & { readonly isOver: boolean }> {
    const scope = yield* scopeOf(deps, pool)
    const mode = yield* modeOf(deps, scope)
    if (mode === undefined) return { wasOn: false, skipped: 0, isOver: true }
    const out =
      catchUp === 'all'
        ? []
        : leftOut(yield* maintenanceModes.overdue(yield* queuesIn(deps, scope), { from: mode.startedAt, until: clock.now() }), catchUp)
    const now = out.slice(0, SKIPPED_PER_BATCH).map(({ id }) => id)
    for (const run of yield* flowRuns.getMany(now))
      yield* propose(deps, told, run, skippedBy(mode, catchUp), { mode: 'forced', client: ABILITIES })
    if (out.length > now.length) return { wasOn: true, skipped: now.length, isOver: false }
    yield* maintenanceModes.delete(keyOf(scope))
    yield* tellOf(deps, told, 'ended', mode, { catch_up: catchUp, skipped: before + now.length })
    return { wasOn: true, skipped: now.length, isOver: true }
  }
}

function skippedBy({ scope, startedAt }: MaintenanceMode, catchUp: CatchUp): Proposal {
  const what = scope.type === 'server' ? 'the server' : `the work pool ${scope.name}`
  const which = catchUp === 'latest' ? 'a newer run of its schedule was kept' : 'runs that became due meanwhile were left out'
  const message = `Its time came while ${what} was in maintenance (since ${formatInstant(startedAt)}), and ${which}.`
  return { type: 'cancelled', name: 'Skipped', message, details: {} }
}

function* scopeOf(deps: Deps, poolName: string | null): Script<MaintenanceScope> {
  if (poolName === null) return { type: 'server' }
  const { id, name } = yield* poolNamed(deps, poolName)
  return { type: 'pool', id, name }
}

function keyOf(scope: MaintenanceScope): string {
  return scope.type === 'server' ? SERVER_SCOPE : scope.id
}

function* modeOf(deps: Deps, scope: MaintenanceScope): Script<MaintenanceMode | undefined> {
  return (yield* modesNow(deps)).find((mode) => keyOf(mode.scope) === keyOf(scope))
}

function* queuesIn({ store }: Deps, scope: MaintenanceScope): Script<readonly string[] | null> {
  return scope.type === 'server' ? null : idsOf(yield* store.tables.workQueues.ofPool(scope.id))
}

function* tellOf(
  deps: Deps,
  told: Told[],
  what: 'started' | 'changed' | 'ended',
  { scope, message, startedAt }: MaintenanceMode,
  more: Readonly<Record<string, unknown>>,
): Script<void> {
  const resource =
    scope.type === 'server'
      ? { [RESOURCE_ID]: 'tutti.server', [RESOURCE_NAME]: 'server' }
      : { [RESOURCE_ID]: `prefect.work-pool.${scope.id}`, [RESOURCE_NAME]: scope.name }
  const payload = JsonText.of({ message, started_at: formatInstant(startedAt), ...more })
  yield* emit(deps, told, { name: `tutti.maintenance.${what}`, resource, payload })
  told.push({ type: 'changed', noun: 'maintenance', id: keyOf(scope) })
}
