import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { createOrchestrator } from '../../src/orchestrator/index.ts'
import { createSecretBox } from '../../src/store/secrets.ts'
import { seededRandom } from '../../src/testing/seeded-random.ts'
import { seededIds } from '../conformance/records.ts'
import { orchestratorCases } from '../conformance/orchestrator.ts'
import { TestDatabases } from './databases.ts'

const databases = new TestDatabases()
const folder = mkdtempSync(join(tmpdir(), 'tutti-orchestrator-postgres-'))
let homes = 0

afterAll(() => rm(folder, { recursive: true, force: true }))

orchestratorCases('in process, over PostgreSQL', async ({ time, processes }) => {
  homes += 1
  const store = await databases.open()
  const secrets = createSecretBox(new Uint8Array(32), seededRandom(2))
  const resultsFolder = join(folder, `${homes}`)
  return createOrchestrator({ store, clock: time, ids: seededIds(2), liveness: processes, secrets, resultsFolder })
})
