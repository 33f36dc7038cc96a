import { afterAll, beforeAll, expect, test } from 'vitest'
import { flow, task } from 'tutti'
import { testTutti } from 'tutti/testing'
import { GcsBucket, gcsResults } from '@tutti/gcp'
import { allOf, openLocalCloud } from './cloud.ts'
import type { LocalCloud } from './cloud.ts'

let cloud: LocalCloud

beforeAll(async () => {
  cloud = await openLocalCloud()
})

afterAll(() => cloud.close())

test('a large result is kept in the bucket of a saved block, and another process goes on with it', async () => {
  await using tutti = await testTutti()
  const rows = Array.from({ length: 20_000 }, (_, at) => ({ trip: at }))
  let made = 0
  const fails = { now: true }
  const read = task({ name: 'read' }, async () => {
    made += 1
    return rows
  })
  const etl = flow({ name: 'etl', results: { storage: gcsResults('results') } }, async () => {
    await GcsBucket.save('results', { bucket: 'trips', folder: 'results', emulator: cloud.server.url }, { overwrite: true })
    const all = await read()
    if (fails.now) throw new Error('the process dies')
    return all.length
  })

  const { id } = await tutti.run(etl)
  fails.now = false
  const { result } = await tutti.retry(etl, id)

  const kept = await allOf(cloud.bucket.list({ prefix: `results/${id}/` }))
  expect(result).toBe(20_000)
  expect(made).toBe(1)
  expect(kept).toHaveLength(1)
  expect(kept[0]?.sizeBytes).toBeGreaterThan(100_000)
  await etl.delete(id)
  expect(await allOf(cloud.bucket.list({ prefix: `results/${id}/` }))).toEqual([])
})

test('a result that is gone from the bucket ends the run with its address', async () => {
  await using tutti = await testTutti()
  const fails = { now: true }
  const bucket = cloud.bucket.in('gone')
  const large = task({ name: 'large' }, async () => 'x'.repeat(100_000))
  const etl = flow({ name: 'etl', results: { storage: gcsResults(bucket) } }, async () => {
    await large()
    if (fails.now) throw new Error('later')
  })
  const { id } = await tutti.run(etl)
  await bucket.deleteAll({ glob: '**' })
  fails.now = false

  const { error } = await tutti.retry(etl, id)

  expect(String(error)).toContain(`gs://trips/gone/${id}/`)
})
