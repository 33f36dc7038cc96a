import { expect, test } from 'vitest'
import type { Measurement } from './measurement.ts'
import { summarize } from './summary.ts'

function aMeasurement(fields: Partial<Measurement>): Measurement {
  return { workload: 'W1', mode: 'embedded', durability: 'normal', repeat: 1, n: 1_000, node: '24.0.0', version: '0.0.0', ...fields }
}

function repeats(fields: Partial<Measurement>, totals: readonly number[]): readonly Measurement[] {
  return totals.map((total, index) => aMeasurement({ ...fields, repeat: index + 1, total_ms: total }))
}

const aFloor = { workload: 'floor', of: 'W1' }

test('a series is summed up by its medians, and by their ratio to the median of its floor', () => {
  const [summary] = summarize([...repeats({}, [30, 20, 90]), ...repeats(aFloor, [10, 50, 10])])

  expect(summary).toMatchObject({ workload: 'W1', durability: 'normal', n: 1_000, total_ms: 30, floor_ms: 10, ratio: 3 })
})

test('the first repeat of a fresh process counts in no median', () => {
  const measurements = [
    aMeasurement({ repeat: 0, total_ms: 500 }),
    ...repeats({}, [20]),
    aMeasurement({ ...aFloor, repeat: 0, total_ms: 1 }),
  ]

  const [summary] = summarize([...measurements, ...repeats(aFloor, [10])])

  expect(summary).toMatchObject({ total_ms: 20, floor_ms: 10 })
})

test('each durability is compared with its own floor', () => {
  const summaries = summarize([
    ...repeats({}, [20]),
    ...repeats({ durability: 'full' }, [300]),
    ...repeats({ ...aFloor, durability: 'full' }, [200]),
    ...repeats(aFloor, [10]),
  ])

  expect(summaries.map(({ durability, ratio }) => [durability, ratio])).toEqual([
    ['normal', 2],
    ['full', 1.5],
  ])
})

test('tasks one after the other stay within two and a half times their floor, and not beyond', () => {
  const [within] = summarize([...repeats({}, [25]), ...repeats(aFloor, [10])])
  const [beyond] = summarize([...repeats({}, [26]), ...repeats(aFloor, [10])])

  expect(within).toMatchObject({ ratio_max: 2.5, within: true })
  expect(beyond).toMatchObject({ ratio_max: 2.5, within: false })
})

test('a workload without a floor has no ratio and cannot be outside of it', () => {
  const [summary] = summarize(repeats({ workload: 'W7', case: 'resumed' }, [4_000]))

  expect(summary).not.toHaveProperty('ratio')
  expect(summary).not.toHaveProperty('within')
})

test('a goal is reached or missed by the median of its value', () => {
  const fast = summarize([aMeasurement({ total_ms: 50, p50_us: 59 })])
  const slow = summarize([aMeasurement({ total_ms: 50, p50_us: 61 })])

  expect(fast[0]?.goals).toMatchObject([{ value: 'p50_us', atMost: 60, reached: true }])
  expect(slow[0]?.goals).toMatchObject([{ value: 'p50_us', atMost: 60, reached: false }])
})

test('a goal is told only of a series that has its value', () => {
  const [frames] = summarize([aMeasurement({ workload: 'ui', case: 'graph: frames', median_ms: 17, longest_ms: 120 })])

  expect(frames?.goals).toEqual([
    { workload: 'ui', value: 'median_ms', atMost: 20, reached: true },
    { workload: 'ui', value: 'longest_ms', atMost: 100, reached: false },
  ])
})
