// How many tests passed and failed, from the report a run of vitest leaves behind.

export interface Count {
  readonly passed: number
  readonly failed: number
}

interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[]
}

/**
 * @param exitCode - how the runner ended: an error outside any test fails the run without failing a test, and has
 * to be counted all the same.
 */
export function readCount(report: string, exitCode: number): Count {
  // The shape is vitest's own, pinned to one version in package.json.
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(report) as Report
  const unreadableFiles = testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length
  const failed = numFailedTests + unreadableFiles
  return { passed: numPassedTests, failed: exitCode !== 0 && failed === 0 ? 1 : failed }
}

export function total(counts: readonly Count[]): Count {
  return counts.reduce((sum, count) => ({ passed: sum.passed + count.passed, failed: sum.failed + count.failed }), { passed: 0, failed: 0 })
}
