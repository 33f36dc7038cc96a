import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkRetryDelay, exponential, RETRY_AFTER_MAX_MS, retryDelayMs } from './retry.ts'
import type { RetryDelay } from './retry.ts'
import { instantFromDate } from './time.ts'

const NOW = new Date('2026-03-01T12:00:00Z')

function delayOf(delay: RetryDelay, attempt: number, error: unknown = new Error('boom'), random = 0.5): number {
  return retryDelayMs(delay, { error, attempt }, { random: { next: () => random }, now: instantFromDate(NOW) })
}

test('a number is milliseconds and a text is a duration', () => {
  expect(delayOf(250, 1)).toBe(250)
  expect(delayOf('2s', 7)).toBe(2_000)
})

test('a list gives each failure its entry and repeats the last', () => {
  const delays = [1, 2, 3, 4].map((attempt) => delayOf(['1s', 5_000], attempt))

  expect(delays).toEqual([1_000, 5_000, 5_000, 5_000])
})

test('an empty list waits not at all', () => {
  expect(delayOf([], 1)).toBe(0)
})

test('a function is told the error and which failure it was', () => {
  const error = new Error('busy')

  expect(delayOf((failure) => (failure.error === error ? failure.attempt * 100 : 0), 3, error)).toBe(300)
})

test('an answer of the function that is no duration is told as such', () => {
  expect(() => delayOf(() => 'later', 1)).toThrow(expect.objectContaining({ code: 'INVALID_DURATION' }))
})

test('an exponential delay doubles up to its maximum, also after thousands of failures', () => {
  const delays = [1, 2, 3, 4, 5, 5_000].map((attempt) => delayOf(exponential('1s', { max: '10s' }), attempt))

  expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, 10_000])
})

test('jitter stays within its share whatever the randomness says', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 0.999999, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer({ min: 1, max: 40 }),
      (random, jitter, attempt) => {
        const plain = delayOf(exponential(100, { factor: 3, max: '1m' }), attempt)
        const delay = delayOf(exponential(100, { factor: 3, max: '1m', jitter }), attempt, undefined, random)

        expect(delay).toBeGreaterThanOrEqual(plain * (1 - jitter) - 1e-6)
        expect(delay).toBeLessThanOrEqual(plain * (1 + jitter) + 1e-6)
      },
    ),
  )
})

test.each([{ factor: 0.5 }, { factor: Number.NaN }, { jitter: -0.1 }, { jitter: 2 }, { max: 'never' }])(
  'exponential refuses %j',
  (options) => {
    expect(() => exponential('1s', options)).toThrow(expect.objectContaining({ code: expect.stringMatching(/^INVALID_/) }))
  },
)

test('a mistake in the option shows where the task is defined', () => {
  expect(() => checkRetryDelay('soon', 'retryDelay of task fetch')).toThrow('retryDelay of task fetch')
  expect(() => checkRetryDelay(['1s', 'soon'], 'retryDelay of task fetch')).toThrow('soon')
  expect(checkRetryDelay(['1s', 5], 'retryDelay')).toEqual([1_000, 5])
})

describe('an error that carries its own delay overrules the task', () => {
  const inTwoMinutes = new Date(NOW.getTime() + 120_000)

  test.each([
    ['milliseconds', { retryAfter: 700 }, 700],
    ['a duration', { retryAfter: '3s' }, 3_000],
    ['a Date', { retryAfter: inTwoMinutes }, 120_000],
    ['a Date that has passed', { retryAfter: new Date(0) }, 0],
    ['a header copied as text', { retryAfter: '30' }, 30_000],
    ['Headers', { headers: new Headers({ 'Retry-After': '7' }) }, 7_000],
    ['Headers of a response', { response: { headers: new Headers({ 'retry-after': '7' }) } }, 7_000],
    ['a plain object of headers', { response: { headers: { 'Retry-After': '2' } } }, 2_000],
    ['an HTTP date', { headers: { 'retry-after': inTwoMinutes.toUTCString() } }, 120_000],
    ['more than a day', { headers: { 'retry-after': '999999999' } }, RETRY_AFTER_MAX_MS],
  ])('%s', (_, members, expected) => {
    expect(delayOf('1s', 1, Object.assign(new Error('slow down'), members))).toBe(expected)
  })
})

test.each([
  ['nonsense', { retryAfter: 'whenever' }],
  ['a negative number', { retryAfter: -5 }],
  ['an invalid Date', { retryAfter: new Date(Number.NaN) }],
  ['an object', { retryAfter: {} }],
  ['headers without it', { headers: new Headers() }],
  ['a header that is no date', { headers: { 'retry-after': 'soon 5' } }],
  [
    'a getter that throws',
    {
      get retryAfter() {
        throw new Error('no')
      },
    },
  ],
])('an own delay that makes no sense is passed over: %s', (_, error) => {
  expect(delayOf('1s', 1, error)).toBe(1_000)
})

test.each([undefined, null, 'boom', 7])('anything may have been thrown: %j', (thrown) => {
  expect(delayOf('1s', 1, thrown)).toBe(1_000)
})
