import { expect, test } from 'vitest'
import { aTask, T0 } from './a-row.ts'
import { activeWithin, bandAt, barAt, byStart, layoutTimeline, profileOf } from './timeline-layout.ts'
import type { LayoutOptions } from './timeline-layout.ts'

const options: LayoutOptions = { grouping: 'task', toggled: new Set(), childrenOf: () => undefined }

test('task runs of one task share a band, as many lanes high as ran at once', () => {
  const tasks = [aTask('a', 'load', 0, 50), aTask('b', 'load', 10, 60), aTask('c', 'load', 55, 90), aTask('d', 'store', 95, 99)].toSorted(
    byStart,
  )

  const { bands } = layoutTimeline(tasks, options)

  expect(bands.map(({ title, lanes }) => [title, lanes.length])).toEqual([
    ['load', 2],
    ['store', 1],
  ])
})

test('a fan-out of hundreds shows how many ran when, until it is opened', () => {
  const tasks = Array.from({ length: 500 }, (_, index) => aTask(`t${index}`, 'score', index, 1_000 + index)).toSorted(byStart)

  const closed = layoutTimeline(tasks, options).bands[0]!
  const open = layoutTimeline(tasks, { ...options, toggled: new Set(['score']) }).bands[0]!

  expect(closed).toMatchObject({ isOpen: false, lanes: [], profile: { peak: 500 } })
  expect(open).toMatchObject({ isOpen: true, profile: null })
  expect(open.lanes.length).toBe(500)
})

test('in rows, what a task called stands below it until it is closed', () => {
  const tasks = [
    aTask('outer', 'outer', 0, 90),
    aTask('inner', 'inner', 10, 20, { parent_task_run_id: 'outer' }),
    aTask('next', 'next', 91, 95),
  ]
  const inRows = { ...options, grouping: 'run' } as const

  const open = layoutTimeline(tasks, inRows)
  const closed = layoutTimeline(tasks, { ...inRows, toggled: new Set(['outer']) })

  expect(open.bands.map(({ title, depth }) => [title, depth])).toEqual([
    ['outer', 0],
    ['inner', 1],
    ['next', 0],
  ])
  expect(closed.bands.map(({ title }) => title)).toEqual(['outer', 'next'])
})

test('a sub-flow that is opened shows its own task runs inside', () => {
  const tasks = [aTask('report', 'flow:report', 0, 90, { child_flow_run_id: 'child' })]
  const childrenOf = (id: string) => (id === 'child' ? [aTask('inside', 'render', 5, 10)] : undefined)

  const rows = layoutTimeline(tasks, { grouping: 'run', toggled: new Set(['report']), childrenOf })
  const byTask = layoutTimeline(tasks, { grouping: 'task', toggled: new Set(['flow:report']), childrenOf })

  expect(rows.bands.map(({ title }) => title)).toEqual(['report', 'inside'])
  expect(byTask.bands.map(({ title, depth }) => [title, depth])).toEqual([
    ['report', 0],
    ['render', 1],
  ])
  expect(rows.order.map(({ id }) => id)).toEqual(['report', 'inside'])
})

test('what is pointed at is found by place and time, a little beside it as well', () => {
  const tasks = [aTask('a', 'load', 0, 50), aTask('b', 'load', 10, 60), aTask('c', 'store', 95, 99)].toSorted(byStart)
  const { bands } = layoutTimeline(tasks, options)
  const [load, store] = bands

  expect(bandAt(bands, load!.y + 3)?.title).toBe('load')
  expect(bandAt(bands, store!.y + 3)?.title).toBe('store')
  expect(barAt(load!, load!.y + 3, T0 + 20, 1)?.task.id).toBe('a')
  expect(barAt(load!, load!.y + load!.laneHeight + 3, T0 + 20, 1)?.task.id).toBe('b')
  expect(barAt(store!, store!.y + 3, T0 + 93, 3)?.task.id).toBe('c')
  expect(barAt(store!, store!.y + 3, T0 + 80, 3)).toBeUndefined()
})

test('a profile counts what went on within a stretch', () => {
  const { starts, ends, peak } = profileOf([aTask('a', 'load', 0, 50), aTask('b', 'load', 10, 60), aTask('c', 'load', 90, null)])

  expect(peak).toBe(2)
  expect([0, 20, 70, 95].map((from) => activeWithin(starts, ends, T0 + from, T0 + from + 5))).toEqual([1, 2, 0, 1])
})
