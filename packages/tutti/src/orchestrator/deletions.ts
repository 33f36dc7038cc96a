import type { Script } from '../store/port.ts'
import type { Deps } from './deps.ts'

/** What goes in one transaction: whoever waits for the lock waits no longer than this takes. */
const ROWS_PER_BATCH = 1_000
const RUNS_PER_BATCH = 50

/**
 * Deletes what is left of deleted runs, in batches; what a crash interrupts goes on with the next call. A run's row goes first, so that nobody
 * finds a run of which a part is missing. Returns how many rows went.
 */
export async function sweepDeleted(deps: Deps, batchesMax: number): Promise<number> {
  let rows = 0
  for (let batch = 0; batch < batchesMax; batch++) {
    const swept = await deps.store.write(() => sweepBatch(deps))
    rows += swept.rows
    for (const id of swept.done) await deps.files.deleteRun(id)
    if (swept.done.length > 0) {
      await deps.store.write(function* () {
        for (const id of swept.done) yield* deps.store.tables.retention.forget(id)
      })
    }
    if (swept.all) break
  }
  return rows
}

interface SweptBatch {
  readonly rows: number
  /** Runs of which nothing is left but files. */
  readonly done: readonly string[]
  readonly all: boolean
}

function* sweepBatch({ store, clock }: Deps): Script<SweptBatch> {
  const { flowRuns, retention } = store.tables
  const deleted = yield* retention.deleted(RUNS_PER_BATCH)
  const done: string[] = []
  let rows = 0
  let found = 0
  for (const id of deleted) {
    const left = ROWS_PER_BATCH - rows
    if (left <= 0) return { rows, done, all: false }
    const sweep = yield* retention.sweep(id, left)
    yield* flowRuns.delete(sweep.found, clock.now())
    rows += sweep.rows
    found += sweep.found.length
    if (sweep.rows < left) done.push(id)
  }
  return { rows, done, all: found === 0 && done.length === deleted.length && deleted.length < RUNS_PER_BATCH }
}
