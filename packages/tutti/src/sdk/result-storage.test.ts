import { expect, test } from 'vitest'
import type { ResultStorage } from '../core/result-storage.ts'
import { testTutti } from '../testing/index.ts'
import { flow } from './flow.ts'
import { task } from './task.ts'

const LARGE = 'x'.repeat(100_000)

/** A storage in memory, which counts what it is asked for. */
function memoryStorage(): ResultStorage & { readonly kept: Map<string, Uint8Array>; reads: number } {
  const kept = new Map<string, Uint8Array>()
  return {
    kept,
    reads: 0,
    async write(name, bytes) {
      kept.set(`memory://${name}`, bytes)
      return `memory://${name}`
    },
    async read(address) {
      this.reads += 1
      const bytes = kept.get(address)
      if (bytes === undefined) throw new Error(`there is no ${address}`)
      return bytes
    },
  }
}

/** Fails after its task the first time. */
function failsOnce(storage: ResultStorage, results: readonly unknown[] = [LARGE]) {
  const calls: unknown[] = []
  const fails = { now: true }
  const make = task({ name: 'make' }, async (at: number) => {
    calls.push(at)
    return results[at]
  })
  const make2 = flow({ name: 'make-it', results: { storage } }, async () => {
    const made = await Promise.all(results.map((_, at) => make(at)))
    if (fails.now) throw new Error('later')
    return made.map((each) => String(each).length)
  })
  return { flow: make2, calls, fails }
}

test('a large result goes to the storage of its flow, and a resumed run reads it from there', async () => {
  await using tutti = await testTutti()
  const storage = memoryStorage()
  const { flow: making, calls, fails } = failsOnce(storage, [LARGE, 'small'])

  const { id } = await tutti.run(making)
  fails.now = false
  const { result } = await tutti.retry(making, id)

  expect(result).toEqual([100_000, 5])
  expect(calls).toEqual([0, 1])
  expect([...storage.kept.keys()]).toEqual([expect.stringMatching(`^memory://${id}/`)])
  expect(storage.reads).toBe(1)
})

test('the result of the flow itself goes there too', async () => {
  await using tutti = await testTutti()
  const storage = memoryStorage()
  const large = flow({ name: 'large', results: { storage }, idempotencyKey: 'once' }, async () => LARGE)

  await tutti.run(large)
  const again = await tutti.run(large)

  expect(again.result).toBe(LARGE)
  expect(storage.kept.size).toBe(1)
  expect(storage.reads).toBe(1)
})

test('a storage that is opened by a function is opened once, when it is needed', async () => {
  await using tutti = await testTutti()
  const storage = memoryStorage()
  let opened = 0
  const open = () => {
    opened += 1
    return storage
  }
  const small = flow({ name: 'small', results: { storage: open } }, async () => 1)
  const large = flow({ name: 'large', results: { storage: open } }, async () => {
    await task({ name: 'a' }, async () => LARGE)()
    return LARGE
  })

  await tutti.run(small)
  expect(opened).toBe(0)
  await tutti.run(large)

  expect(opened).toBe(1)
})

test('a result that the storage does not take fails its task and says why', async () => {
  await using tutti = await testTutti()
  const storage: ResultStorage = { write: () => Promise.reject(new Error('the disk is full')), read: () => Promise.reject(new Error('no')) }
  const { flow: making } = failsOnce(storage)

  const { error } = await tutti.run(making)

  expect(error).toMatchObject({ code: 'RESULT_STORAGE_FAILED', message: expect.stringContaining('the disk is full') })
})

test('what was changed in the storage is not taken for the result', async () => {
  await using tutti = await testTutti()
  const storage = memoryStorage()
  const { flow: making, fails } = failsOnce(storage)
  const { id } = await tutti.run(making)
  const [address] = storage.kept.keys()
  storage.kept.set(address!, Buffer.from('json\n"another"'))
  fails.now = false

  const { error } = await tutti.retry(making, id)

  expect(String(error)).toContain('is another result than was kept there')
})

test('a sub-flow keeps its result where it says, and its parent reads it from there when it is resumed', async () => {
  await using tutti = await testTutti()
  const storage = memoryStorage()
  const fails = { now: true }
  const child = flow({ name: 'child', results: { storage } }, async ({ month }: { month: number }) => LARGE.slice(month - 1))
  const parent = flow({ name: 'parent' }, async () => {
    const made = await child({ month: 1 })
    if (fails.now) throw new Error('later')
    return made.length
  })
  const { id } = await tutti.run(parent)
  fails.now = false

  const { result } = await tutti.retry(parent, id)

  expect(result).toBe(100_000)
  expect(storage.reads).toBe(1)
})

test('a cached result is read by a flow with the same storage, and made again by one without', async () => {
  await using tutti = await testTutti()
  const storage = memoryStorage()
  let made = 0
  const cached = task({ name: 'cached', cache: { by: 'inputs' } }, async (from: number) => {
    made += 1
    return LARGE.slice(from - 1)
  })
  const there = flow({ name: 'there', results: { storage } }, async () => (await cached(1)).length)
  const elsewhere = flow({ name: 'elsewhere' }, async () => (await cached(1)).length)

  await tutti.run(there)
  await tutti.run(there)
  expect(made).toBe(1)
  const { result } = await tutti.run(elsewhere)

  expect(result).toBe(100_000)
  expect(made).toBe(2)
})

test('a run that is deleted by its flow takes its results with it, where the storage can delete', async () => {
  await using tutti = await testTutti()
  const storage = memoryStorage()
  const deleting: ResultStorage = { ...storage, delete: async (address) => void storage.kept.delete(address) }
  const make = task({ name: 'make' }, async () => LARGE)
  const build = (kept: ResultStorage) =>
    flow({ name: 'make', results: { storage: kept } }, async () => {
      await make()
      return LARGE
    })
  const [one, other] = [await tutti.run(build(deleting)), await tutti.run(build(storage))]

  await build(deleting).delete(one.id)
  await build(storage).delete(other.id)

  expect([...storage.kept.keys()].filter((address) => address.includes(one.id))).toEqual([])
  expect([...storage.kept.keys()].filter((address) => address.includes(other.id))).toHaveLength(2)
  await expect(tutti.orchestrator.flowRuns.get(one.id)).rejects.toMatchObject({ code: 'FLOW_RUN_NOT_FOUND' })
})

test('a run that is deleted leaves the results that it reuses to the run that made them', async () => {
  await using tutti = await testTutti()
  const storage = memoryStorage()
  const deleting: ResultStorage = { ...storage, delete: async (address) => void storage.kept.delete(address) }
  const make = task({ name: 'make' }, async () => LARGE)
  const use = task({ name: 'use' }, async (made: string) => made.length)
  const making = flow({ name: 'make', results: { storage: deleting } }, async () => use(await make()))
  const made = await tutti.run(making)
  const rerun = await tutti.rerun(making, made.id, { from: 'use' })

  await making.delete(rerun.id)

  expect([...storage.kept.keys()]).toEqual([expect.stringContaining(made.id)])
})

test('results that could not be deleted are named, once the run is gone', async () => {
  await using tutti = await testTutti()
  const storage = memoryStorage()
  const failing: ResultStorage = { ...storage, delete: () => Promise.reject(new Error('not allowed')) }
  const large = flow({ name: 'large', results: { storage: failing } }, async () => LARGE)
  const { id } = await tutti.run(large)

  const deleting = large.delete(id)

  await expect(deleting).rejects.toMatchObject({
    code: 'RESULT_STORAGE_FAILED',
    message: expect.stringMatching(`are still at memory://${id}/.*: not allowed`) as string,
  })
})

test('a storage that is none is refused where the flow is made', () => {
  // @ts-expect-error a path is no storage
  expect(() => flow({ name: 'wrong', results: { storage: '/tmp' } }, async () => 1)).toThrow(/neither a storage nor a function/)
})
