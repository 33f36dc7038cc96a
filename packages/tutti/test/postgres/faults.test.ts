import { afterEach, expect, inject, test, vi } from 'vitest'
import type { Script, Store } from '../../src/store/port.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import type { StoreOutage } from '../../src/store/postgres.ts'
import { systemClock } from '../../src/system/clock.ts'
import { createRecords, T0 } from '../conformance/records.ts'
import { proxyBefore } from '../tools/fault-proxy.ts'
import { inDatabase, querySql } from '../tools/postgres-cluster.ts'
import { TestDatabases } from './databases.ts'

const databases = new TestDatabases()
const clock = systemClock()
const PATIENTLY = { timeout: 30_000 }
const closing: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

async function open(url: string, busyTimeoutMs = 20_000): Promise<Store> {
  const store = await openPostgres({ url, clock, busyTimeoutMs })
  closing.push(() => store.close())
  return store
}

async function throughProxy() {
  const direct = await databases.make()
  const { proxy, url } = await proxyBefore(direct)
  closing.push(() => proxy.close())
  return { direct, proxy, store: await open(url) }
}

const countLogs = async (url: string): Promise<number> => Number((await querySql(url, 'select count(*) as n from logs'))[0]?.['n'])
const countHeld = async (url: string): Promise<number> =>
  Number(
    (
      await querySql(
        url,
        "select count(*) as n from pg_locks where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())",
      )
    )[0]?.['n'],
  )

/** Adds to a counter: done twice, it shows. */
function* count(store: Store, between: () => void = () => undefined): Script<void> {
  const run = createRecords().flowRun()
  yield* store.tables.flowRuns.insert(run, [])
  yield { sql: COUNT, parameters: [], rows: false }
  between()
}

const COUNT =
  "insert into run_counts_until (noun, quarter) values ('a test', 1) on conflict (noun) do update set quarter = run_counts_until.quarter + 1"

const counted = async (url: string): Promise<unknown> =>
  (await querySql(url, 'select coalesce(sum(quarter), 0)::int as times from run_counts_until'))[0]?.['times']

test('a change whose connection breaks before its commit is made by another connection, once', async () => {
  const { direct, proxy, store } = await throughProxy()
  let attempts = 0

  await store.write(() =>
    count(store, () => {
      attempts += 1
      if (attempts === 1) proxy.cut()
    }),
  )

  expect(attempts).toBe(2)
  expect(await counted(direct)).toBe(1)
})

test('a commit whose answer is lost counts: the change is not made again', async () => {
  const { direct, proxy, store } = await throughProxy()
  let attempts = 0

  const written = store.write(() =>
    count(store, () => {
      attempts += 1
      proxy.stall('down')
    }),
  )
  await vi.waitFor(async () => expect(await counted(direct)).toBe(1), PATIENTLY)
  proxy.cut()
  proxy.stall('none')
  await written

  expect(attempts).toBe(1)
  expect(await counted(direct)).toBe(1)
})

test('a commit that never reached the server is made again', async () => {
  const { direct, proxy, store } = await throughProxy()
  let attempts = 0

  const written = store.write(() =>
    count(store, () => {
      attempts += 1
      if (attempts === 1) proxy.stall('up')
    }),
  )
  await vi.waitFor(() => expect(attempts).toBe(1), PATIENTLY)
  proxy.cut()
  proxy.stall('none')
  await written

  expect(attempts).toBe(2)
  expect(await counted(direct)).toBe(1)
})

test('reads and writes go on when the server has ended every connection', async () => {
  const url = await databases.make()
  const store = await open(url)
  const records = createRecords()
  const write = () => store.write(() => store.tables.logs.append(records.log('run-1')))
  await write()

  await querySql(
    url,
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
  )
  await write()
  await store.read(() => store.tables.flows.list(1, undefined))

  expect(await countLogs(url)).toBe(2)
})

test('of scripts that share a commit one may fail, and the others land', async () => {
  const url = await databases.make()
  const store = await open(url)
  const records = createRecords()
  const log = () => store.write(() => store.tables.logs.append(records.log('run-1')))
  const failing = () =>
    store.write(function* (): Script<void> {
      yield* store.tables.logs.append(records.log('run-1'))
      throw new Error('decided otherwise')
    })
  const refused = () => store.write(() => store.tables.logs.append({ ...records.log('run-1'), timestamp: NaN }))

  const ended = await Promise.allSettled([log(), log(), failing(), log(), refused(), log()])

  expect(ended.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled'])
  expect(ended[2]).toMatchObject({ reason: { message: 'decided otherwise' } })
  expect(ended[4]).toMatchObject({ reason: { code: 'STORE_REFUSED' } })
  expect(await countLogs(url)).toBe(4)
})

test('scripts run one after the other, also those of several processes', async () => {
  const url = await databases.make()
  const stores = [await open(url), await open(url)]
  const seen: string[] = []

  await Promise.all(
    stores.map((store) =>
      store.write(function* () {
        yield* store.tables.flows.byName('none')
        seen.push('begins')
        yield { sql: 'SELECT pg_sleep(0.05)', parameters: [], rows: true }
        seen.push('ends')
      }),
    ),
  )

  expect(seen).toEqual(['begins', 'ends', 'begins', 'ends'])
  expect(await countHeld(url)).toBe(0)
})

test('scripts that may run beside others of their kind do', async () => {
  const url = await databases.make()
  const stores = [await open(url), await open(url)]
  const held = {
    sql: "SELECT count(*) AS n, pg_sleep(0.01) FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
    parameters: [],
    rows: true,
  }

  // One of them has seen both locks; the other may come too late to see the first one's.
  let met = false
  const together = stores.map((store) =>
    store.write(
      function* () {
        while (!met) {
          const { rows } = yield held
          met ||= Number(rows[0]?.['n']) === 2
        }
        return 'met'
      },
      { beside: true },
    ),
  )

  expect(await Promise.all(together)).toEqual(['met', 'met'])
})

test('a server that is away is waited for, and then named without its password', async () => {
  const url = await databases.make()
  const { proxy, url: through } = await proxyBefore(url)
  await proxy.close()

  const opened = openPostgres({ url: through, clock, busyTimeoutMs: 300 })

  await expect(opened).rejects.toMatchObject({
    code: 'STORE_UNREACHABLE',
    message: expect.stringMatching(/postgresql:\/\/127\.0\.0\.1:\d+\/test_.*ECONNREFUSED/),
  })
  await expect(opened).rejects.toMatchObject({ message: expect.not.stringContaining(':tutti@') })
})

test('a server that is away is told of once, and once more when it is back', async () => {
  const { proxy, url } = await proxyBefore(await databases.make())
  closing.push(() => proxy.close())
  const outages: StoreOutage[] = []
  const store = await openPostgres({ url, clock, busyTimeoutMs: 60_000, onOutage: (outage) => outages.push(outage) })
  closing.push(() => store.close())

  proxy.refuse(true)
  proxy.cut()
  const looks = [store.info(), store.info()]
  await vi.waitFor(() => expect(outages).toHaveLength(1), PATIENTLY)
  proxy.refuse(false)
  await Promise.all(looks)

  expect(outages.map(({ type }) => type)).toEqual(['away', 'back'])
})

test('a host that nobody knows is not waited for', async () => {
  const opened = openPostgres({ url: 'postgres://tutti@nowhere.invalid/tutti', clock })

  await expect(opened).rejects.toMatchObject({ code: 'STORE_ADDRESS_WRONG', message: expect.stringContaining('nowhere.invalid') })
})

test('a question that takes too long is given up, by the server too', async () => {
  const url = await databases.make()
  const store = await open(url, 300)

  const asked = store.read(function* () {
    return (yield { sql: 'SELECT pg_sleep(60)', parameters: [], rows: true }).rows
  })

  await expect(asked).rejects.toMatchObject({ code: 'STORE_FAILED', message: expect.stringContaining('statement timeout') })
  expect(
    await querySql(
      url,
      "select 1 from pg_stat_activity where query like '%pg_sleep(60)%' and state = 'active' and pid <> pg_backend_pid()",
    ),
  ).toEqual([])
})

test('a wrong password is told at once and not repeated', async () => {
  const address = new URL(inject('postgresUrl'))
  address.password = 'wrong-secret'

  const opened = openPostgres({ url: address.href, clock })

  await expect(opened).rejects.toMatchObject({
    code: 'STORE_ADDRESS_WRONG',
    message: expect.stringContaining('password authentication failed'),
  })
  await expect(opened).rejects.toMatchObject({ message: expect.not.stringContaining('wrong-secret') })
})

test('a database that is not there is named', async () => {
  const opened = openPostgres({ url: inDatabase(inject('postgresUrl'), 'nobody_made_this'), clock })

  await expect(opened).rejects.toMatchObject({
    code: 'STORE_ADDRESS_WRONG',
    message: expect.stringContaining('"nobody_made_this" does not exist'),
  })
})

test('a database that a newer program has changed is left as it is', async () => {
  const url = await databases.make()
  await querySql(url, `insert into schema_versions (version, name, applied_at) values (999, '0999-later', ${T0})`)

  await expect(openPostgres({ url, clock })).rejects.toMatchObject({ code: 'STORE_TOO_NEW' })
})

test('an empty database that several open at once is made ready once', async () => {
  const url = await databases.makeEmpty()

  const stores = await Promise.all([open(url), open(url), open(url), open(url)])

  const versions = await Promise.all(stores.map(async (store) => (await store.info()).schemaVersion))
  expect(new Set(versions).size).toBe(1)
  expect(versions[0]).toBeGreaterThan(0)
})

test('ids and names are in the order of their bytes, whatever the language of the database', async () => {
  const url = await databases.makeEmpty({ locale: 'und-x-icu' })
  const store = await open(url)
  const names = ['a', 'B', 'é', 'Z', '_', 'b-1', 'b_1', 'b 1']

  await store.write(function* () {
    for (const name of names) yield* store.tables.flows.ensure(name, `id-${name}`, T0)
  })
  const { items } = await store.read(() => store.tables.flows.list(100, undefined))

  expect(items.map(({ name }) => name)).toEqual(names.toSorted())
})

test.each([3_600_000_000, -3_600_000_000])('a machine whose clock is %i µs off goes by the clock of the database', async (offUs) => {
  const off = systemClock()
  off.correct?.(offUs)
  const store = await openPostgres({ url: await databases.make(), clock: off })
  closing.push(() => store.close())

  const now = off.now()

  expect(Math.abs(now - clock.now())).toBeLessThan(60_000_000)
})

test('a copy to a file is refused with the tool to use', async () => {
  const store = await databases.open()
  closing.push(() => store.close())

  await expect(store.backup('/tmp/copy.db')).rejects.toMatchObject({ code: 'NOT_FOR_POSTGRES' })
})

test('what the database is made of is told, without the password', async () => {
  const store = await databases.open()
  closing.push(() => store.close())
  await store.vacuum()

  const info = await store.info()

  expect(info).toMatchObject({ dialect: 'postgres', rows: { flow_runs: 0 }, settings: { server_version: expect.any(String) } })
  expect(info.location).toMatch(/^postgresql:\/\/127\.0\.0\.1:\d+\/test_/)
  expect(info.sizeBytes).toBeGreaterThan(0)
})
