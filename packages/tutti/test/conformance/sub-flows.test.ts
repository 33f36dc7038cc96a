import { expect, test } from 'vitest'
import { flow } from '../../src/sdk/flow.ts'
import { task } from '../../src/sdk/task.ts'
import { testTutti } from '../../src/testing/index.ts'

test('a parent takes the result of a sub-flow run that somebody has resumed on its own meanwhile', async () => {
  await using tutti = await testTutti()
  let calls = 0
  let stuck = true
  const step = task({ name: 'step' }, async () => {
    calls += 1
    if (stuck) await new Promise(() => undefined)
    return 7
  })
  const child = flow({ name: 'child' }, async () => step())
  const parent = flow({ name: 'parent' }, async () => (await child()) + 1)
  const running = tutti.run(parent)
  while (calls === 0) await new Promise((resolve) => setImmediate(resolve))
  await tutti.crash()
  const crashed = await running
  stuck = false
  const { items } = await tutti.orchestrator.flowRuns.list({ limit: 1, flowName: 'child' })
  expect((await tutti.resume(child, items[0]!)).result).toBe(7)

  const resumed = await tutti.resume(parent, crashed)

  expect(resumed).toMatchObject({ state: 'completed', result: 8 })
  expect(calls).toBe(2)
  expect(resumed.taskRuns).toMatchObject([{ kind: 'flow', state: { type: 'completed' } }])
})
