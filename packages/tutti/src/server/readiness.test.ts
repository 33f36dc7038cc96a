import { expect, test } from 'vitest'
import { handClock } from '../../test/conformance/protocol/open-server.ts'
import { createReadiness } from './readiness.ts'

test('a database that answers is ready, one that fails is not', async () => {
  const answers = [Promise.resolve([]), Promise.reject(new Error('gone'))]
  const isReady = createReadiness(() => answers.shift() ?? Promise.resolve(), handClock())

  expect([await isReady(), await isReady(), await isReady()]).toEqual([true, false, true])
})

test('a database that hangs is told of in time, and is not asked again before it has answered', async () => {
  const clock = handClock()
  const { promise: held, resolve: release } = Promise.withResolvers<void>()
  let looks = 0
  const isReady = createReadiness(() => {
    looks += 1
    return held
  }, clock)

  const asked = [isReady(), isReady()]
  clock.advance(1_000)
  expect(await Promise.all(asked)).toEqual([false, false])
  release()

  expect(await isReady()).toBe(true)
  expect([looks, clock.waiting]).toEqual([1, 0])
})
