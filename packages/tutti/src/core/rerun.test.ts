import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aState, aTaskRun } from '../testing/builders.ts'
import { beginsAnew, PLAIN_RERUN, planRerun } from './rerun.ts'
import type { PlannedRerun, RerunRequest } from './rerun.ts'
import type { JournalEntry } from './task-run.ts'

const STORED = { format: 'json', text: '1' } as const

function anEntry(id: string, number: number | null, changes: Partial<JournalEntry> = {}): JournalEntry {
  const { outcome: _, told: _told, ...run } = aTaskRun({ id, name: `${id}-0`, taskKey: id, number })
  return { ...run, outcomeFormat: 'json', retryAt: null, ...changes }
}

/** `fetch`, then `clean` and `load` of what it brought, beside them `ping`. */
const ENTRIES = [
  anEntry('fetch', 1),
  anEntry('ping', 2),
  anEntry('clean', 3, { upstream: ['fetch'] }),
  anEntry('load', 4, { upstream: ['clean'] }),
]

function plan(entries: readonly JournalEntry[], request: Partial<RerunRequest>): PlannedRerun {
  return planRerun(entries, { ...PLAIN_RERUN, ...request })
}

/** What is reused, and what runs again with its reason. */
function parts(planned: PlannedRerun): readonly [readonly string[], Readonly<Record<string, string>>] {
  if (planned.type === 'refused') throw new Error(planned.reason)
  const { reused, again } = planned.plan
  return [reused.map(({ taskKey }) => taskKey), Object.fromEntries(again.map(({ taskKey, because }) => [taskKey, because]))]
}

describe('from a task', () => {
  test('it runs again with all that was handed out after it, and what came before is reused', () => {
    expect(parts(plan(ENTRIES, { from: 'clean' }))).toEqual([['fetch', 'ping'], { clean: 'chosen', load: 'after' }])
  })

  test('what depends on it runs again, also if nothing of it was ever handed out', () => {
    const entries = [anEntry('fetch', null, { state: aState('failed') }), anEntry('load', 1, { upstream: ['fetch'] }), anEntry('ping', 2)]

    expect(parts(plan(entries, { from: 'fetch' }))).toEqual([['ping'], { fetch: 'chosen', load: 'depends' }])
  })

  test('a task inside a task takes the one around it along, but not what that called before', () => {
    const entries = [
      anEntry('inner-a', 1, { parentTaskRunId: 'outer' }),
      anEntry('inner-b', 2, { parentTaskRunId: 'outer' }),
      anEntry('outer', 3),
    ]

    expect(parts(plan(entries, { from: 'inner-b' }))[0]).toEqual(['inner-a'])
  })

  test('what it called runs again with it', () => {
    const entries = [anEntry('inner', 1, { parentTaskRunId: 'outer' }), anEntry('outer', 2)]

    expect(parts(plan(entries, { from: 'outer' }))).toEqual([[], { inner: 'inside', outer: 'chosen' }])
  })

  test('of which there are several calls, all from the first one on run again', () => {
    const entries = [anEntry('a', 1, { taskKey: 'page' }), anEntry('mid', 2), anEntry('b', 3, { taskKey: 'page' })]

    expect(parts(plan(entries, { from: 'page' }))[0]).toEqual([])
    expect(parts(plan(entries, { from: 'b-0' }))[0]).toEqual(['page', 'mid'])
  })

  test('that is not there is refused with the names of those that are', () => {
    expect(plan(ENTRIES, { from: 'lod' })).toEqual({
      type: 'refused',
      reason: 'no task run of it is called lod; its tasks are clean, fetch, load, ping',
    })
  })

  test('failures from before are handed out again in a new run, and run again in a retry', () => {
    const entries = [anEntry('fetch', 1, { state: aState('failed') }), anEntry('load', 2)]

    expect(parts(plan(entries, { from: 'load' }))).toEqual([['fetch'], { load: 'chosen' }])
    expect(parts(plan(entries, { from: 'load', how: 'retry' }))).toEqual([[], { fetch: 'failed', load: 'chosen' }])
  })
})

describe('a supplied result', () => {
  test('stands for the task, and what was handed out after it runs again', () => {
    const planned = plan(ENTRIES, { results: [{ task: 'clean', stored: STORED }] })

    expect(parts(planned)).toEqual([['fetch', 'ping', 'clean'], { load: 'after' }])
    expect(planned).toMatchObject({ plan: { reused: [{ supplied: false }, { supplied: false }, { supplied: true }] } })
  })

  test('of a task that runs again otherwise is taken all the same', () => {
    expect(parts(plan(ENTRIES, { from: 'fetch', results: [{ task: 'load', stored: STORED }] }))[0]).toEqual(['load'])
  })

  test('for several calls of one task is refused', () => {
    const entries = [anEntry('a', 1, { taskKey: 'page' }), anEntry('b', 2, { taskKey: 'page' })]

    expect(plan(entries, { results: [{ task: 'page', stored: STORED }] })).toMatchObject({
      type: 'refused',
      reason: expect.stringContaining('a-0, b-0'),
    })
    expect(plan(ENTRIES, { from: 'start', results: [{ task: 'load', stored: STORED }] }).type).toBe('refused')
  })
})

test('with nothing asked everything runs again; with other parameters what completed is reused', () => {
  const parameters = { type: 'merge', text: '{}' } as const

  expect(parts(plan(ENTRIES, {}))[0]).toEqual([])
  expect(parts(plan(ENTRIES, { parameters }))[0]).toEqual(['fetch', 'ping', 'clean', 'load'])
  expect(parts(plan(ENTRIES, { parameters, from: 'start' }))[0]).toEqual([])
})

test('what has no result to reuse runs again', () => {
  const entries = [
    anEntry('open', null, { state: aState('running') }),
    anEntry('none', 1, { outcomeFormat: 'none' }),
    anEntry('undone', 2, { state: aState('completed', { name: 'RolledBack' }) }),
    anEntry('bad', 3, { state: aState('failed') }),
  ]

  expect(parts(plan(entries, { parameters: { type: 'merge', text: '{}' } }))).toEqual([
    [],
    { open: 'unfinished', none: 'not kept', undone: 'rolled back', bad: 'failed' },
  ])
})

test('whatever a run called, what is reused came before what runs again, and depends on nothing of it', () => {
  const journal = fc.array(
    fc.record({ upstream: fc.array(fc.nat(20), { maxLength: 3 }), parent: fc.option(fc.nat(20)), isNumbered: fc.boolean() }),
    {
      minLength: 1,
      maxLength: 12,
    },
  )
  fc.assert(
    fc.property(journal, fc.nat(11), (calls, which) => {
      const id = (index: number): string => `task-${index}`
      const entries = calls.map(({ upstream, parent, isNumbered }, index) =>
        anEntry(id(index), isNumbered ? index + 1 : null, {
          upstream: upstream.filter((one) => one < index).map(id),
          // The call around another one ends after it.
          parentTaskRunId: parent !== null && parent > index && parent < calls.length ? id(parent) : null,
        }),
      )
      const from = entries[which % entries.length]!
      const planned = plan(entries, { from: from.id })
      const all = planned.type === 'plan' ? planned.plan.again : []
      const again = new Set(all.map(({ taskRunId }) => taskRunId))
      const anew = new Set(all.filter(({ because }) => beginsAnew(because)).map(({ taskRunId }) => taskRunId))
      const reused = entries.filter((entry) => !again.has(entry.id))

      expect(again.has(from.id)).toBe(true)
      for (const { number, upstream } of reused) {
        expect(upstream.some((each) => anew.has(each))).toBe(false)
        expect(number !== null && (from.number === null || number < from.number)).toBe(true)
      }
    }),
  )
})
