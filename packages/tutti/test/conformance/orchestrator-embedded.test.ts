import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { createOrchestrator } from '../../src/orchestrator/index.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import { systemClock } from '../../src/system/clock.ts'
import { orchestratorCases } from './orchestrator.ts'
import type { OpenHome } from './home.ts'
import { seededIds } from './records.ts'

const folder = mkdtempSync(join(tmpdir(), 'tutti-orchestrator-'))
let homes = 0

afterAll(() => rm(folder, { recursive: true }))

/** Over a database in this process. Its ids are others than those of the records. */
function embedded(place: () => { readonly path: string; readonly resultsFolder: string | null }): OpenHome {
  return async ({ time, processes }) => {
    const { path, resultsFolder } = place()
    // Whoever waits for a lock waits in real time.
    const store = await openSqlite({ path, clock: systemClock() })
    return createOrchestrator({ store, clock: time, ids: seededIds(2), liveness: processes, resultsFolder })
  }
}

orchestratorCases(
  'in process, in memory',
  embedded(() => ({ path: ':memory:', resultsFolder: null })),
)
orchestratorCases(
  'in process, over a file',
  embedded(() => {
    homes += 1
    return { path: join(folder, `${homes}.db`), resultsFolder: join(folder, `${homes}`) }
  }),
)
