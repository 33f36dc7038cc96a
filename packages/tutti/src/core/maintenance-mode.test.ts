import fc from 'fast-check'
import { expect, test } from 'vitest'
import { leftOut } from './maintenance-mode.ts'
import type { OverdueRun } from './maintenance-mode.ts'

function overdue(id: string, scheduleId: string | null, scheduledFor: number): OverdueRun {
  return { id, deploymentId: 'nightly', scheduleId, scheduledFor }
}

const RUNS = [overdue('a', 'hourly', 1), overdue('b', 'hourly', 2), overdue('c', 'daily', 1)]

test('latest keeps the newest run of each schedule', () => {
  expect(leftOut(RUNS, 'latest').map(({ id }) => id)).toEqual(['a'])
})

test('all leaves nothing out, none leaves everything out', () => {
  expect(leftOut(RUNS, 'all')).toEqual([])
  expect(leftOut(RUNS, 'none')).toEqual(RUNS)
})

test('of whatever is overdue, latest keeps one run of each schedule, and none is newer', () => {
  const run = fc.record({
    id: fc.uuid(),
    deploymentId: fc.constantFrom('x', 'y'),
    scheduleId: fc.constantFrom('1', '2', null),
    scheduledFor: fc.nat(5),
  })
  fc.assert(
    fc.property(fc.uniqueArray(run, { selector: ({ id }) => id }), (runs) => {
      const out = new Set(leftOut(runs, 'latest'))
      const kept = runs.filter((each) => !out.has(each))
      const scheduleOf = ({ deploymentId, scheduleId }: OverdueRun): string => `${deploymentId} ${scheduleId}`

      expect(new Set(kept.map(scheduleOf)).size).toBe(kept.length)
      expect(new Set(kept.map(scheduleOf))).toEqual(new Set(runs.map(scheduleOf)))
      for (const one of kept)
        for (const other of runs) expect(scheduleOf(one) !== scheduleOf(other) || other.scheduledFor <= one.scheduledFor).toBe(true)
    }),
  )
})
