import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { isTuttiError } from '../core/errors.ts'
import { testTutti } from '../testing/index.ts'
import type { TestTutti } from '../testing/index.ts'
import { flow } from './flow.ts'
import { pause, sleep, sleepUntil, waitForInput } from './pause.ts'
import { task } from './task.ts'

const DAY_MS = 86_400_000

let tutti: TestTutti
let done: string[]

beforeEach(async () => {
  tutti = await testTutti()
  done = []
})
afterEach(() => tutti.close())

const note = task({ name: 'note' }, async (text: string) => {
  done.push(text)
  return text
})

/** The process ends here. */
async function dying(): Promise<never> {
  await tutti.crash()
  return new Promise(() => undefined)
}

/** Milliseconds of the test's time since its start. */
function passedMs(): number {
  return tutti.clock.now().getTime() - Date.parse('2026-01-01T00:00:00Z')
}

describe('sleep', () => {
  test('the flow goes on after the time, and the wait stands among its task runs', async () => {
    const nap = flow({ name: 'nap' }, async () => {
      await sleep('3 days')
      return note('awake')
    })

    const run = await tutti.run(nap)

    expect(run.result).toBe('awake')
    expect(passedMs()).toBeGreaterThanOrEqual(3 * DAY_MS)
    const [waited] = run.taskRuns
    expect(waited).toMatchObject({
      name: 'sleep-0',
      state: { type: 'completed' },
      history: [{ type: 'scheduled', name: 'Sleeping' }],
    })
    expect((waited?.endedAt ?? 0) - (waited?.startedAt ?? 0)).toBeGreaterThanOrEqual(3 * DAY_MS * 1000)
  })

  test('after a crash only what is left is waited for', async () => {
    await using slow = await testTutti({ clock: 'manual' })
    const nap = flow({ name: 'nap' }, async () => {
      await sleep('3 days')
      return note('awake')
    })
    const first = slow.run(nap)
    await slow.clock.advance('2 days')
    await slow.crash()
    const { id } = await first

    const resumed = slow.resume(nap, id)
    await slow.clock.advance('23 hours')
    const early = [...done]
    await slow.clock.advance('1 hour')

    expect(await resumed).toMatchObject({ state: 'completed', result: 'awake' })
    expect(early).toEqual([])
  })

  test('after a cancellation the end stays what it was', async () => {
    await using slow = await testTutti({ clock: 'manual' })
    const nap = flow({ name: 'nap' }, async () => {
      await sleep('3 days')
      return 'awake'
    })
    const first = slow.run(nap)
    await slow.clock.advance('1 day')
    const { items } = await slow.orchestrator.flowRuns.list({ limit: 1 })
    await slow.cancel(items[0]?.id ?? '')
    const cancelled = await first
    await slow.clock.advance('4 days')

    const resumed = await slow.resume(nap, cancelled.id)

    expect(cancelled).toMatchObject({ state: 'cancelled' })
    expect(cancelled.taskRuns).toMatchObject([{ state: { type: 'cancelled' } }])
    expect(resumed).toMatchObject({ state: 'completed', result: 'awake' })
  })

  test('a wait that has begun keeps its end, although the moment is worked out anew', async () => {
    await using slow = await testTutti({ clock: 'manual' })
    const nap = flow({ name: 'nap' }, async () => {
      await sleepUntil(new Date(slow.clock.now().getTime() + 2 * DAY_MS))
      return 'awake'
    })
    const first = slow.run(nap)
    await slow.clock.advance('1 day')
    await slow.crash()
    const { id } = await first

    const resumed = slow.resume(nap, id)
    await slow.clock.advance('1 day')

    expect(await resumed).toMatchObject({ state: 'completed' })
  })

  test('a moment that has passed is no wait', async () => {
    const now = flow({ name: 'now' }, async () => {
      await sleepUntil(new Date(0))
      return 'at once'
    })

    expect((await tutti.run(now)).result).toBe('at once')
    expect(passedMs()).toBeLessThan(1_000)
  })

  test('beside tasks it is no hindrance, and a race takes the same branch again', async () => {
    let attempts = 0
    const slowTask = task({ name: 'slow' }, async () => {
      await tutti.clock.sleep('2h')
      return 'task'
    })
    const racing = flow({ name: 'racing' }, async () => {
      const winner = await Promise.race([sleep('1h').then(() => 'sleep'), slowTask()])
      await note(winner)
      attempts += 1
      if (attempts === 1) await dying()
      const loser = await Promise.race([sleep('1h').then(() => 'sleep'), note('quick')])
      return [winner, loser]
    })

    const crashed = await tutti.run(racing)
    const resumed = await tutti.resume(racing, crashed.id)

    expect(crashed.state).toBe('crashed')
    expect(resumed.result).toEqual(['sleep', 'quick'])
    expect(done).toEqual(['sleep', 'quick'])
  })

  test('wherever its process dies, a race takes one branch only', async () => {
    let deaths = 0
    for (let at = 1; at <= 12; at += 1) {
      await using dying = await testTutti()
      const branches: string[] = []
      const take = task({ name: 'take' }, async (branch: string) => void branches.push(branch))
      const work = task({ name: 'work' }, () => dying.clock.sleep('61 minutes'))
      const racing = flow({ name: 'racing' }, async () => {
        const first = await Promise.race([sleep('1h').then(() => 'sleep'), work().then(() => 'work')])
        await take(first)
        await sleep('1d')
        return first
      })
      dying.faults.crash({ at, kind: 'write', when: at % 2 === 0 ? 'before' : 'after' })

      const died = await dying.run(racing)
      if (died.state === 'crashed') deaths += 1
      const run = died.state === 'completed' ? died : died.id === '' ? await dying.run(racing) : await dying.resume(racing, died.id)

      expect(run.state).toBe('completed')
      expect(new Set(branches)).toEqual(new Set([run.result]))
    }
    expect(deaths).toBeGreaterThan(5)
  })

  test('a wait that nobody awaits does not hold up the end of its flow', async () => {
    const careless = flow({ name: 'careless' }, async () => {
      void sleep('30 days')
      return note('done')
    })

    const run = await tutti.run(careless)

    expect(run).toMatchObject({ state: 'completed', result: 'done' })
    expect(run.taskRuns.find(({ name }) => name === 'sleep-0')?.state.type).toBe('cancelled')
    expect(passedMs()).toBeLessThan(1_000)
  })

  test('in a sub-flow it is the sub-flow that waits', async () => {
    const inner = flow({ name: 'inner' }, async () => {
      await sleep('2h')
      return 'inner'
    })
    const outer = flow({ name: 'outer' }, async () => [await inner(), passedMs() >= 7_200_000])

    expect((await tutti.run(outer)).result).toEqual(['inner', true])
  })
})

const approval = flow({ name: 'approval' }, async () => {
  const { ok, by } = await waitForInput(z.object({ ok: z.boolean(), by: z.string().trim().default('nobody') }), {
    key: 'approve',
    description: 'Ship it?',
    timeout: '2 days',
  })
  await note(`${String(ok)} by ${by}`)
  return { ok, by }
})

describe('waitForInput', () => {
  test('the run is Paused until it is given what its schema takes, and the flow gets what the schema makes of it', async () => {
    const running = tutti.run(approval)
    const paused = await tutti.paused()
    const waiting = await tutti.orchestrator.flowRuns.get(paused.id)

    await tutti.answer(paused, { ok: true, by: ' ada ' })
    const run = await running

    expect(paused).toMatchObject({ key: 'approve', description: 'Ship it?', schema: { type: 'object', required: ['ok'] } })
    expect(waiting.state).toMatchObject({ type: 'paused', message: expect.stringContaining('Ship it?') as string })
    expect(run.result).toEqual({ ok: true, by: 'ada' })
    expect(run.states.map(({ type }) => type)).toEqual(['pending', 'running', 'paused', 'running', 'completed'])
  })

  test('what does not fit is refused with the field that is wrong, and the run waits on', async () => {
    const running = tutti.run(approval)
    const paused = await tutti.paused()

    const wrong = tutti.answer(paused, { ok: 'yes' })

    await expect(wrong).rejects.toMatchObject({ code: 'INVALID_INPUT', message: expect.stringContaining("'ok'") as string })
    await tutti.answer(paused, { ok: false })
    expect((await running).result).toEqual({ ok: false, by: 'nobody' })
  })

  test('what only the schema itself can refuse is asked for again', async () => {
    const even = z.object({ count: z.number().refine((count) => count % 2 === 0, 'must be even') })
    const counting = flow({ name: 'counting' }, async () => (await waitForInput(even)).count)
    const running = tutti.run(counting)
    await tutti.answer(await tutti.paused(), { count: 3 })
    const again = await tutti.paused()
    const message = (await tutti.orchestrator.flowRuns.get(again.id)).state.message

    await tutti.answer(again, { count: 4 })

    expect((await running).result).toBe(4)
    expect(message).toContain('count: must be even')
  })

  test('an input once given is replayed after a crash, and not asked for again', async () => {
    let attempts = 0
    const crashing = flow({ name: 'crashing' }, async () => {
      const at = await waitForInput(z.object({ at: z.coerce.date() }))
      attempts += 1
      if (attempts === 1) await dying()
      return at
    })
    const running = tutti.run(crashing)
    await tutti.answer(await tutti.paused(), { at: '2026-05-01T00:00:00Z' })
    const { id } = await running

    const resumed = await tutti.resume(crashing, id)

    expect(resumed.result).toEqual({ at: new Date('2026-05-01T00:00:00Z') })
    expect(resumed.states.filter(({ type }) => type === 'paused')).toHaveLength(1)
  })

  test('given to a run whose process has died, it is kept for when the run is resumed', async () => {
    const running = tutti.run(approval)
    const paused = await tutti.paused()
    await tutti.crash()
    await running

    await tutti.answer(paused, { ok: true })
    const resumed = await tutti.resume(approval, paused.id)

    expect(resumed.result).toEqual({ ok: true, by: 'nobody' })
  })

  test('when nobody comes it rejects with WAIT_TIMED_OUT, which the flow may catch', async () => {
    const careful = flow({ name: 'careful' }, async () => {
      try {
        return await waitForInput(z.object({ ok: z.boolean() }), { timeout: '2 days' })
      } catch (error) {
        if (!isTuttiError(error, 'WAIT_TIMED_OUT')) throw error
        return note('went on without')
      }
    })

    const run = await tutti.run(careful)

    expect(run.result).toBe('went on without')
    expect(run.taskRuns[0]).toMatchObject({ state: { type: 'failed', name: 'TimedOut' } })
    expect(run.states.map(({ type }) => type)).toEqual(['pending', 'running', 'paused', 'running', 'completed'])
  })

  test('not caught, it fails the run; a retry waits anew, and an answer then counts', async () => {
    const failed = await tutti.run(approval)
    await tutti.paused()
    const retrying = tutti.retry(approval, failed.id)
    await tutti.answer(await tutti.paused(), { ok: true })

    expect(failed).toMatchObject({ state: 'failed', error: { code: 'WAIT_TIMED_OUT' } })
    expect((await retrying).result).toEqual({ ok: true, by: 'nobody' })
  })

  test('several at once are asked one after the other', async () => {
    const both = flow({ name: 'both' }, async () =>
      Promise.all([waitForInput(z.string(), { key: 'name' }), waitForInput(z.number(), { key: 'age' })]),
    )
    const running = tutti.run(both)
    const first = await tutti.paused()
    await tutti.answer(first, 'Ada')
    const second = await tutti.paused()
    await tutti.answer(second, 36)

    expect([first.key, second.key]).toEqual(['name', 'age'])
    expect((await running).result).toEqual(['Ada', 36])
  })

  test('tasks beside it go on', async () => {
    const beside = flow({ name: 'beside' }, async () => Promise.all([waitForInput(z.string()), note('one').then(() => note('two'))]))
    const running = tutti.run(beside)
    const paused = await tutti.paused()
    await tutti.answer(paused, 'x')

    expect((await running).result).toEqual(['x', 'two'])
  })

  test('a cancellation reaches a run that waits', async () => {
    const running = tutti.run(approval)
    const paused = await tutti.paused()

    await tutti.cancel(paused)

    expect(await running).toMatchObject({ state: 'cancelled' })
  })
})

describe('pause', () => {
  const pausing = flow({ name: 'pausing' }, async () => {
    await pause({ description: 'Look at the figures.' })
    return note('went on')
  })

  test('the run goes on when it is resumed, from another process too', async () => {
    const running = tutti.run(pausing)
    const paused = await tutti.paused()

    await tutti.another().answer(paused)

    expect((await running).result).toBe('went on')
    expect(paused.schema).toBeNull()
  })

  test('it takes no input', async () => {
    const running = tutti.run(pausing)
    const paused = await tutti.paused()

    await expect(tutti.answer(paused, { ok: true })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    await tutti.answer(paused)
    expect((await running).state).toBe('completed')
  })

  test('killed while it is paused, a resumed run is paused again until it is answered', async () => {
    const running = tutti.run(pausing)
    const paused = await tutti.paused()
    await tutti.crash()
    await running
    const resumed = tutti.resume(pausing, paused.id)
    await tutti.answer(await tutti.paused())

    expect((await resumed).result).toBe('went on')
  })

  test('what waits for nothing says so', async () => {
    const run = await tutti.run(flow({ name: 'short' }, async () => note('done')))

    await expect(tutti.answer(run)).rejects.toMatchObject({ code: 'NOT_WAITING' })
  })
})

describe('in the wrong place', () => {
  test('outside of a run a wait says so', () => {
    expect(() => sleep('1s')).toThrow(expect.objectContaining({ code: 'NOT_IN_A_RUN' }))
    expect(() => waitForInput(z.string())).toThrow(expect.objectContaining({ code: 'NOT_IN_A_RUN' }))
  })

  test('inside a task it says where it may be', async () => {
    const wrong = task({ name: 'wrong' }, async () => sleep('1s'))

    const run = await tutti.run(flow({ name: 'outer' }, async () => wrong()))

    expect(run).toMatchObject({ state: 'failed', error: { code: 'WAIT_IN_TASK', message: expect.stringContaining('wrong-0') as string } })
  })

  test.each([
    ['a duration that is none', () => sleep('soon'), 'INVALID_DURATION'],
    ['a time that is none', () => sleepUntil(new Date('soon')), 'INVALID_OPTION'],
    ['no schema', () => waitForInput({} as never), 'INVALID_OPTION'],
    ['an empty key', () => pause({ key: '' }), 'INVALID_OPTION'],
  ] as const)('%s is refused', async (_, call, code) => {
    const run = await tutti.run(flow({ name: 'wrong' }, async () => call()))

    expect(run).toMatchObject({ state: 'failed', error: { code } })
  })
})
