import { expect, test } from 'vitest'
import { after } from '../core/time.ts'
import type { ServiceOperations } from '../core/service-operations.ts'
import { handClock } from '../../test/conformance/protocol/open-server.ts'
import type { HandClock } from '../../test/conformance/protocol/open-server.ts'
import { T0 } from '../testing/builders.ts'
import { Turn } from './turn.ts'

interface Database {
  readonly services: ServiceOperations
  /** Who asked, in order. */
  readonly asked: string[]
  fails: boolean
}

/** As the store does it: one holder at a time, until it is silent. */
function aDatabase(clock: HandClock): Database {
  let held = { holder: '', until: 0 }
  const database = {
    asked: [] as string[],
    fails: false,
    services: {
      async takeTurn(_service: string, holder: string, forMs: number) {
        database.asked.push(holder)
        if (database.fails) throw new Error('away')
        if (held.holder !== holder && held.until > clock.now()) return false
        held = { holder, until: after(clock.now(), forMs) }
        return true
      },
    } as unknown as ServiceOperations, // the one operation that turns use
  }
  return database
}

test('one of two servers has the turn, and the other takes it over when that is silent', async () => {
  const clock = handClock(T0)
  const { services } = aDatabase(clock)
  const [one, two] = [new Turn(services, 'one', clock), new Turn(services, 'two', clock)]
  expect([await one.isOurs(), await two.isOurs()]).toEqual([true, false])
  clock.advance(20_000)
  expect([await one.isOurs(), await two.isOurs()]).toEqual([true, false])

  clock.advance(30_000)

  expect([await two.isOurs(), await one.isOurs()]).toEqual([true, false])
})

test('services that tick together, or soon after each other, ask once', async () => {
  const clock = handClock(T0)
  const { services, asked } = aDatabase(clock)
  const turn = new Turn(services, 'one', clock)

  const together = await Promise.all([turn.isOurs(), turn.isOurs(), turn.isOurs()])
  clock.advance(9_000)
  await turn.isOurs()

  expect(together).toEqual([true, true, true])
  expect(asked).toEqual(['one'])
})

test('a turn that cannot be kept is not ours', async () => {
  const clock = handClock(T0)
  const database = aDatabase(clock)
  const turn = new Turn(database.services, 'one', clock)
  await turn.isOurs()
  clock.advance(10_000)
  database.fails = true

  await expect(turn.isOurs()).rejects.toThrow('away')
  await expect(turn.isOurs()).rejects.toThrow('away')

  database.fails = false
  expect(await turn.isOurs()).toBe(true)
})
