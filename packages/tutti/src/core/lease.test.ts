import fc from 'fast-check'
import { expect, test } from 'vitest'
import { aHolder, aLease, T0 } from '../testing/builders.ts'
import { isLeaseLost, isSameHolder, LEASE_BEAT_MS, LEASE_EXPIRY_MS } from './lease.ts'

test('the lease of a dead process is lost at once', () => {
  expect(isLeaseLost(aLease({ until: T0 + 1_000_000 }), 'dead', T0)).toBe(true)
})

test('a living process on this machine keeps its lease even when it is late, as it may only have been paused', () => {
  expect(isLeaseLost(aLease({ until: T0 }), 'alive', T0 + 3_600_000_000)).toBe(false)
})

test('of a process on another machine the clock decides', () => {
  const lease = aLease({ until: T0 + 1_000 })

  expect(isLeaseLost(lease, 'unknown', T0 + 999)).toBe(false)
  expect(isLeaseLost(lease, 'unknown', T0 + 1_000)).toBe(true)
})

test('a lease outlives two missed beats', () => {
  expect(LEASE_EXPIRY_MS).toBeGreaterThanOrEqual(3 * LEASE_BEAT_MS)
})

test('a lease that is lost stays lost as time goes on, whatever is known of its holder', () => {
  const moments = fc.tuple(fc.nat(10 ** 9), fc.nat(10 ** 9))
  fc.assert(
    fc.property(fc.constantFrom('alive', 'dead', 'unknown'), fc.nat(10 ** 9), moments, (liveness, until, [some, more]) => {
      const lease = aLease({ until })

      const [earlier, later] = [isLeaseLost(lease, liveness, some), isLeaseLost(lease, liveness, some + more)]

      expect(earlier && !later).toBe(false)
    }),
  )
})

test('a process is told by its machine, the start of the machine, its pid and its own start', () => {
  const others = [{ host: 'there' }, { bootId: 'boot-2' }, { pid: 1 }, { processStart: '101' }]

  expect(isSameHolder(aHolder(), aHolder())).toBe(true)
  expect(others.filter((changes) => isSameHolder(aHolder(), aHolder(changes)))).toEqual([])
})
