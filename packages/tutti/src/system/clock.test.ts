import { afterEach, expect, test, vi } from 'vitest'
import { systemClock } from './clock.ts'

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const START_MS = 1_767_225_600_000

/** A machine whose clock and counter the test sets. */
function aMachine(): { wallMs: number; counterMs: number } {
  const machine = { wallMs: START_MS, counterMs: 1_000 }
  vi.spyOn(Date, 'now').mockImplementation(() => machine.wallMs)
  vi.spyOn(performance, 'now').mockImplementation(() => machine.counterMs)
  return machine
}

test('moments are microseconds at the time of the machine', () => {
  aMachine()

  expect(systemClock().now()).toBe(START_MS * 1000)
})

test('a clock that was corrected goes on from there, later or earlier', () => {
  const machine = aMachine()
  const clock = systemClock()
  clock.now()

  clock.correct?.(-60_000_000)
  const earlier = clock.now()
  machine.counterMs += 1

  expect(earlier).toBe(START_MS * 1000 - 60_000_000)
  expect(clock.now()).toBe(earlier + 1_000)
})

test('between two looks at the machine the fine counter is followed', () => {
  const machine = aMachine()
  const clock = systemClock()
  const first = clock.now()

  machine.counterMs += 0.25

  expect(clock.now() - first).toBe(250)
})

test('a clock that is set back never makes a moment earlier than one before', () => {
  const machine = aMachine()
  const clock = systemClock()
  const first = clock.now()

  machine.wallMs -= 3_600_000
  machine.counterMs += 10

  expect(clock.now()).toBe(first)
})

test('after a sleep of the machine the clock is right again', () => {
  const machine = aMachine()
  const clock = systemClock()
  clock.now()

  machine.wallMs += 3_600_000
  machine.counterMs += 10

  expect(clock.now()).toBe((START_MS + 3_600_000) * 1000)
})

test('a small drift is left alone: time passes evenly', () => {
  const machine = aMachine()
  const clock = systemClock()
  const first = clock.now()

  machine.wallMs += 25
  machine.counterMs += 10

  expect(clock.now() - first).toBe(10_000)
})

test('delays longer than a Node timer takes are waited for in parts', () => {
  vi.useFakeTimers()
  const clock = systemClock()
  const fired: number[] = []
  const days = 86_400_000

  clock.timer(60 * days, () => fired.push(60))
  const stop = clock.timer(50 * days, () => fired.push(50))
  vi.advanceTimersByTime(49 * days)
  const before = [...fired]
  stop()
  vi.advanceTimersByTime(11 * days)

  expect(before).toEqual([])
  expect(fired).toEqual([60])
})

test('a sleep ends with the reason of its signal, also one that aborted before', async () => {
  const clock = systemClock()
  const early = AbortSignal.abort(new Error('too late'))
  const controller = new AbortController()

  const sleeping = clock.sleep(3_600_000, controller.signal)
  controller.abort(new Error('enough'))

  await expect(sleeping).rejects.toThrow('enough')
  await expect(clock.sleep(3_600_000, early)).rejects.toThrow('too late')
})
