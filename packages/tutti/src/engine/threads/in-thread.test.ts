import { expect, test } from 'vitest'
import { flow } from '../../sdk/flow.ts'
import { task } from '../../sdk/task.ts'
import { testTutti } from '../../testing/index.ts'
import { runAccess as run } from '../run-access.ts'
import { inThread } from './body.ts'
import type * as fixture from '../../../test/fixtures/on-threads.ts'

const module = new URL('../../../test/fixtures/on-threads.ts', import.meta.url)
const on = <Name extends keyof typeof fixture>(name: Name) =>
  inThread<Extract<(typeof fixture)[Name], (...args: never[]) => unknown>>(module, name)

function shared(length: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(length * Int32Array.BYTES_PER_ELEMENT))
}

/** Resolves when a thread has written a number other than 0. */
async function written(cell: Int32Array): Promise<void> {
  const { async, value } = Atomics.waitAsync(cell, 0, 0)
  if (async) await value
}

test('a task in a thread takes the name of its function and gives its result', async () => {
  await using tutti = await testTutti({ clock: 'system' })
  const fib = task({}, on('fib'))

  const result = await tutti.run(flow({ name: 'compute' }, () => fib(20)))

  expect(result).toMatchObject({ state: 'completed', result: 6765 })
  expect(result.calls.map((call) => call.task)).toEqual(['fib'])
})

test('two tasks compute at the same time', async () => {
  await using tutti = await testTutti({ clock: 'system' })
  const meet = task({ persist: false }, on('meet'))
  const seats = shared(2)

  const result = await tutti.run(flow({ name: 'together' }, () => Promise.all([meet(seats, 20_000), meet(seats, 20_000)])))

  expect(result.state).toBe('completed')
  expect(result.result).toEqual(expect.arrayContaining([0, 1]))
})

test('what the function throws comes back with its class, its cause and a stack that names the file', async () => {
  await using tutti = await testTutti({ clock: 'system' })
  const fail = task({ name: 'fail' }, on('fail'))

  const result = await tutti.run(flow({ name: 'failing' }, () => fail()))

  expect(result.state).toBe('failed')
  expect(result.error).toBeInstanceOf(RangeError)
  expect(result.error).toMatchObject({ message: 'too far', cause: { message: 'no brakes' } })
  expect((result.error as Error).stack).toContain('on-threads.ts')
})

test('what the function put on its error comes back too', async () => {
  await expect(on('failOwn')()).rejects.toMatchObject({ message: 'own', details: { row: 7 } })
})

test('a mistake in the call is not tried again', async () => {
  await using tutti = await testTutti({ clock: 'system' })
  const missing = task({ name: 'missing', retries: 5 }, inThread<() => void>(module, 'missing'))

  const result = await tutti.run(flow({ name: 'mistaken' }, () => missing()))

  expect(result.error).toMatchObject({ code: 'THREAD_EXPORT_NOT_FOUND' })
  expect(result.calls[0]).toMatchObject({ attempts: 1 })
})

test('the time of a test stands still while a thread computes', async () => {
  await using tutti = await testTutti()
  const compute = task({ name: 'compute', timeout: '1m', persist: false }, on('compute'))

  const result = await tutti.run(flow({ name: 'patient' }, () => compute(200)))

  expect(result.state).toBe('completed')
})

test('the source of the body is the file of its function, for caches by source', () => {
  expect(String(on('fib'))).toContain('inThread fib')
  expect(String(on('fib'))).toContain('return n < 2 ? n : fib(n - 1) + fib(n - 2)')
  expect(String(inThread<() => void>('nowhere.ts', 'fib'))).toContain('nowhere.ts')
})

test('cancelling the run ends a thread that never yields', async () => {
  await using tutti = await testTutti({ clock: 'system' })
  const started = shared(1)
  const ids: string[] = []
  const spinning = flow({ name: 'spinning' }, () => {
    ids.push(run().flowRunId)
    return task({ name: 'spin' }, on('spin'))(started)
  })

  const running = tutti.run(spinning)
  await written(started)
  await tutti.cancel(ids[0]!)

  expect((await running).state).toBe('cancelled')
})

test('a thread that ends in the middle fails that attempt only, and the next one has a new thread', async () => {
  await using tutti = await testTutti({ clock: 'system' })
  const seen = shared(1)
  const leave = task({ name: 'leave', retries: 1 }, on('leaveOnce'))

  const result = await tutti.run(flow({ name: 'leaving' }, () => leave(seen)))

  expect(result).toMatchObject({ state: 'completed', result: 'still here' })
  expect(result.calls[0]).toMatchObject({ attempts: 2 })
  expect(result.taskRuns[0]?.history.map((state) => state.name)).toContain('AwaitingRetry')
})

test.each([
  [
    'an argument that cannot be copied',
    () => on('fib')((() => 1) as never),
    'THREAD_ARGUMENT_NOT_CLONEABLE',
    'argument 1 of fib of on-threads.ts',
  ],
  ['a result that cannot be copied', () => on('handBackFunction')(), 'THREAD_RESULT_NOT_CLONEABLE', 'handBackFunction of on-threads.ts'],
  ['an export that is not there', () => inThread<() => void>(module, 'nothing')(), 'THREAD_EXPORT_NOT_FOUND', 'its exports are'],
  ['an export that is no function', () => inThread<() => void>(module, 'notFunction')(), 'THREAD_EXPORT_NOT_FOUND', 'notFunction'],
  ['a file that is not there', () => inThread<() => void>('nowhere.ts', 'fib')(), 'ENTRYPOINT_NOT_FOUND', 'nowhere.ts'],
])('%s is an error that names it', async (_what, call, code, named) => {
  await expect(call()).rejects.toMatchObject({ code, message: expect.stringContaining(named) as string })
})
