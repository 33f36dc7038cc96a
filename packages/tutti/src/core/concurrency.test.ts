import { describe, expect, it } from 'vitest'
import { seededRandom } from '../testing/seeded-random.ts'
import { changedLimit, freeSlots, giveBack, isLeaseOfNothing, leaseOfNothing, retryAfterS, settled, takeSlots } from './concurrency.ts'
import type { ConcurrencyLimit } from './concurrency.ts'

const T0 = 1_767_225_600_000_000
const SECOND = 1_000_000

function aLimit(changes: Partial<ConcurrencyLimit> = {}): ConcurrencyLimit {
  return {
    id: 'a',
    name: 'database',
    active: true,
    limit: 10,
    activeSlots: 0,
    activeSince: T0,
    deniedSlots: 0,
    deniedSince: T0,
    slotDecayPerSecond: 0,
    avgOccupancyS: 2,
    createdAt: T0,
    updatedAt: T0,
    ...changes,
  }
}

describe('slots of a limit', () => {
  it('are never more than the limit, whatever is taken, given back and waited for', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const random = seededRandom(seed)
      let now = T0
      let limit = aLimit({ limit: 1 + Math.floor(random.next() * 5), slotDecayPerSecond: random.next() < 0.5 ? 0 : random.next() * 3 })
      let held = 0
      for (let step = 0; step < 100; step++) {
        now += Math.floor(random.next() * SECOND)
        const slots = 1 + Math.floor(random.next() * 2)
        if (random.next() < 0.6) {
          const decision = takeSlots([limit], slots, 'concurrency', now)
          if (decision.type === 'taken') {
            limit = decision.limits[0] ?? limit
            held += slots
          }
        } else if (held >= slots) {
          limit = giveBack(limit, slots, random.next(), now)
          held -= slots
        }
        expect(limit.activeSlots).toBeGreaterThanOrEqual(0)
        expect(limit.activeSlots).toBeLessThanOrEqual(limit.limit)
        expect(limit.slotDecayPerSecond > 0 || limit.activeSlots === held).toBe(true)
      }
    }
  })

  it('that decay let through what the rate allows, no matter how often somebody asks', () => {
    for (const everyMs of [7, 130, 999]) {
      let limit = aLimit({ limit: 5, slotDecayPerSecond: 2 })
      let taken = 0
      for (let at = 0; at <= 60_000; at += everyMs) {
        const decision = takeSlots([limit], 1, 'rate-limit', T0 + at * 1000)
        if (decision.type !== 'taken') continue
        limit = decision.limits[0] ?? limit
        taken += 1
      }
      // Five at once and two a second; asking every 999 ms cannot have more than one each time.
      const expected = everyMs === 999 ? 61 : 125
      expect(Math.abs(taken - expected)).toBeLessThanOrEqual(1)
    }
  })

  it('decay by whole slots, and a fraction is not lost between two looks', () => {
    const limit = aLimit({ activeSlots: 8, slotDecayPerSecond: 1 })
    expect(settled(limit, T0 + 0.9 * SECOND).activeSlots).toBe(8)
    const looked = settled(settled(limit, T0 + 1.6 * SECOND), T0 + 2 * SECOND)
    expect(looked.activeSlots).toBe(6)
    expect(settled(limit, T0 + 100 * SECOND).activeSlots).toBe(0)
  })

  it('of an inactive limit hold nobody up', () => {
    const asleep = aLimit({ active: false, limit: 1, activeSlots: 1 })
    expect(takeSlots([asleep], 1, 'concurrency', T0)).toEqual({ type: 'taken', limits: [] })
    expect(freeSlots(asleep, T0)).toBeGreaterThan(1_000_000)
    expect(freeSlots(aLimit({ activeSlots: 7 }), T0)).toBe(3)
  })

  it('are denied by the limit that keeps one waiting longest', () => {
    const quick = aLimit({ id: 'quick', limit: 10, activeSlots: 10 })
    const slow = aLimit({ id: 'slow', limit: 1, activeSlots: 1 })
    expect(takeSlots([quick, slow, aLimit({ id: 'free' })], 1, 'concurrency', T0)).toMatchObject({ type: 'denied', by: { id: 'slow' } })
  })
})

describe('how long one should wait', () => {
  it.each([
    ['as long as a slot is held, when there is one', aLimit({ limit: 1 }), 1, 2],
    ['the less the more slots there are', aLimit({ limit: 4 }), 1, 0.5],
    ['the longer the more wait', aLimit({ limit: 2, deniedSlots: 5 }), 1, 6],
    ['at most half a minute', aLimit({ limit: 1, deniedSlots: 40 }), 1, 30],
    ['at most ten seconds for a tag', aLimit({ name: 'tag:etl', limit: 1, avgOccupancyS: 100 }), 1, 10],
    ['until enough have decayed', aLimit({ slotDecayPerSecond: 0.5, deniedSlots: 1 }), 3, 8],
  ])('%s', (_, limit, slots, meanS) => {
    expect(retryAfterS(limit, slots, 0.5)).toBeCloseTo(meanS)
    expect(retryAfterS(limit, slots, 0)).toBeCloseTo(meanS * 0.7)
    expect(retryAfterS(limit, slots, 1)).toBeCloseTo(meanS * 1.3)
  })

  it('follows how long slots are held', () => {
    let limit = aLimit({ limit: 2, activeSlots: 2 })
    limit = giveBack(limit, 1, 10, T0)
    expect(limit.avgOccupancyS).toBe(4)
    for (let times = 0; times < 50; times++) limit = giveBack(limit, 1, 10, T0)
    expect(limit.avgOccupancyS).toBeCloseTo(10)
    expect(giveBack(limit, 1, null, T0).avgOccupancyS).toBe(limit.avgOccupancyS)
  })
})

describe('a limit that is changed', () => {
  it('keeps what is held, and decays from now on when told how much that is', () => {
    const limit = aLimit({ activeSlots: 6, slotDecayPerSecond: 1 })
    expect(changedLimit(limit, { limit: 3 }, T0 + 2 * SECOND)).toMatchObject({ limit: 3, activeSlots: 4, updatedAt: T0 + 2 * SECOND })
    const set = changedLimit(limit, { activeSlots: 9 }, T0 + 2.5 * SECOND)
    expect(settled(set, T0 + 3.4 * SECOND).activeSlots).toBe(9)
  })
})

describe('the lease of nothing', () => {
  it('is known by its id and differs from every other id', () => {
    const id = '0198a000-1234-7000-8000-000000000001'
    expect(leaseOfNothing(id)).toBe('0198a000-1234-8000-8000-000000000001')
    expect(isLeaseOfNothing(leaseOfNothing(id))).toBe(true)
    expect(isLeaseOfNothing(id)).toBe(false)
  })
})
