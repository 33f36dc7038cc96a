import { expect, test } from 'vitest'
import { eventLoop } from '../../system/event-loop.ts'
import { VirtualClock } from '../../testing/virtual-clock.ts'
import { ThreadPool } from './thread-pool.ts'

const file = new URL('../../../test/fixtures/on-threads.ts', import.meta.url)
const call = (exportName: string, ...args: readonly unknown[]) => ({ file, exportName, args })

function shared(length: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(length * Int32Array.BYTES_PER_ELEMENT))
}

/** Resolves when a thread has written a number other than 0. */
async function written(cell: Int32Array): Promise<void> {
  const { async, value } = Atomics.waitAsync(cell, 0, 0)
  if (async) await value
}

function open(gate: Int32Array): void {
  Atomics.store(gate, 0, 1)
  Atomics.notify(gate, 0)
}

/** A pool of one thread that is held until the gate opens. */
async function heldPool() {
  const pool = new ThreadPool({ sizeMax: 1 })
  const gate = shared(1)
  const seen = shared(1)
  const holding = pool.run(call('holdThread', seen, gate))
  await written(seen)
  return { pool, gate, holding }
}

test('calls wait in line for a thread and begin in the order they came', async () => {
  const { pool, gate, holding } = await heldPool()
  const list = shared(6)

  const calls = [1, 2, 3, 4, 5].map((number) => pool.run(call('sign', list, number)))
  open(gate)
  await Promise.all([holding, ...calls])

  expect([...list]).toEqual([5, 1, 2, 3, 4, 5])
})

test('a thread that has done its call is used again', async () => {
  const pool = new ThreadPool({ sizeMax: 2 })

  const first = await pool.run(call('where'))

  expect(await pool.run(call('where'))).toBe(first)
})

test('a call that is aborted in line never begins, and the ones behind it do', async () => {
  const { pool, gate, holding } = await heldPool()
  const list = shared(3)
  const controller = new AbortController()

  const aborted = pool.run(call('sign', list, 1), controller.signal)
  const behind = pool.run(call('sign', list, 2))
  const outcome = aborted.catch((reason: unknown) => reason)
  // A turn of the event loop later both are in line.
  await new Promise((resolve) => setImmediate(resolve))
  controller.abort('changed my mind')
  open(gate)
  await Promise.all([holding, behind])

  expect(await outcome).toBe('changed my mind')
  expect([...list]).toEqual([1, 2, 0])
})

test('a call whose signal has aborted before never begins', async () => {
  const list = shared(2)

  await expect(new ThreadPool().run(call('sign', list, 1), AbortSignal.abort('too late'))).rejects.toBe('too late')

  expect([...list]).toEqual([0, 0])
})

test('aborting ends the thread at once, with the reason of the signal, and the next call has another thread', async () => {
  const pool = new ThreadPool({ sizeMax: 1 })
  const before = await pool.run(call('where'))
  const started = shared(1)
  const controller = new AbortController()

  const spinning = pool.run(call('spin', started), controller.signal)
  await written(started)
  controller.abort('enough')

  await expect(spinning).rejects.toBe('enough')
  expect(await pool.run(call('where'))).not.toBe(before)
})

test('an error that nobody caught ends the thread and fails the call it had', async () => {
  const pool = new ThreadPool({ sizeMax: 1 })

  await expect(pool.run(call('crashLater'))).rejects.toMatchObject({
    code: 'THREAD_CRASHED',
    message: expect.stringContaining('nobody caught this') as string,
  })

  expect(await pool.run(call('fib', 10))).toBe(55)
})

test('what the function posts itself is not taken for its result', async () => {
  expect(await new ThreadPool().run(call('chatter'))).toBe('right')
})

test('a thread that had nothing to do for a while is ended', async () => {
  const clock = new VirtualClock({ start: 0, loop: eventLoop(), jumps: false })
  const pool = new ThreadPool({ sizeMax: 1, clock })
  const first = await pool.run(call('where'))

  await clock.advance(60_000)

  expect(await pool.run(call('where'))).not.toBe(first)
  clock.close()
})
