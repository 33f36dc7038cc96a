import { type } from 'arktype'
import * as v from 'valibot'
import { expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { runAccess as run } from '../engine/run-access.ts'
import { testTutti } from '../testing/index.ts'
import { flow } from './flow.ts'
import { log } from './log.ts'
import { allowFailure, Cancelled, Completed, Failed } from './states.ts'
import { tags } from './tags.ts'
import { task } from './task.ts'

/* ── parameters ────────────────────────────────────────────────────────────────────── */

const schemas = [
  ['zod', z.object({ day: z.coerce.date(), limit: z.number().int().default(10) })],
  [
    'valibot',
    v.object({
      day: v.pipe(
        v.string(),
        v.isoDate(),
        v.transform((text) => new Date(text)),
      ),
      limit: v.optional(v.number(), 10),
    }),
  ],
  ['arktype', type({ day: 'string.date.parse', limit: 'number.integer = 10' })],
] as const

test.each(schemas)('parameters are coerced and defaults applied with %s', async (_name, schema) => {
  await using tutti = await testTutti()
  const sync = flow({ name: 'sync', parameters: schema }, async ({ day, limit }) => [day, limit])

  const result = await tutti.run(sync, { day: '2026-01-02' })

  expect(result).toMatchObject({ state: 'completed', result: [new Date('2026-01-02'), 10] })
})

test.each(schemas)('every bad parameter is named with %s, and nothing runs', async (_name, schema) => {
  await using tutti = await testTutti()
  const called: string[] = []
  const sync = flow({ name: 'sync', parameters: schema }, async () => {
    called.push('sync')
  })

  const result = await tutti.run(sync, { day: 'never', limit: 'many' } as never)

  expect(result.error).toMatchObject({ code: 'INVALID_PARAMETERS' })
  expect(String(result.error)).toMatch(/day[\s\S]*limit|limit[\s\S]*day/)
  expect(called).toEqual([])
  expect((await tutti.orchestrator.flowRuns.list({ limit: 10 })).items).toEqual([])
})

test.each([
  ['zod', z.object({ day: z.string(), limit: z.number().default(10) })],
  ['valibot', v.object({ day: v.string(), limit: v.optional(v.number(), 10) })],
  ['arktype', type({ day: 'string', limit: 'number = 10' })],
] as const)('the JSON Schema of the parameters is derived with %s', async (_name, schema) => {
  const sync = flow({ name: 'sync', parameters: schema }, async () => 1)

  expect(await sync.jsonSchema()).toMatchObject({
    type: 'object',
    properties: { day: { type: 'string' }, limit: { type: 'number' } },
    required: ['day'],
  })
})

test('types follow from the schema and from the functions', () => {
  const sync = flow(
    { name: 'sync', parameters: z.object({ day: z.coerce.date(), limit: z.number().default(10) }) },
    async ({ day, limit }) => {
      expectTypeOf(day).toEqualTypeOf<Date>()
      return limit
    },
  )
  const double = task({ name: 'double', key: (value) => String(value) }, async (value: number) => value * 2)

  expectTypeOf(sync).parameter(0).toExtend<{ limit?: number | undefined } | undefined>()
  expectTypeOf<Awaited<ReturnType<typeof sync>>>().toEqualTypeOf<number>()
  expectTypeOf<Awaited<ReturnType<typeof double>>>().toEqualTypeOf<number>()
  expectTypeOf<Parameters<typeof double.map>[0]>().toExtend<Iterable<unknown>>()
})

/* ── how a flow ends ───────────────────────────────────────────────────────────────── */

test('a returned state decides how the flow ends, under its own name', async () => {
  await using tutti = await testTutti()

  const skipped = await tutti.run(flow({ name: 'a' }, async () => Completed('Skipped', { message: 'nothing new' })))
  const failed = await tutti.run(flow({ name: 'b' }, async () => Failed('not today')))
  const cancelled = await tutti.run(flow({ name: 'c' }, async () => Cancelled('on a holiday')))

  expect(skipped).toMatchObject({ state: 'completed', stateName: 'Skipped', message: 'nothing new' })
  expect(failed).toMatchObject({ state: 'failed', message: 'not today' })
  expect(cancelled).toMatchObject({ state: 'cancelled', message: 'on a holiday' })
})

test('returned futures decide: all completed or the flow fails, saying how many did not', async () => {
  await using tutti = await testTutti()
  const odd = task({ name: 'odd' }, async (value: number) => {
    if (value % 2 === 0) throw new Error(`${value} is even`)
    return value
  })

  const good = await tutti.run(flow({ name: 'good' }, () => [odd(1), odd(3)]))
  const bad = await tutti.run(flow({ name: 'bad' }, () => [odd(1), odd(2), odd(4)]))

  expect(good).toMatchObject({ state: 'completed', result: [1, 3] })
  expect(bad).toMatchObject({ state: 'failed', message: '2 of 3 returned states are not Completed' })
})

test('whatever is thrown is a failure with its message', async () => {
  await using tutti = await testTutti()

  const text = await tutti.run(
    flow({ name: 'text' }, async () => {
      // oxlint-disable-next-line typescript/only-throw-error -- users do
      throw 'just text'
    }),
  )

  const nothing = await tutti.run(
    flow({ name: 'nothing' }, async () => {
      // oxlint-disable-next-line typescript/only-throw-error -- users do
      throw null
    }),
  )

  expect(text).toMatchObject({ state: 'failed', message: 'just text', error: 'just text' })
  expect(nothing).toMatchObject({ state: 'failed', message: 'null was thrown instead of an error' })
})

test('a flow that takes too long is TimedOut, and its tasks hear it', async () => {
  await using tutti = await testTutti()
  const heard: unknown[] = []
  const slow = task({ name: 'slow' }, async () => {
    run().signal.addEventListener('abort', () => heard.push(run().taskRunName))
    await tutti.clock.sleep('1h', run().signal)
  })

  const result = await tutti.run(flow({ name: 'limited', timeout: '1m' }, () => slow()))

  expect(result).toMatchObject({ state: 'failed', stateName: 'TimedOut', error: { code: 'FLOW_TIMED_OUT' } })
  expect(heard).toEqual(['slow-0'])
})

test('a flow is tried again after its delay; completed tasks are not called again', async () => {
  await using tutti = await testTutti({ start: '2026-01-01T00:00:00Z' })
  const called: string[] = []
  const load = task({ name: 'load' }, async () => void called.push('load'))
  let failures = 2
  const unsteady = flow({ name: 'unsteady', retries: 2, retryDelay: ['1h', '2h'] }, async () => {
    await load()
    if (failures-- > 0) throw new Error('not yet')
    return run().attempt
  })

  const result = await tutti.run(unsteady)

  expect(result).toMatchObject({ state: 'completed', result: 3 })
  expect(called).toEqual(['load'])
  expect(tutti.clock.now()).toEqual(new Date('2026-01-01T03:00:00Z'))
})

test('retryIf ends the retries of a flow', async () => {
  await using tutti = await testTutti()
  let calls = 0
  const picky = flow({ name: 'picky', retries: 5, retryIf: (error) => !(error instanceof RangeError) }, async () => {
    calls += 1
    throw calls < 2 ? new Error('again') : new RangeError('never')
  })

  const result = await tutti.run(picky)

  expect(result).toMatchObject({ state: 'failed', message: 'never' })
  expect(calls).toBe(2)
})

test('a call that nobody awaited is given up after the flow has ended, and recorded Cancelled before it', async () => {
  await using tutti = await testTutti()
  const endless = task({ name: 'endless' }, () => tutti.clock.sleep('10h', run().signal))

  const result = await tutti.run(
    flow({ name: 'hasty' }, async () => {
      void endless()
      return 'done'
    }),
  )

  expect(result).toMatchObject({ state: 'completed', result: 'done' })
  expect(result.taskRuns.map((taskRun) => taskRun.state.type)).toEqual(['cancelled'])
})

/* ── names, keys, hooks, logs ──────────────────────────────────────────────────────── */

test('a run is named by a template of its parameters, by a function, or by two words', async () => {
  await using tutti = await testTutti()
  const body = async (_day: { day: string }): Promise<void> => undefined

  const templated = await tutti.run(flow({ name: 'a', runName: 'sync {day}' }, body), { day: 'monday' })
  const computed = await tutti.run(flow({ name: 'b', runName: ({ day }: { day: string }) => day.toUpperCase() }, body), { day: 'monday' })
  const unnamed = await tutti.run(flow({ name: 'c' }, body), { day: 'monday' })

  expect([templated.name, computed.name]).toEqual(['sync monday', 'MONDAY'])
  expect(unnamed.name).toMatch(/^[a-z]+-[a-z]+$/)
})

test('calls with one idempotency key are one run, at the same time and later', async () => {
  await using tutti = await testTutti()
  let calls = 0
  const once = flow({ name: 'once', idempotencyKey: 'order 7' }, async () => {
    calls += 1
    await tutti.clock.sleep(10)
    return calls
  })

  const [first, second] = await Promise.all([once(), once()])
  const third = await once()

  expect([first, second, third]).toEqual([1, 1, 1])
  expect((await tutti.orchestrator.flowRuns.list({ limit: 10 })).items).toHaveLength(1)
})

test('hooks are told the end they are for, run before the run ends, and change nothing when they throw', async () => {
  await using tutti = await testTutti()
  const told: string[] = []
  const hook = (what: string) => async (context: { readonly name: string; readonly state: { readonly name: string } }) => {
    told.push(`${what} ${context.state.name}`)
    throw new Error('hooks fail too')
  }
  const hooks = {
    onRunning: hook('running'),
    onCompletion: hook('completion'),
    onFailure: hook('failure'),
    onCancellation: hook('cancellation'),
  }

  const completed = await tutti.run(flow({ name: 'well', ...hooks }, async () => 1))
  const failed = await tutti.run(
    flow({ name: 'badly', ...hooks }, async () => {
      throw new Error('no')
    }),
  )

  expect([completed.state, failed.state]).toEqual(['completed', 'failed'])
  expect(told).toEqual(['running Running', 'completion Completed', 'running Running', 'failure Failed'])
  expect(completed.logs.map((record) => record.message).join()).toContain('hooks fail too')
})

test('a cancelled run hears the signal, runs its hook and keeps what is finished', async () => {
  await using tutti = await testTutti({ clock: 'manual' })
  const begun = Promise.withResolvers<string>()
  const told: string[] = []
  const first = task({ name: 'first' }, async () => 1)
  const nap = task({ name: 'nap' }, async () => {
    begun.resolve(run().flowRunId)
    await tutti.clock.sleep('1h', run().signal)
  })
  const long = flow({ name: 'long', onCancellation: () => void told.push('hook') }, async () => {
    await first()
    await nap()
  })

  const running = tutti.run(long)
  await long.cancel(await begun.promise)
  const result = await running

  expect(result).toMatchObject({ state: 'cancelled', error: { code: 'RUN_CANCELLED' } })
  expect(told).toEqual(['hook'])
  expect(result.taskRuns.map((taskRun) => taskRun.state.type)).toEqual(['completed', 'cancelled'])
})

test('a flow that waits for its retry can be cancelled', async () => {
  await using tutti = await testTutti({ clock: 'manual' })
  const failed = Promise.withResolvers<string>()
  const unlucky = flow({ name: 'unlucky', retries: 1, retryDelay: '1d' }, async () => {
    failed.resolve(run().flowRunId)
    throw new Error('no')
  })

  const running = tutti.run(unlucky)
  const id = await failed.promise
  await expect.poll(async () => (await tutti.orchestrator.flowRuns.get(id)).state.name).toBe('AwaitingRetry')
  await tutti.cancel(id)

  expect(await running).toMatchObject({ state: 'cancelled' })
})

test('log lines and, when asked for, console lines go to the log of the run and of the task they are in', async () => {
  await using tutti = await testTutti()
  const speak = task({ name: 'speak' }, async () => console.warn('from', 'a task'))
  const talk = flow({ name: 'talk', captureConsole: true }, async () => {
    log.info('rows: %d', 3, { in: 'the flow' })
    console.log('printed')
    await speak()
  })

  const result = await tutti.run(talk)

  expect(result.logs.map(({ level, logger, message, taskRunId }) => [level, logger, message, taskRunId !== null])).toEqual([
    [20, 'talk', "rows: 3 { in: 'the flow' }", false],
    [20, 'console', 'printed', false],
    [30, 'console', 'from a task', true],
  ])
})

test('log lines that come faster than they can be written are dropped beyond a bound, and the run says how many', async () => {
  await using tutti = await testTutti()
  const chatty = flow({ name: 'chatty' }, async () => {
    for (let line = 0; line < 40; line++) log.info('x'.repeat(60_000) + line)
    for (let line = 0; line < 100_010; line++) log.debug(String(line))
  })

  const result = await tutti.run(chatty)

  expect(result.state).toBe('completed')
  expect(result.logs.at(-1)?.message).toBe('50 log lines of this process were dropped: they came faster than the store could take them')
})

test('tags of the flow, of the context and of the task add up', async () => {
  await using tutti = await testTutti()
  const seen = task({ name: 'seen', tags: ['task'] }, async () => run().tags)

  const result = await tutti.run(flow({ name: 'tagged', tags: ['flow'] }, () => tags(['context'], () => seen())))

  expect(result.result).toEqual(['task', 'context'])
  expect(result.taskRuns[0]?.tags).toEqual(['task', 'context'])
})

/* ── sub-flows ─────────────────────────────────────────────────────────────────────── */

test('a sub-flow is a run of its own, linked to the task run that stands for it', async () => {
  await using tutti = await testTutti()
  const child = flow({ name: 'child' }, async (value: number) => value + 1)
  const parent = flow({ name: 'parent' }, async () => Promise.all([child(1), child(2)]))

  const result = await tutti.run(parent)

  expect(result).toMatchObject({ state: 'completed', result: [2, 3] })
  const children = (await tutti.orchestrator.flowRuns.list({ flowName: 'child', limit: 10 })).items
  expect(children.map((item) => item.rootId)).toEqual([result.id, result.id])
  expect(new Set(result.taskRuns.map((taskRun) => taskRun.childFlowRunId))).toEqual(new Set(children.map((item) => item.id)))
})

test('the failure of a sub-flow can be caught, or allowed', async () => {
  await using tutti = await testTutti()
  const child = flow({ name: 'child' }, async (): Promise<number> => {
    throw new RangeError('too small')
  })
  const describe = task(
    { name: 'describe' },
    async (state: { readonly name: string; readonly message: string | null }) => `${state.name}: ${state.message}`,
  )

  const caught = await tutti.run(flow({ name: 'catches' }, () => child().catch((error: Error) => error.name)))
  const allowed = await tutti.run(flow({ name: 'allows' }, () => describe(allowFailure(child()) as never)))

  expect(caught).toMatchObject({ state: 'completed', result: 'RangeError' })
  expect(allowed).toMatchObject({ state: 'completed', result: 'Failed: too small' })
})

test('cancelling a parent cancels its sub-flows', async () => {
  await using tutti = await testTutti({ clock: 'manual' })
  const begun = Promise.withResolvers<void>()
  const child = flow({ name: 'child' }, async () => {
    begun.resolve()
    await tutti.clock.sleep('1h', run().signal)
  })
  const ids: string[] = []
  const parent = flow({ name: 'parent' }, async () => {
    ids.push(run().flowRunId)
    await child()
  })

  const running = tutti.run(parent)
  await begun.promise
  await tutti.cancel(ids[0] ?? '')

  expect(await running).toMatchObject({ state: 'cancelled' })
  const children = (await tutti.orchestrator.flowRuns.list({ flowName: 'child', limit: 10 })).items
  expect(children.map((item) => item.state.type)).toEqual(['cancelled'])
})
