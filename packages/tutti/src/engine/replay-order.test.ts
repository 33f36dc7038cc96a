import fc from 'fast-check'
import { expect, test } from 'vitest'
import { flow } from '../sdk/flow.ts'
import { task } from '../sdk/task.ts'
import { testTutti } from '../testing/index.ts'
import type { TestTutti } from '../testing/index.ts'

/** A flow body as data: what each of its concurrent branches does, one thing after the other. */
type Step =
  | { readonly do: 'call'; readonly about: number }
  | { readonly do: 'fail'; readonly about: number }
  | { readonly do: 'race'; readonly abouts: readonly number[] }
  | { readonly do: 'map'; readonly abouts: readonly number[] }
  | { readonly do: 'sub-flow'; readonly abouts: readonly number[] }

const about = fc.nat(4)
const abouts = fc.array(about, { minLength: 1, maxLength: 3 })
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: about.map((value) => ({ do: 'call', about: value }) as const) },
  about.map((value) => ({ do: 'fail', about: value }) as const),
  abouts.map((list) => ({ do: 'race', abouts: list }) as const),
  abouts.map((list) => ({ do: 'map', abouts: list }) as const),
  abouts.map((list) => ({ do: 'sub-flow', abouts: list }) as const),
)
const branches = fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 })

/** Runs the branches; `seen` gets every result in the order in which the flow's own code saw it. */
function programOf(tutti: TestTutti, plan: readonly (readonly Step[])[], seen: string[], started: string[], slowness: () => number) {
  const work = task({ name: 'work' }, async (value: number) => {
    started.push(`work ${value}`)
    await tutti.clock.sleep(slowness())
    return value
  })
  const broken = task({ name: 'broken' }, async (value: number): Promise<number> => {
    await tutti.clock.sleep(slowness())
    throw new Error(`no ${value}`)
  })
  const inner = flow({ name: 'inner' }, async (values: readonly number[]) => {
    let total = 0
    for (const value of values) total += await work(value)
    return total
  })

  async function perform(one: Step): Promise<unknown> {
    switch (one.do) {
      case 'call':
        return work(one.about)
      case 'fail':
        return broken(one.about).catch((error: unknown) => (error as Error).message)
      case 'race':
        return Promise.race(one.abouts.map((value) => work(value)))
      case 'map':
        return work.map(one.abouts)
      case 'sub-flow':
        return inner(one.abouts)
    }
  }

  return flow({ name: 'program' }, async () => {
    await Promise.all(
      plan.map(async (steps, branch) => {
        for (const one of steps) seen.push(`branch ${branch}: ${one.do} gave ${JSON.stringify(await perform(one))}`)
      }),
    )
    return [...seen]
  })
}

test('after a crash at any store call, code sees the results of before in the same order, then new ones', async () => {
  const cases = fc.tuple(
    branches,
    fc.integer({ min: 2, max: 20 }),
    fc.constantFrom('before', 'after'),
    fc.array(fc.nat(9), { minLength: 8, maxLength: 8 }),
  )

  await fc.assert(
    fc.asyncProperty(cases, async ([plan, at, when, delays]) => {
      await using tutti = await testTutti()
      let turn = 0
      const slowness = (): number => delays[turn++ % delays.length] ?? 0
      const before: string[] = []
      tutti.faults.crash({ at, when: when as 'before' | 'after' })
      const first = await tutti.run(programOf(tutti, plan, before, [], slowness))
      fc.pre(first.state === 'crashed')
      tutti.faults.clear()
      // Everything takes other times now.
      turn += 3
      const after: string[] = []

      const second = await tutti.resume(programOf(tutti, plan, after, [], slowness), first)

      expect(second.state).toBe('completed')
      expect(after.slice(0, before.length)).toEqual(before)
    }),
    { numRuns: 80 },
  )
}, 60_000)

test('a replay of everything sees all results in the same order and calls no function', async () => {
  const withoutRaces = branches.map((plan) => plan.map((steps) => steps.filter((one) => one.do !== 'race')))

  await fc.assert(
    fc.asyncProperty(withoutRaces, fc.array(fc.nat(9), { minLength: 8, maxLength: 8 }), async (plan, delays) => {
      await using tutti = await testTutti()
      let turn = 0
      const slowness = (): number => delays[turn++ % delays.length] ?? 0
      const before: string[] = []
      const atEnd = Promise.withResolvers<void>()
      const first = programOf(tutti, plan, before, [], slowness)
      const hanging = flow({ name: 'program' }, async () => {
        await first.definition.fn(undefined)
        atEnd.resolve()
        await new Promise(() => undefined)
      })
      const running = tutti.run(hanging)
      await atEnd.promise
      await tutti.crash()
      const after: string[] = []
      const started: string[] = []

      const second = await tutti.resume(programOf(tutti, plan, after, started, slowness), await running)

      expect(second).toMatchObject({ state: 'completed' })
      expect(after).toEqual(before)
      expect(started).toEqual([])
    }),
    { numRuns: 40 },
  )
}, 60_000)
