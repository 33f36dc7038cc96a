import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { JsonText } from '../../core/literal-json.ts'
import type { Told } from '../../core/told.ts'
import { createSecretBox } from '../../store/secrets.ts'
import { openSqlite } from '../../store/sqlite.ts'
import { createServerOrchestrator } from '../../orchestrator/server.ts'
import { systemClock } from '../../system/clock.ts'
import { systemLiveness } from '../../system/liveness.ts'
import { systemIds, systemRandom } from '../../system/random.ts'
import { loadSettings } from '../../settings/load.ts'
import { createCallers } from '../callers.ts'
import { openOrchestrator } from '../open-orchestrator.ts'
import type { OpenedOrchestrator } from '../open-orchestrator.ts'
import { READS } from './reads.ts'

let home: string
let told: Told[]
let opened: OpenedOrchestrator

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'tutti-writer-'))
  told = []
  opened = await openOrchestrator({
    settings: loadSettings({ TUTTI_HOME: home }, () => undefined),
    clock: systemClock(),
    callers: createCallers(),
    tell: (facts) => told.push(...facts),
    onLocked: () => undefined,
    onOutage: () => undefined,
    onUpgrade: () => undefined,
    onLost: (error) => {
      throw error
    },
  })
})

afterEach(async () => {
  await opened.orchestrator.close()
  rmSync(home, { recursive: true, force: true })
})

const newFlow = { name: 'sync', tags: ['nightly'], labels: new JsonText('{"weight":1.0}') }

test('what was written is read at once, as it was given', async () => {
  const { flow } = await opened.orchestrator.flows.ensure(newFlow)

  expect(await opened.orchestrator.flows.read(flow.id)).toEqual(flow)
  expect(flow.labels.text).toBe('{"weight":1.0}')
})

test('changes are told, with the classes of their values', async () => {
  await opened.orchestrator.flows.ensure(newFlow)

  expect(told).toMatchObject([{ type: 'event', event: { name: 'prefect.flow.created', payload: expect.any(JsonText) } }])
})

test('an operation that is refused throws the error it would throw here', async () => {
  const id = '019b7600-0000-7000-8000-000000000001'

  await expect(opened.orchestrator.flows.setTags(id, [])).rejects.toMatchObject({ name: 'TuttiError', code: 'NOT_FOUND' })
})

test('lines of logs are told only while somebody watches', async () => {
  const line = { flowRunId: null, taskRunId: null, logger: 'a', level: 20, message: 'unseen', timestamp: 1 }
  await opened.orchestrator.logs.append([line])

  opened.watch(true)
  await opened.orchestrator.logs.append([{ ...line, message: 'seen' }])

  expect(told).toMatchObject([{ type: 'logs', records: [{ message: 'seen' }] }])
})

test('every operation that is said to read is one', async () => {
  const clock = systemClock()
  const store = await openSqlite({ path: ':memory:', clock })
  const near = createServerOrchestrator({
    store,
    clock,
    ids: systemIds(clock),
    random: systemRandom(),
    secrets: createSecretBox(new Uint8Array(32), systemRandom()),
    liveness: systemLiveness(),
    resultsFolder: null,
  })
  const operations = new Map(Object.entries(near).map(([noun, verbs]) => [noun, Object.keys(verbs as object)]))

  const unknown = Object.entries(READS).flatMap(([noun, verbs]) =>
    verbs.filter((verb: string) => operations.get(noun)?.includes(verb) !== true).map((verb: string) => `${noun}.${verb}`),
  )

  expect(unknown).toEqual([])
  await store.close()
})
