import { afterEach, expect, test } from 'vitest'
import type { Store } from '../../src/store/port.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { systemClock } from '../../src/system/clock.ts'
import { createRecords } from '../conformance/records.ts'
import { PostgresCluster, querySql } from '../tools/postgres-cluster.ts'

const clock = systemClock()
const closing: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

async function startCluster(): Promise<PostgresCluster> {
  const cluster = await PostgresCluster.start()
  closing.push(() => cluster.stop())
  return cluster
}

async function open(url: string, busyTimeoutMs = 60_000): Promise<Store> {
  const store = await openPostgres({ url, clock, busyTimeoutMs })
  closing.push(() => store.close())
  return store
}

/** Writes log lines, one after the other, some beside others and some alone, until it is stopped; gives the ids that were acknowledged. */
function keepWriting(store: Store, seed: number) {
  const records = createRecords(seed)
  const acknowledged: string[] = []
  let stopped = false
  const writeOn = async (): Promise<void> => {
    while (!stopped) {
      const record = records.log(`run-${seed}`)
      await store.write(() => store.tables.logs.append(record), { beside: acknowledged.length % 2 === 0 })
      acknowledged.push(record.id)
    }
  }
  const done = writeOn()
  return {
    acknowledged,
    /** Resolves when as many more have been acknowledged. */
    async more(count: number): Promise<void> {
      const wanted = acknowledged.length + count
      while (acknowledged.length < wanted) {
        const failed = await Promise.race([done.then(() => true), clock.sleep(5)])
        if (failed === true) return
      }
    },
    async stop(): Promise<void> {
      stopped = true
      await done
    },
  }
}

async function missing(url: string, acknowledged: readonly string[]): Promise<readonly string[]> {
  const kept = new Set((await querySql(url, 'select id from logs')).map(({ id }) => id))
  return acknowledged.filter((id) => !kept.has(id))
}

test('a server that is killed and started again loses nothing that was acknowledged, and writers only wait', async () => {
  const cluster = await startCluster()
  const store = await open(cluster.url)
  const writers = [1, 2, 3, 4].map((seed) => keepWriting(store, seed))

  for (let kills = 0; kills < 3; kills += 1) {
    await Promise.all(writers.map((writer) => writer.more(20)))
    await cluster.crash()
    await cluster.restart()
  }
  await Promise.all(writers.map((writer) => writer.more(20)))
  await Promise.all(writers.map((writer) => writer.stop()))

  const acknowledged = writers.flatMap((writer) => writer.acknowledged)
  expect(await missing(cluster.url, acknowledged)).toEqual([])
  expect(acknowledged.length).toBeGreaterThanOrEqual(320)
})

test('after a failover to a synchronous standby everything acknowledged is there, and writers go on', async () => {
  const cluster = await startCluster()
  const standby = new URL(await cluster.standby())
  const primary = new URL(cluster.url)
  const store = await open(`postgres://tutti:tutti@${primary.host},${standby.host}/tutti`)
  const writers = [1, 2, 3, 4].map((seed) => keepWriting(store, seed))

  await Promise.all(writers.map((writer) => writer.more(20)))
  await cluster.crash()
  await cluster.promote()
  await Promise.all(writers.map((writer) => writer.more(20)))
  await Promise.all(writers.map((writer) => writer.stop()))

  const acknowledged = writers.flatMap((writer) => writer.acknowledged)
  expect(await missing(standby.href, acknowledged)).toEqual([])
  expect(acknowledged.length).toBeGreaterThanOrEqual(160)
})

test('a server that hangs is given up in time, and used again when it goes on', async () => {
  const cluster = await startCluster()
  const store = await open(cluster.url, 1_000)
  const records = createRecords()
  const write = () => store.write(() => store.tables.logs.append(records.log('run-1')))
  await write()

  await cluster.pause()
  await expect(write()).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' })
  await cluster.resume()

  await expect(write()).resolves.toBeUndefined()
})
