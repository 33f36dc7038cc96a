import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Retries, retryDelayMs } from './retry.ts'

const OPTIONS = { retries: 3, delayMs: 100 } as const

test('the wait doubles, and a part of it is chance', () => {
  const shortest = [1, 2, 3].map((failures) => retryDelayMs(failures, OPTIONS, 0, () => 0))
  const longest = [1, 2, 3].map((failures) => retryDelayMs(failures, OPTIONS, 0, () => 1))

  expect(shortest).toEqual([50, 100, 200])
  expect(longest).toEqual([100, 200, 400])
})

test('a server that says how long is waited for, but not for ever', () => {
  expect(retryDelayMs(1, OPTIONS, 5_000)).toBe(5_000)
  expect(retryDelayMs(1, OPTIONS, 86_400_000)).toBe(120_000)
})

test('no wait is longer than half a minute, however often it failed', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), fc.nat(3_600_000), (failures, delayMs) => {
      expect(retryDelayMs(failures, { retries: 1, delayMs })).toBeLessThanOrEqual(32_000)
    }),
  )
})

test('failures in a row are counted, and progress begins anew', async () => {
  const retries = new Retries({ retries: 2, delayMs: 0 })
  const failure = new Error('again')

  await retries.after(failure, {})
  await retries.after(failure, {})
  retries.progress()
  await retries.after(failure, {})
  await retries.after(failure, {})

  await expect(retries.after(failure, {})).rejects.toBe(failure)
})

test('a wait ends at once when it is aborted, with the reason', async () => {
  const stop = new AbortController()
  const waiting = new Retries({ retries: 1, delayMs: 30_000 }).after(new Error('again'), { signal: stop.signal })

  stop.abort(new Error('enough'))

  await expect(waiting).rejects.toThrow('enough')
})
