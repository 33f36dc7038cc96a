import { expect, test } from 'vitest'
import { actorWords, stepsOf } from './state-history.ts'

function state(second: number, type: string, name = type) {
  return { id: `${second}`, type, name, timestamp: `2026-01-01T00:00:${String(second).padStart(2, '0')}Z`, message: null }
}

test('each state tells how long it was in force, and the last one that it is the last', () => {
  const steps = stepsOf([state(5, 'RUNNING'), state(0, 'SCHEDULED'), state(9, 'COMPLETED')])

  expect(steps.map(({ type, tookMs, isLast }) => [type, tookMs, isLast])).toEqual([
    ['SCHEDULED', 5_000, false],
    ['RUNNING', 4_000, false],
    ['COMPLETED', undefined, true],
  ])
})

test('what comes after an end is another attempt', () => {
  const states = [state(1, 'RUNNING'), state(2, 'CRASHED'), state(3, 'SCHEDULED'), state(4, 'RUNNING'), state(5, 'COMPLETED')]

  expect(stepsOf(states).map(({ attempt }) => attempt)).toEqual([1, 1, 2, 2, 2])
})

test.each([
  ['dashboard', 'Chrome · 127.0.0.1', 'Chrome · 127.0.0.1 in the dashboard'],
  ['command', 'ada@laptop', 'ada@laptop with the command'],
  ['client', 'curl/8.5.0 · 127.0.0.1', 'curl/8.5.0 · 127.0.0.1 over the API'],
  ['process', '417@laptop', 'process 417@laptop'],
  ['worker', 'pool-1/laptop', 'worker pool-1/laptop'],
  ['service', 'late-runs', 'the server (late runs)'],
] as const)('who brought a state about is told in words: %s %s', (kind, name, words) => {
  expect(actorWords({ kind, name })).toBe(words)
})
