import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aFlowRun, aLease, aState, T0 } from '../testing/builders.ts'
import { explain, NO_TASKS_WAITING } from './explain.ts'
import type { ExplainFacts, Reason } from './explain.ts'
import type { FlowRun } from './flow-run.ts'
import { JsonText } from './literal-json.ts'
import { STATE_TYPES } from './state.ts'

const SECOND = 1_000_000

/** Where no server works. */
const EMBEDDED: ExplainFacts = {
  holder: 'unknown',
  deployment: null,
  place: null,
  workers: [],
  full: [],
  claim: null,
  maintenance: [],
  ahead: 0,
  tasks: NO_TASKS_WAITING,
  policies: [],
}

function reasonsOf(run: FlowRun, facts: Partial<ExplainFacts> = {}, now = T0 + SECOND): readonly Reason[] {
  return explain(run, { ...EMBEDDED, ...facts }, now).reasons
}

describe('a run of a process of its own', () => {
  test('that runs says who holds it, and since when', () => {
    expect(reasonsOf(aFlowRun(), { holder: 'alive' }, T0 + 90 * SECOND)).toMatchObject([
      { code: 'running', message: expect.stringMatching(/since 2026-01-01T00:00:00Z \(1 m 30 s\), held by process \d+ on/) },
    ])
  })

  test('whose process is gone says what becomes of it', () => {
    const once = aFlowRun({ policy: { retries: 0, crashRestarts: 1 } })

    expect(reasonsOf(aFlowRun(), { holder: 'dead' })).toMatchObject([
      {
        code: 'lease-lost',
        message: expect.stringContaining('becomes Crashed'),
        action: { text: expect.stringContaining('tutti flow-run resume') },
      },
    ])
    expect(reasonsOf(once, { holder: 'dead' })[0]?.message).toContain('started again')
  })

  test('that failed and has a retry left waits for its own process', () => {
    const run = aFlowRun({ state: aState('scheduled', { name: 'AwaitingRetry', scheduledFor: T0 + 60 * SECOND }) })

    expect(reasonsOf(run, { holder: 'alive' })).toMatchObject([
      { code: 'retried-by-own-process', until: T0 + 60 * SECOND, message: expect.stringContaining('at 2026-01-01T00:01:00Z') },
    ])
  })

  test('that nobody holds waits for a process to take it', () => {
    const run = aFlowRun({ state: aState('scheduled', { name: 'Resuming' }), lease: null })

    expect(reasonsOf(run)).toMatchObject([{ code: 'needs-process', action: { text: `tutti flow-run resume ${run.id}` }, blocks: true }])
  })

  test('that is being cancelled says who is given time', () => {
    expect(reasonsOf(aFlowRun({ state: aState('cancelling') }), { holder: 'alive' })).toMatchObject([{ code: 'cancelling' }])
  })
})

test('what schedules say of a run is told behind its time', () => {
  const run = aFlowRun({ state: aState('scheduled', { scheduledFor: T0 + 60 * SECOND }), lease: null })
  const overlap: Reason = {
    code: 'policy',
    message: 'The run before it still runs.',
    action: { type: 'command', text: 'tutti flow-run ls' },
    blocks: true,
    since: null,
    until: null,
    heldBy: [],
  }

  expect(reasonsOf(run, { policies: [overlap] }).map(({ code }) => code)).toEqual(['scheduled-for-later', 'policy', 'needs-process'])
})

test('whatever a run and the world around it are, a reason is told with something to do', () => {
  const anyRun = fc
    .record({
      type: fc.constantFrom(...STATE_TYPES),
      name: fc.constantFrom(undefined, 'AwaitingRetry', 'Late', 'AwaitingConcurrencySlot'),
      inS: fc.integer({ min: -100, max: 100 }),
      isHeld: fc.boolean(),
      retryType: fc.constantFrom(null, 'in_process' as const, 'reschedule' as const),
      deploymentId: fc.constantFrom(null, 'd'),
      isTold: fc.boolean(),
    })
    .map(({ type, name, inS, isHeld, retryType, deploymentId, isTold }) =>
      aFlowRun({
        state: aState(type, { ...(name === undefined ? {} : { name }), scheduledFor: T0 + inS * SECOND }),
        lease: isHeld ? aLease() : null,
        policy: { retries: 1, crashRestarts: 0, retryType },
        ...(isTold ? { dispatch: aDispatch(deploymentId) } : {}),
      }),
    )
  const anyFacts = fc.record({
    holder: fc.constantFrom('alive' as const, 'dead' as const, 'unknown' as const),
    deployment: fc.constantFrom(
      null,
      { id: 'd', name: 'sync/d', hasQueue: false, lastPolledAt: null },
      { id: 'd', name: 'sync/d', hasQueue: true, lastPolledAt: T0 },
      { id: 'd', name: null, hasQueue: false, lastPolledAt: null },
    ),
    claim: fc.constantFrom(
      null,
      { id: 'c', flowRunId: 'r', worker: 'w', until: T0 },
      { id: 'c', flowRunId: 'r', worker: 'w', until: T0 + 90 * SECOND },
    ),
    full: fc.constantFrom([], [{ of: 'deployment' as const, name: 'd', limitName: 'deployment:d', limit: 1, holders: [] }]),
    maintenance: fc.constantFrom([], [{ scope: { type: 'server' as const }, message: null, startedAt: T0 }]),
    ahead: fc.nat(3),
  })
  fc.assert(
    fc.property(anyRun, anyFacts, (run, facts) => {
      const reasons = reasonsOf(run, facts)

      expect(reasons.length).toBeGreaterThan(0)
      for (const { message, action } of reasons) {
        expect(message).toMatch(/^[A-Z].*\.$/)
        expect(`${message} ${action.text}`).not.toMatch(/undefined|null|NaN/)
      }
      // What is due and held back by nothing is what the next one who asks gets.
      expect(run.state.type !== 'scheduled' || reasons.some(({ blocks, code }) => blocks || code === 'next')).toBe(true)
    }),
  )
})

function aDispatch(deploymentId: string | null): NonNullable<FlowRun['dispatch']> {
  const nothing = new JsonText('{}')
  return {
    deploymentId,
    deploymentVersion: null,
    workQueueId: null,
    autoScheduled: false,
    createdBy: null,
    labels: nothing,
    context: nothing,
    jobVariables: null,
    infrastructureDocumentId: null,
    infrastructurePid: null,
  }
}
