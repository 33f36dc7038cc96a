import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { PLAIN_RERUN } from '../../src/core/rerun.ts'
import { runAccess } from '../../src/engine/run-access.ts'
import { flow } from '../../src/sdk/flow.ts'
import { task } from '../../src/sdk/task.ts'
import { testTutti } from '../../src/testing/index.ts'
import type { TestTutti } from '../../src/testing/index.ts'

// Real flows, run again: what was reused is not called again, what comes after is.

let tutti: TestTutti
let calls: string[]
let breaks: Set<string>

beforeEach(async () => {
  tutti = await testTutti()
  calls = []
  breaks = new Set()
})
afterEach(() => tutti.close())

function step<T>(name: string, value: (...args: readonly unknown[]) => T) {
  return task({ name }, async (...args: readonly unknown[]) => {
    calls.push(name)
    if (breaks.has(name)) throw new Error(`${name} broke`)
    return value(...args)
  })
}

const LARGE = 'x'.repeat(100_000)

const fetchRows = step('fetch', () => [1, 2, 3])
const clean = step('clean', (rows) => (rows as number[]).map((row) => row * 10))
const load = step('load', (rows) => (rows as number[]).length)
const etl = flow({ name: 'etl' }, async ({ factor = 1 }: { factor?: number } = {}) => {
  const rows = await fetchRows()
  const cleaned = await clean(rows)
  return { loaded: await load(cleaned, factor), sum: cleaned.reduce((total, row) => total + row, 0) * factor }
})

/** What is called from now on. */
function called(): readonly string[] {
  const since = [...calls]
  calls.length = 0
  return since
}

async function linkOf(id: string): Promise<unknown> {
  const { dispatch } = await tutti.orchestrator.flowRuns.get(id)
  return [dispatch?.labels.plain(), dispatch?.context.plain()]
}

describe('a run that completed', () => {
  test('runs again from a task: what came before is not called', async () => {
    const first = await tutti.run(etl)
    called()
    const again = await tutti.rerun(etl, first, { from: 'clean' })

    expect(again).toMatchObject({ state: 'completed', result: { loaded: 3, sum: 60 } })
    expect(called()).toEqual(['clean', 'load'])
    expect(again.id).not.toBe(first.id)
    expect(again.taskRuns.map(({ taskKey, state }) => [taskKey, state.name])).toEqual([
      ['fetch', 'Cached'],
      ['clean', 'Completed'],
      ['load', 'Completed'],
    ])
    expect(await linkOf(again.id)).toEqual([
      { 'tutti.rerun-of': first.id },
      { 'tutti.rerun': { of: first.id, code: 'same', from: 'clean' } },
    ])
  })

  test('runs again as a whole when nothing else is asked', async () => {
    const first = await tutti.run(etl)
    called()
    await tutti.rerun(etl, first)

    expect(called()).toEqual(['fetch', 'clean', 'load'])
  })

  test('with another parameter calls what takes it, and reuses the rest', async () => {
    const first = await tutti.run(etl, { factor: 1 })
    called()
    const again = await tutti.rerun(etl, first, { parameters: { factor: 2 } })

    expect(again.result).toEqual({ loaded: 3, sum: 120 })
    expect(called()).toEqual(['load'])
    expect(again.logs.map(({ message }) => message)).toEqual([])
    expect(again.taskRuns.map(({ taskKey, state }) => `${taskKey} ${state.name}`).toSorted()).toEqual([
      'clean Cached',
      'fetch Cached',
      'load Completed',
      'load Superseded',
    ])
  })

  test('with a supplied result goes on as if the task had returned it', async () => {
    const first = await tutti.run(etl)
    called()
    const again = await tutti.rerun(etl, first, { results: { fetch: [5] } })

    expect(again.result).toEqual({ loaded: 1, sum: 50 })
    expect(called()).toEqual(['clean', 'load'])
    expect(again.taskRuns[0]?.state).toMatchObject({ type: 'completed', name: 'Supplied' })
  })

  test('can be run again from its rerun, and is not changed by any of it', async () => {
    const first = await tutti.run(etl)
    const second = await tutti.rerun(etl, first, { from: 'clean' })
    called()
    const third = await tutti.rerun(etl, second, { from: 'load' })

    expect(third.result).toEqual(first.result)
    expect(called()).toEqual(['load'])
    const { items } = await tutti.orchestrator.taskRuns.list({ flowRunId: first.id, limit: 10 })
    expect(items.map(({ state }) => state.name)).toEqual(['Completed', 'Completed', 'Completed'])
  })

  test('does not go on as the same run', async () => {
    const first = await tutti.run(etl)

    expect(await tutti.retry(etl, first, { from: 'clean' })).toMatchObject({ state: 'failed', error: { code: 'RERUN_REFUSED' } })
  })

  test('a plan tells the same and changes nothing', async () => {
    const first = await tutti.run(etl)
    const plan = await tutti.orchestrator.flowRuns.planRerun(first.id, { ...PLAIN_RERUN, from: 'load' })
    const { items } = await tutti.orchestrator.flowRuns.list({ limit: 10 })

    expect(plan.reused.map(({ name }) => name)).toEqual(first.taskRuns.slice(0, 2).map(({ name }) => name))
    expect(plan.again).toMatchObject([{ taskKey: 'load', because: 'chosen' }])
    expect(items).toHaveLength(1)
  })
})

describe('a run that failed', () => {
  test('is retried from a task before its failure: as the same run, with its finished calls made again', async () => {
    breaks.add('load')
    const first = await tutti.run(etl)
    breaks.clear()
    called()
    const retried = await tutti.retry(etl, first, { from: 'clean' })

    expect(retried).toMatchObject({ id: first.id, state: 'completed', result: { loaded: 3, sum: 60 } })
    expect(called()).toEqual(['clean', 'load'])
    expect(retried.taskRuns).toHaveLength(3)
  })

  test('goes on with a result in the place of the failure', async () => {
    breaks.add('load')
    const first = await tutti.run(etl)
    called()
    const retried = await tutti.retry(etl, first, { results: { load: 99 } })

    expect(retried.result).toEqual({ loaded: 99, sum: 60 })
    expect(called()).toEqual([])
  })

  test('says of a call that is not made again why it has no result', async () => {
    let pages = 3
    const count = step('count', () => pages)
    const page = step('page', (n) => n)
    const last = step('last', () => 'done')
    const crawl = flow({ name: 'crawl' }, async () => {
      const total = await count()
      for (let n = 0; n < total; n++) await page(n)
      return last()
    })
    breaks.add('last')
    const first = await tutti.run(crawl)
    breaks.clear()
    pages = 1
    const retried = await tutti.retry(crawl, first, { from: 'count' })

    expect(retried.state).toBe('completed')
    expect(retried.taskRuns.map(({ taskKey, state }) => [taskKey, state.name])).toEqual([
      ['count', 'Completed'],
      ['page', 'Completed'],
      ['page', 'Superseded'],
      ['page', 'Superseded'],
      ['last', 'Completed'],
    ])
  })

  test('takes the same branch again in a new run: failures that were caught before are handed out again', async () => {
    const guarded = flow({ name: 'guarded' }, async () => {
      const rows = await fetchRows().catch(() => [7])
      return load(rows)
    })
    breaks.add('fetch')
    const first = await tutti.run(guarded)
    breaks.clear()
    called()
    const again = await tutti.rerun(guarded, first, { from: 'load' })

    expect(again).toMatchObject({ state: 'completed', result: 1 })
    expect(called()).toEqual(['load'])
  })
})

test('a run that crashed in its rerun is resumed with what was reused', async () => {
  const first = await tutti.run(etl)
  let hangs = true
  const stuck = task({ name: 'clean' }, async (rows: readonly number[]) => {
    calls.push('clean')
    if (hangs) await new Promise(() => undefined)
    return rows.map((row) => row * 10)
  })
  const hanging = flow({ name: 'etl' }, async () => (await stuck(await fetchRows())).length)
  called()
  const running = tutti.rerun(hanging, first, { from: 'clean' })
  while (calls.length === 0) await new Promise((resolve) => setImmediate(resolve))
  await tutti.crash()
  const crashed = await running
  hangs = false
  const resumed = await tutti.resume(hanging, crashed)

  expect(resumed).toMatchObject({ state: 'completed', result: 3 })
  expect(called()).toEqual(['clean', 'clean'])
})

test('the order in which results came is kept: a race has the same winner', async () => {
  const gates = { slow: Promise.withResolvers<string>(), quick: Promise.withResolvers<string>() }
  const slow = task({ name: 'slow' }, async () => {
    calls.push('slow')
    return gates.slow.promise
  })
  const quick = task({ name: 'quick' }, async () => {
    calls.push('quick')
    return gates.quick.promise
  })
  const report = step('report', (winner) => winner)
  const race = flow({ name: 'race' }, async () => {
    const [one, other] = [slow(), quick()]
    const winner = await Promise.race([one, other])
    gates.slow.resolve('slow')
    await Promise.all([one, other])
    return report(winner)
  })
  gates.quick.resolve('quick')
  const first = await tutti.run(race)
  called()
  const again = await tutti.rerun(race, first, { from: 'report' })

  expect([first.result, again.result]).toEqual(['quick', 'quick'])
  expect(called()).toEqual(['report'])
})

test('a sub-flow is reused as a whole, or run anew as a run of its own', async () => {
  const child = flow({ name: 'child' }, async (n: number) => load([n]))
  const parent = flow({ name: 'parent' }, async () => {
    await fetchRows()
    const inner = await child(1)
    return clean([inner])
  })
  const first = await tutti.run(parent)
  called()
  await tutti.rerun(parent, first, { from: 'clean' })
  const reusing = called()
  await tutti.rerun(parent, first, { from: 'child' })

  expect([reusing, called()]).toEqual([['clean'], ['load', 'clean']])
  expect((await tutti.orchestrator.flowRuns.list({ limit: 10, flowName: 'child' })).items).toHaveLength(2)
})

test('a task that calls others goes on inside: what it had called before is reused, in its place', async () => {
  const outer = task({ name: 'outer' }, async () => {
    calls.push('outer')
    return load(await fetchRows())
  })
  const nesting = flow({ name: 'nesting' }, async () => clean([await outer()]))
  const first = await tutti.run(nesting)
  called()
  const inside = await tutti.rerun(nesting, first, { from: 'load' })
  const callsInside = called()
  const behind = await tutti.rerun(nesting, first, { from: 'clean' })

  expect([callsInside, called()]).toEqual([['outer', 'load', 'clean'], ['clean']])
  for (const { taskRuns } of [inside, behind]) {
    const byTask = new Map(taskRuns.map((run) => [run.taskKey, run]))
    expect(byTask.get('fetch')).toMatchObject({ state: { name: 'Cached' }, parentTaskRunId: byTask.get('outer')?.id })
  }
})

test('large results and the moments that the flow was told are its own in the new run', async () => {
  const big = step('big', () => LARGE)
  const last = step('last', (text, at) => `${(text as string).length} at ${String(at)}`)
  const stamped = flow({ name: 'stamped' }, async () => {
    const at = await runAccess().now()
    return last(await big(), at.toISOString())
  })
  const first = await tutti.run(stamped)
  called()
  const again = await tutti.rerun(stamped, first, { from: 'last' })
  await tutti.orchestrator.flowRuns.delete(first.id)
  const later = await tutti.rerun(stamped, again, { from: 'last' })

  expect([again.result, later.result]).toEqual([first.result, first.result])
  expect(called()).toEqual(['last', 'last'])
})

test('what cannot be run again is refused with a reason', async () => {
  const first = await tutti.run(etl)
  const refused = async (options: object): Promise<string> => String((await tutti.rerun(etl, first, options)).error)

  expect(await refused({ from: 'none' })).toContain('its tasks are clean, fetch, load')
  expect(await refused({ from: 'start', results: { load: 1 } })).toContain('reuses nothing')
  expect(await refused({ results: { load: () => 1 } })).toContain('cannot be stored')
  expect((await tutti.orchestrator.flowRuns.list({ limit: 10 })).items).toHaveLength(1)
})
