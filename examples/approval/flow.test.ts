import { testTutti } from 'tutti/testing'
import { expect, test, vi } from 'vitest'
import { openShop, patient, release } from './flow.ts'

const yes = { approved: true, by: 'Ada', at: '2026-05-01T09:00:00Z' }

test('a release is shipped once somebody has approved it, and what does not fit is refused', async () => {
  await using tutti = await testTutti()
  const running = tutti.run(release, { version: '1.4.0' })
  const paused = await tutti.paused()

  await expect(tutti.answer(paused, { approved: true })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  await tutti.answer(paused, yes)

  expect(paused).toMatchObject({ key: 'ship', description: 'Ship 1.4.0?' })
  expect(await running).toMatchObject({ state: 'completed', result: 'shipped on 2026-05-01' })
})

test('when nobody comes one reminder is sent, and after three days the release is left alone', async () => {
  const printed = vi.spyOn(console, 'log').mockReturnValue()
  await using tutti = await testTutti({ start: '2026-05-01T00:00:00Z' })

  const run = await tutti.run(patient, { version: '1.4.0' })

  expect(run).toMatchObject({ state: 'completed', result: false })
  expect(run.calls.map(({ task }) => task)).toEqual(['remind'])
  expect(tutti.clock.now().getTime()).toBeGreaterThanOrEqual(Date.parse('2026-05-04T00:00:00Z'))
  printed.mockRestore()
})

test('the shop opens in the new year, when the figures are right', async () => {
  await using tutti = await testTutti({ start: '2026-12-24T00:00:00Z' })
  const running = tutti.run(openShop)
  const paused = await tutti.paused()
  const asked = tutti.clock.now()
  await tutti.answer(paused)

  expect(asked.getFullYear()).toBe(2027)
  expect((await running).result).toBe('open')
})
