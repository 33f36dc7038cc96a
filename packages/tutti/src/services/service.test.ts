import { expect, test } from 'vitest'
import { T0 } from '../testing/builders.ts'
import { handClock } from '../../test/conformance/protocol/open-server.ts'
import { runServices } from './service.ts'

/** Lets everything that can go on without time go on. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

test('a service ticks at its interval, and at once while more is waiting', async () => {
  const clock = handClock(T0)
  let waiting = 2
  const ticks: number[] = []
  const running = runServices([{ name: 'a', everyMs: 1_000, tick: async () => (ticks.push(clock.now()), waiting-- > 0) }], {
    clock,
    random: () => 0.5,
    onError: () => undefined,
  })
  clock.advance(500)
  await settle()
  expect(ticks).toHaveLength(3)

  clock.advance(999)
  await settle()
  expect(ticks).toHaveLength(3)
  clock.advance(1)
  await settle()
  expect(ticks).toHaveLength(4)
  await running.stop()
})

test('after an error a service waits longer, tells it, and goes on', async () => {
  const clock = handClock(T0)
  const errors: string[] = []
  let calls = 0
  const running = runServices(
    [
      {
        name: 'breaks',
        everyMs: 1_000,
        tick: async () => {
          calls += 1
          throw new Error(`call ${calls}`)
        },
      },
    ],
    { clock, random: () => 0.5, onError: (error, service) => errors.push(`${service}: ${String(error)}`) },
  )
  clock.advance(500)
  await settle()
  clock.advance(1_000)
  await settle()
  expect(calls).toBe(1)
  clock.advance(1_000)
  await settle()

  expect(errors).toEqual(['breaks: Error: call 1', 'breaks: Error: call 2'])
  await running.stop()
})

test('stopping waits for the tick under way and begins no other', async () => {
  const clock = handClock(T0)
  const tick = Promise.withResolvers<boolean>()
  let calls = 0
  const running = runServices([{ name: 'slow', everyMs: 1_000, tick: () => ((calls += 1), tick.promise) }], {
    clock,
    random: () => 0,
    onError: () => undefined,
  })
  await settle()
  clock.advance(1)
  await settle()
  let stopped = false
  const stopping = running.stop().then(() => (stopped = true))
  await settle()
  expect({ calls, stopped }).toEqual({ calls: 1, stopped: false })

  tick.resolve(true)
  await stopping
  expect(calls).toBe(1)
})

test('what failed in parts is told part by part, and waits no longer', async () => {
  const clock = handClock(T0)
  const errors: string[] = []
  let calls = 0
  const tick = async (): Promise<boolean> => {
    calls += 1
    throw new AggregateError([new Error('one'), new Error('two')], 'two of many')
  }
  const running = runServices([{ name: 'a', everyMs: 1_000, tick }], {
    clock,
    random: () => 0.5,
    onError: (error) => errors.push(String(error)),
  })
  clock.advance(500)
  await settle()
  clock.advance(1_000)
  await settle()

  expect(calls).toBe(2)
  expect(errors.slice(0, 2)).toEqual(['Error: one', 'Error: two'])
  await running.stop()
})
