import { expect, test } from 'vitest'
import { runAccess as run } from '../engine/run-access.ts'
import { testTutti } from '../testing/index.ts'
import { flow } from './flow.ts'
import { task } from './task.ts'

test('another key is another run, and so is the same key of another flow', async () => {
  await using _tutti = await testTutti()
  let calls = 0
  const body = async (): Promise<number> => (calls += 1)
  const first = flow({ name: 'first' }, body)
  const second = flow({ name: 'second' }, body)

  const results = [
    await first.withOptions({ idempotencyKey: 'a' })(),
    await first.withOptions({ idempotencyKey: 'b' })(),
    await second.withOptions({ idempotencyKey: 'a' })(),
    await first.withOptions({ idempotencyKey: 'a' })(),
    await first(),
  ]

  expect(results).toEqual([1, 2, 3, 1, 4])
})

test('a call with the key of a failed run gets its error, and does not run', async () => {
  await using tutti = await testTutti()
  let calls = 0
  const broken = flow({ name: 'broken', idempotencyKey: 'k' }, async () => {
    calls += 1
    throw new RangeError('no')
  })

  const first = await tutti.run(broken)
  const second = await tutti.run(broken)

  expect(second).toMatchObject({ id: first.id, state: 'failed', message: 'no' })
  expect(second.error).toBeInstanceOf(RangeError)
  expect(calls).toBe(1)
})

test('a call with the key of a run whose process died goes on with that run', async () => {
  await using tutti = await testTutti()
  const called: string[] = []
  const reached = Promise.withResolvers<void>()
  const load = task({ name: 'load' }, async () => void called.push('load'))
  const order = flow({ name: 'order', idempotencyKey: 'order 7' }, async () => {
    await load()
    called.push(`attempt ${run().attempt}`)
    if (run().attempt > 1) return 'done'
    reached.resolve()
    return new Promise<string>(() => undefined)
  })

  const running = tutti.run(order)
  await reached.promise
  await tutti.crash()
  const crashed = await running
  const again = await tutti.run(order)

  expect(again).toMatchObject({ id: crashed.id, state: 'completed', result: 'done' })
  expect(called).toEqual(['load', 'attempt 1', 'attempt 2'])
})

test('a call with the key of a run that another process has under way is refused', async () => {
  await using tutti = await testTutti({ clock: 'manual' })
  const reached = Promise.withResolvers<string>()
  const order = flow({ name: 'order', idempotencyKey: 'order 7' }, async () => {
    reached.resolve(run().flowRunId)
    await tutti.clock.sleep('1h', run().signal)
  })

  const running = tutti.run(order)
  const id = await reached.promise
  const other = tutti.another()
  const refused = await other.run(order)
  await tutti.cancel(id)

  expect(refused.error).toMatchObject({ code: 'TRANSITION_REJECTED' })
  expect((await running).state).toBe('cancelled')
})

test('two sub-flow calls with one key are one run', async () => {
  await using tutti = await testTutti()
  let calls = 0
  const child = flow({ name: 'child', idempotencyKey: 'once' }, async () => {
    await tutti.clock.sleep(10)
    return (calls += 1)
  })

  const result = await tutti.run(flow({ name: 'parent' }, async () => [...(await Promise.all([child(), child()])), await child()]))

  expect(result).toMatchObject({ state: 'completed', result: [1, 1, 1] })
  expect((await tutti.orchestrator.flowRuns.list({ flowName: 'child', limit: 10 })).items).toHaveLength(1)
})
