import { expect, test } from 'vitest'
import { readCount, total } from './test-count.ts'

const file = (status: string, tests: number): object => ({ status, assertionResults: Array.from({ length: tests }, () => ({})) })
const report = (passed: number, failed: number, files: readonly object[]): string =>
  JSON.stringify({ numPassedTests: passed, numFailedTests: failed, testResults: files })

test('passed and failed tests are counted', () => {
  expect(readCount(report(3, 1, [file('passed', 2), file('failed', 2)]), 1)).toEqual({ passed: 3, failed: 1 })
})

test('a file that could not be loaded counts as one failure', () => {
  expect(readCount(report(2, 0, [file('passed', 2), file('failed', 0)]), 1)).toEqual({ passed: 2, failed: 1 })
})

test('an error outside any test counts as one failure', () => {
  expect(readCount(report(2, 0, [file('passed', 2)]), 1)).toEqual({ passed: 2, failed: 1 })
})

test('counts of suites add up', () => {
  expect(
    total([
      { passed: 1, failed: 0 },
      { passed: 2, failed: 3 },
    ]),
  ).toEqual({ passed: 3, failed: 3 })
})
