import { afterEach, expect, test, vi } from 'vitest'
import type { Told } from '../../src/core/told.ts'
import { hearElsewhere } from '../../src/orchestrator/elsewhere.ts'
import { createOrchestrator } from '../../src/orchestrator/index.ts'
import type { Store } from '../../src/store/port.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { systemClock } from '../../src/system/clock.ts'
import { Actions, Processes, StoppedTime } from '../conformance/home.ts'
import { seededIds } from '../conformance/records.ts'
import { TestDatabases } from './databases.ts'

const PATIENTLY = { timeout: 30_000 }
const databases = new TestDatabases()
const stores: Store[] = []

afterEach(async () => {
  for (const store of stores.splice(0)) await store.close()
})

/** A process that writes, and another one on the same database that hears of it. */
async function twoProcesses() {
  const url = await databases.make()
  const open = async (): Promise<Store> => {
    const store = await openPostgres({ url, clock: systemClock() })
    stores.push(store)
    return store
  }
  const [time, processes] = [new StoppedTime(), new Processes()]
  const orchestrator = createOrchestrator({ store: await open(), clock: time, ids: seededIds(2), liveness: processes, resultsFolder: null })
  const heard: Told[] = []
  await hearElsewhere(await open(), (told) => heard.push(...told))
  return { actions: new Actions({ orchestrator, time, processes }), heard }
}

test('a server hears of the flow runs that other processes on its database begin and end', async () => {
  const { actions, heard } = await twoProcesses()

  const run = await actions.begin()
  await vi.waitFor(() => expect(heard).toHaveLength(1), PATIENTLY)
  actions.home.time.advance(1_000_000)
  await actions.home.orchestrator.flowRuns.command(run.id, { type: 'cancel', message: 'enough' })
  await vi.waitFor(() => expect(heard).toHaveLength(2), PATIENTLY)

  expect(heard).toMatchObject([
    { type: 'flow-run', run: { id: run.id, state: { type: 'running' } }, from: { type: 'pending' } },
    { type: 'flow-run', run: { id: run.id, state: { type: 'cancelling' } }, from: { type: 'running' } },
  ])
})

test('of many changes in one transaction a server hears once, and looks for itself', async () => {
  const { actions, heard } = await twoProcesses()

  const begins = Array.from({ length: 200 }, () => ({ type: 'begin', run: actions.newRun(), parent: null }) as const)
  await actions.home.orchestrator.journal.flush(begins)
  await vi.waitFor(() => expect(heard).not.toEqual([]), PATIENTLY)

  expect(heard).toEqual([{ type: 'changed', noun: 'flow_runs', id: '' }])
})
