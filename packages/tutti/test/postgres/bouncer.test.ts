import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Script, Store } from '../../src/store/port.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { systemClock } from '../../src/system/clock.ts'
import { createRecords, T0 } from '../conformance/records.ts'
import { storeCases } from '../conformance/store.ts'
import { inDatabase, makeDatabase, PostgresCluster, querySql } from '../tools/postgres-cluster.ts'

const clock = systemClock()
const PATIENTLY = { timeout: 30_000 }
let cluster: PostgresCluster
let bouncer: string
let made = 0

beforeAll(async () => {
  cluster = await PostgresCluster.start({ fast: true })
  bouncer = await cluster.bouncer()
})
afterAll(() => cluster.stop())

/** A new database, and its address through the pooler. */
async function makeBehind(parameters = ''): Promise<string> {
  made += 1
  await makeDatabase(cluster.url, `behind_${made}`)
  return `${inDatabase(bouncer, `behind_${made}`)}${parameters}`
}

storeCases('PostgreSQL behind PgBouncer in transaction mode', async () => openPostgres({ url: await makeBehind(), clock }))

test.each([
  ['that finds out by itself', ''],
  ['that is told', '?prepare=false'],
])('a pooler that hands connections on between transactions serves many stores at once (%s)', async (_, parameters) => {
  const url = await makeBehind(parameters)
  const stores = await Promise.all(Array.from({ length: 6 }, () => openPostgres({ url, clock })))
  const records = createRecords()
  const write = async (store: Store, beside: boolean): Promise<void> => {
    const record = { ...records.log('run-1'), timestamp: T0 }
    await store.write(() => store.tables.logs.append(record), { beside })
    await store.read(() => store.tables.logs.list({ flowRunId: 'run-1', limit: 10 }))
  }

  for (let round = 0; round < 20; round += 1) await Promise.all(stores.map((store, index) => write(store, (index + round) % 2 === 0)))

  const direct = new URL(url)
  direct.search = ''
  expect((await querySql(direct.href, 'select count(*)::int as n from logs'))[0]).toEqual({ n: 120 })
  await Promise.all(stores.map((store) => store.close()))
})

test('of many questions of one store at once none fails because another has found out about the pooler', async () => {
  const url = await makeBehind()
  for (let round = 0; round < 5; round += 1) {
    const store = await openPostgres({ url: `${url}?pool=8`, clock })
    const ask = () => store.read(() => store.tables.logs.list({ flowRunId: 'run-1', limit: 10 }))

    const answers = await Promise.all(Array.from({ length: 40 }, ask))

    expect(answers.flatMap(({ items }) => items)).toEqual([])
    await store.close()
  }
})

test('wake-ups are heard past a pooler, where the address says where to listen', async () => {
  const url = await makeBehind(`?listen=${new URL(cluster.url).host}`)
  const [store, other] = [await openPostgres({ url, clock }), await openPostgres({ url, clock })]
  const heard: (string | null)[] = []

  await other.wakes?.listen('pool', (payload) => heard.push(payload))
  await store.write(function* (): Script<void> {
    if (store.wakes !== undefined) yield* store.wakes.wake('pool', 'run-1')
  })

  await vi.waitFor(() => expect(heard).toEqual(['run-1']), PATIENTLY)
  await store.close()
  await other.close()
})
