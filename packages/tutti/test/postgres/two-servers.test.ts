import { afterEach, expect, test, vi } from 'vitest'
import type { Event } from '../../src/core/event.ts'
import { JsonText } from '../../src/core/literal-json.ts'
import type { Told } from '../../src/core/told.ts'
import { hearElsewhere } from '../../src/orchestrator/elsewhere.ts'
import { createOrchestrator } from '../../src/orchestrator/index.ts'
import { createServerOrchestrator } from '../../src/orchestrator/server.ts'
import type { Store } from '../../src/store/port.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { createSecretBox } from '../../src/store/secrets.ts'
import { systemClock } from '../../src/system/clock.ts'
import { seededRandom } from '../../src/testing/seeded-random.ts'
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

  expect(heard).toEqual([
    { type: 'changed', noun: 'events', id: '' },
    { type: 'changed', noun: 'flow_runs', id: '' },
  ])
})

test('an event that one server takes is told by the others, whole', async () => {
  const url = await databases.make()
  const clock = systemClock()
  const [one, other] = [await openPostgres({ url, clock }), await openPostgres({ url, clock })]
  stores.push(one, other)
  const secrets = createSecretBox(new Uint8Array(32), seededRandom(2))
  const ids = seededIds(3)
  const taking = createServerOrchestrator({
    store: one,
    clock,
    ids,
    random: seededRandom(1),
    secrets,
    liveness: new Processes(),
    resultsFolder: null,
  })
  const heard: Told[] = []
  await hearElsewhere(other, (told) => heard.push(...told))
  const event: Event = {
    id: ids.next(),
    name: 'order.placed',
    occurredAt: clock.now(),
    receivedAt: clock.now(),
    resource: { 'prefect.resource.id': 'order.1' },
    related: [],
    payload: new JsonText('{"price":1.0}'),
    follows: null,
  }

  await taking.events.append([{ event, report: null }])
  await vi.waitFor(() => expect(heard).not.toEqual([]), PATIENTLY)

  expect(heard).toEqual([{ type: 'event', event }])
})
