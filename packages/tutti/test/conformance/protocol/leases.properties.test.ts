import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openServer } from './open-server.ts'
import type { TestServer } from './open-server.ts'

type Step =
  | { readonly type: 'take'; readonly limits: readonly number[]; readonly slots: number; readonly leaseS: number }
  | { readonly type: 'release' | 'renew'; readonly which: number }
  | { readonly type: 'repossess' }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    type: fc.constant('take' as const),
    limits: fc.uniqueArray(fc.nat(2), { minLength: 1, maxLength: 3 }),
    slots: fc.integer({ min: 1, max: 3 }),
    leaseS: fc.integer({ min: 60, max: 200 }),
  }),
  fc.record({ type: fc.constantFrom('release' as const, 'renew' as const), which: fc.nat(5) }),
  fc.constant({ type: 'repossess' as const }),
)

/** Time passes, then all steps are under way at once. */
const round = fc.record({ waitS: fc.nat(90), steps: fc.array(step, { maxLength: 5 }) })

const SIZES = [1, 3, 5]

/** What the test knows of a lease that was given. */
interface Held {
  readonly id: string
  readonly limits: readonly number[]
  readonly slots: number
  until: number
  /** Neither given back nor taken back. */
  isCounted: boolean
}

test('slots are those of the leases that live, whatever is taken, given back, renewed and left to expire at once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(round, { maxLength: 15 }), async (rounds) => {
      const server = await openServer()
      try {
        for (const [index, limit] of SIZES.entries())
          await server.call('POST', '/v2/concurrency_limits/', { name: `limit-${index}`, limit })
        const held: Held[] = []
        for (const { waitS, steps } of rounds) {
          server.clock.advance(waitS * 1000)
          await Promise.all(steps.map((each) => play(server, held, each)))
          expect(await active(server)).toEqual(SIZES.map((_, index) => counted(held, index)))
          expect(SIZES.every((limit, index) => counted(held, index) <= limit)).toBe(true)
        }
      } finally {
        await server.close()
      }
    }),
    { numRuns: 40 },
  )
})

async function play(server: TestServer, held: Held[], each: Step): Promise<void> {
  switch (each.type) {
    case 'take': {
      const names = each.limits.map((index) => `limit-${index}`)
      const { status, body } = await server.call('POST', '/v2/concurrency_limits/increment-with-lease', {
        names,
        slots: each.slots,
        lease_duration: each.leaseS,
      })
      // Too many for a limit, or none free just now.
      if (status !== 200) return
      held.push({
        id: body.lease_id,
        limits: each.limits,
        slots: each.slots,
        until: server.clock.now() + each.leaseS * 1_000_000,
        isCounted: true,
      })
      return
    }
    case 'release': {
      const lease = held[each.which]
      if (lease === undefined) return
      await server.call('POST', '/v2/concurrency_limits/decrement-with-lease', { lease_id: lease.id })
      lease.isCounted = false
      return
    }
    case 'renew': {
      const lease = held[each.which]
      if (lease === undefined) return
      const { status } = await server.call('POST', `/v2/concurrency_limits/leases/${lease.id}/renew`, { lease_duration: 60 })
      if (status === 204) lease.until = server.clock.now() + 60_000_000
      return
    }
    case 'repossess': {
      const now = server.clock.now()
      await server.orchestrator.concurrency.repossess(100)
      for (const lease of held) if (lease.until <= now) lease.isCounted = false
      return
    }
  }
}

function counted(held: readonly Held[], index: number): number {
  return held.filter((lease) => lease.isCounted && lease.limits.includes(index)).reduce((sum, { slots }) => sum + slots, 0)
}

async function active(server: TestServer): Promise<readonly number[]> {
  const { body } = await server.call('POST', '/v2/concurrency_limits/filter', {})
  return body.map((limit: { active_slots: number }) => limit.active_slots)
}
