import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Engine } from '../engine/engine.ts'
import type { Settings } from '../settings/load.ts'

/** Runs found Crashed when a process opens the store; more are left to the next one, so that opening stays quick. */
const RECOVER_MAX = 200
const RETAIN_ROWS_MAX = 1_000
const HOUR_MS = 3_600_000

/** Tells of runs whose process died: they become Crashed, ready to be resumed. */
export async function recoverRuns(engine: Engine): Promise<void> {
  await engine.orchestrator.flowRuns.recover(RECOVER_MAX)
}

/**
 * Deletes what is past keeping: one small batch, at most once an hour for each home, so that a script never pays for more.
 * Returns how many rows went.
 */
export async function retainHourly(engine: Engine, settings: Settings): Promise<number> {
  const marker = join(settings.home, 'last-retention')
  const nowMs = engine.clock.now() / 1000
  const before = await stat(marker).then(
    (file) => file.mtimeMs,
    () => 0,
  )
  if (nowMs - before < HOUR_MS) return 0
  await writeFile(marker, '')
  return engine.orchestrator.maintenance.retain({ flowRunDays: settings.keepFlowRunsDays, logDays: settings.keepLogsDays }, RETAIN_ROWS_MAX)
}
