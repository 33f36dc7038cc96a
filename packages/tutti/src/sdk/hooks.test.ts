import { expect, test } from 'vitest'
import { runAccess as run } from '../engine/run-access.ts'
import { testTutti } from '../testing/index.ts'
import { flow } from './flow.ts'
import { task } from './task.ts'

test('hooks of a task are told its run, its attempt and its state', async () => {
  await using tutti = await testTutti()
  const told: unknown[] = []
  const hook =
    (what: string) =>
    ({ name, attempt, state }: { readonly name: string; readonly attempt: number; readonly state: { readonly name: string } }): void =>
      void told.push([what, name, attempt, state.name])
  const hooks = { onRunning: hook('running'), onCompletion: hook('completion'), onFailure: hook('failure') }
  const unsteady = task({ name: 'unsteady', retries: 1, ...hooks }, async () => {
    if (run().attempt === 1) throw new Error('again')
  })
  const broken = task({ name: 'broken', ...hooks }, async () => {
    throw new Error('no')
  })

  await tutti.run(
    flow({ name: 'told' }, async () => {
      await unsteady()
      await broken()
    }),
  )

  expect(told).toEqual([
    ['running', 'unsteady-0', 1, 'Running'],
    ['running', 'unsteady-0', 2, 'Retrying'],
    ['completion', 'unsteady-0', 2, 'Completed'],
    ['running', 'broken-0', 1, 'Running'],
    ['failure', 'broken-0', 1, 'Failed'],
  ])
})

test('hooks of a task that throw, at once or later, change nothing and are in the log', async () => {
  await using tutti = await testTutti()
  const hooked = task(
    {
      name: 'hooked',
      onRunning() {
        throw new Error('at once')
      },
      onCompletion: [
        async () => {
          await tutti.clock.sleep('1m')
          throw new Error('later')
        },
        () => {
          throw new Error('beside it')
        },
      ],
    },
    async () => 'fine',
  )

  const result = await tutti.run(flow({ name: 'calm' }, () => hooked()))

  expect(result).toMatchObject({ state: 'completed', result: 'fine' })
  const lines = result.logs.map((line) => line.message).join('\n')
  expect(lines).toContain('at once')
  expect(lines).toContain('later')
  expect(lines).toContain('beside it')
})

test('hooks of a task are not called again when its result is replayed', async () => {
  await using tutti = await testTutti()
  const told: string[] = []
  const done = task({ name: 'done', onCompletion: () => void told.push('completion') }, async () => 1)
  let failures = 1

  const result = await tutti.run(
    flow({ name: 'twice', retries: 1 }, async () => {
      await done()
      if (failures-- > 0) throw new Error('again')
    }),
  )

  expect(result.state).toBe('completed')
  expect(told).toEqual(['completion'])
})

test('a flow tells its failure once, after its last retry', async () => {
  await using tutti = await testTutti()
  const told: string[] = []

  await tutti.run(
    flow(
      {
        name: 'broken',
        retries: 2,
        onRunning: ({ attempt }) => void told.push(`running ${attempt}`),
        onFailure: ({ attempt, state }) => void told.push(`failure ${attempt} ${state.message}`),
      },
      async () => {
        throw new Error('no')
      },
    ),
  )

  expect(told).toEqual(['running 1', 'running 2', 'running 3', 'failure 3 no'])
})

test('a hook knows the parameters of its run, and the run waits for it', async () => {
  await using tutti = await testTutti({ start: '2026-01-01T00:00:00Z' })
  const told: unknown[] = []
  const sync = flow(
    {
      name: 'sync',
      onCompletion: [
        async ({ parameters, flowName, state }) => {
          await tutti.clock.sleep('1h')
          told.push(parameters, flowName, state.result)
        },
      ],
    },
    async (parameters: { readonly day: string }) => parameters.day.length,
  )

  const result = await tutti.run(sync, { day: 'monday' })

  expect(result.state).toBe('completed')
  expect(told).toEqual([{ day: 'monday' }, 'sync', 6])
})
