import { expect, test } from 'vitest'
import { runAccess as run } from '../engine/run-access.ts'
import { testTutti } from '../testing/index.ts'
import { flow } from './flow.ts'
import { task } from './task.ts'

test('code that does not listen is given up after the grace period, and what it still does is not recorded', async () => {
  await using tutti = await testTutti()
  const begun = Promise.withResolvers<string>()
  const deaf = task({ name: 'deaf' }, async () => {
    begun.resolve(run().flowRunId)
    await new Promise(() => undefined)
  })

  const running = tutti.run(flow({ name: 'stuck' }, () => deaf()))
  await tutti.cancel(await begun.promise, 'enough')
  const result = await running

  expect(result).toMatchObject({ state: 'cancelled', message: 'enough' })
  expect(result.taskRuns.map((taskRun) => taskRun.state.type)).toEqual(['cancelled'])
  expect(result.taskRuns[0]?.state.message).toContain('did not stop when asked')
})

test('a flow that ends well within the grace period is Cancelled all the same, and its finished tasks are kept', async () => {
  await using tutti = await testTutti({ clock: 'manual' })
  const begun = Promise.withResolvers<string>()
  let calls = 0
  const count = task({ name: 'count' }, async () => (calls += 1))
  const tidy = flow({ name: 'tidy' }, async () => {
    await count()
    if (calls > 1 || run().attempt > 1) return 'went on'
    begun.resolve(run().flowRunId)
    await tutti.clock.sleep('1h', run().signal).catch(() => undefined)
    return 'tidied up'
  })

  const running = tutti.run(tidy)
  await tutti.cancel(await begun.promise)
  const cancelled = await running
  const resumed = await tutti.resume(tidy, cancelled)

  expect(cancelled.state).toBe('cancelled')
  expect(resumed).toMatchObject({ state: 'completed', result: 'went on' })
  expect(calls).toBe(1)
})

test('calls that wait for their place never run when the flow is cancelled', async () => {
  await using tutti = await testTutti({ clock: 'manual' })
  const begun = Promise.withResolvers<string>()
  const called: number[] = []
  const work = task({ name: 'work' }, async (item: number) => {
    called.push(item)
    begun.resolve(run().flowRunId)
    await tutti.clock.sleep('1h', run().signal)
  })

  const running = tutti.run(flow({ name: 'queue', concurrency: 2 }, () => work.map([0, 1, 2, 3, 4])))
  await tutti.cancel(await begun.promise)
  const result = await running

  expect(result.state).toBe('cancelled')
  expect(called).toEqual([0, 1])
})

test('new calls after the cancellation are refused, and do not run', async () => {
  await using tutti = await testTutti({ clock: 'manual' })
  const begun = Promise.withResolvers<string>()
  const called: string[] = []
  const codes: unknown[] = []
  const work = task({ name: 'work' }, async () => void called.push('work'))

  const running = tutti.run(
    flow({ name: 'late' }, async () => {
      begun.resolve(run().flowRunId)
      await tutti.clock.sleep('1h', run().signal).catch(() => undefined)
      await work().catch((error: { readonly code: string }) => codes.push(error.code))
    }),
  )
  await tutti.cancel(await begun.promise)

  expect((await running).state).toBe('cancelled')
  expect(called).toEqual([])
  expect(codes).toEqual(['RUN_CANCELLED'])
})

test('a call that looks into the cache when its run is cancelled never runs', async () => {
  await using tutti = await testTutti({ clock: 'manual' })
  const called: string[] = []
  const ids: string[] = []
  const looked = task({ name: 'looked', cache: { by: 'inputs' } }, async () => void called.push('looked'))
  const pause = Promise.withResolvers<Awaited<ReturnType<typeof tutti.faults.pause>>>()

  const running = tutti.run(
    flow({ name: 'looks' }, async () => {
      ids.push(run().flowRunId)
      const paused = tutti.faults.pause({ at: 1, kind: 'read' })
      const call = looked()
      pause.resolve(paused)
      await call
    }),
  )
  const paused = await pause.promise
  await paused.reached
  await tutti.cancel(ids[0] ?? '')
  paused.release()

  expect((await running).state).toBe('cancelled')
  expect(called).toEqual([])
})

test('a run that has ended cannot be cancelled, and says so', async () => {
  await using tutti = await testTutti()
  const quick = flow({ name: 'quick' }, async () => 1)

  const result = await tutti.run(quick)

  await expect(quick.cancel(result.id)).rejects.toMatchObject({ code: 'TRANSITION_REJECTED' })
  await expect(quick.cancel('019b76da-a800-736f-acc0-91a114592556')).rejects.toMatchObject({ code: 'FLOW_RUN_NOT_FOUND' })
})

test('a run whose process died has ended: it cannot be cancelled', async () => {
  await using tutti = await testTutti()
  const begun = Promise.withResolvers<void>()
  const long = flow({ name: 'long' }, async () => {
    begun.resolve()
    await new Promise(() => undefined)
  })
  const running = tutti.run(long)
  await begun.promise
  await tutti.crash()
  const crashed = await running

  expect(crashed.state).toBe('crashed')
  await expect(tutti.cancel(crashed)).rejects.toMatchObject({ code: 'TRANSITION_REJECTED' })
})
