import fc from 'fast-check'
import { expect, test } from 'vitest'
import { packLanes } from './lanes.ts'

const spans = fc
  .array(fc.record({ from: fc.integer({ min: 0, max: 200 }), took: fc.integer({ min: 0, max: 60 }) }), { maxLength: 80 })
  .map((all) => all.map(({ from, took }) => ({ from, to: from + took })).toSorted((a, b) => a.from - b.from))

test('no two spans of a lane overlap, and none is lost', () => {
  fc.assert(
    fc.property(spans, (all) => {
      const lanes = packLanes(all)

      expect(lanes.flat().length).toBe(all.length)
      const overlaps = lanes.flatMap((lane) => lane.filter((span, index) => index > 0 && span.from < lane[index - 1]!.to))
      expect(overlaps).toEqual([])
    }),
  )
})

test('there are no more lanes than spans went on at once', () => {
  fc.assert(
    fc.property(spans, (all) => {
      const lasting = all.filter(({ from, to }) => to > from)
      const most = lasting.reduce(
        (peak, { from }) => Math.max(peak, lasting.filter((each) => each.from <= from && each.to > from).length),
        0,
      )

      expect(packLanes(lasting).length).toBe(most)
    }),
  )
})

test('what still goes on keeps its lane for itself', () => {
  const lanes = packLanes([
    { from: 0, to: Infinity },
    { from: 1, to: 2 },
    { from: 3, to: 4 },
  ])

  expect(lanes.map((lane) => lane.length)).toEqual([1, 2])
})

test('of the free lanes the uppermost is taken', () => {
  const lanes = packLanes([
    { from: 0, to: 10 },
    { from: 0, to: 5 },
    { from: 0, to: 20 },
    { from: 12, to: 15 },
  ])

  expect(lanes[0]).toContainEqual({ from: 12, to: 15 })
})
