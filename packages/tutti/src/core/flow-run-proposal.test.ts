import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aFlowRun, aState, T0 } from '../testing/builders.ts'
import type { Dispatch, FlowRun } from './flow-run.ts'
import { proposeFlowRunState } from './flow-run-proposal.ts'
import type { DeploymentFacts, ProposalDecision, ProposalFacts } from './flow-run-proposal.ts'
import { JsonText } from './literal-json.ts'
import type { Proposal } from './proposal.ts'
import { defaultStateName, isTerminal, STATE_TYPES } from './state.ts'
import type { State, StateType } from './state.ts'

const SECOND = 1_000_000
const NOW = T0 + 60 * SECOND

const NEWEST = { holdsLeases: true, countsSlots: false, resetsFailedTasks: false, keepsPauses: true }

const DISPATCH: Dispatch = {
  deploymentId: '019b7600-0000-7000-8000-0000000000d1',
  deploymentVersion: null,
  workQueueId: null,
  autoScheduled: false,
  createdBy: null,
  labels: new JsonText('{}'),
  context: new JsonText('{}'),
  jobVariables: null,
  infrastructureDocumentId: null,
  infrastructurePid: null,
}

const RESULT = new JsonText('{"storage_key":"/tmp/result"}')

function facts(changes: Partial<ProposalFacts> = {}): ProposalFacts {
  return {
    mode: 'ordinary',
    stateId: '019b7600-0000-7000-8000-0000000000ee',
    pauseKey: 'made-up',
    leaseId: '019b7600-0000-7000-8000-00000000001e',
    client: NEWEST,
    deployment: { type: 'none' },
    ...changes,
  }
}

function proposal(type: StateType, changes: Partial<Proposal> = {}): Proposal {
  return { type, name: defaultStateName(type), message: null, details: {}, ...changes }
}

/** A run of a client: nobody holds a lease on it. */
function inState(state: StateType | State, changes: Partial<FlowRun> = {}): FlowRun {
  return aFlowRun({ lease: null, attempt: 0, state: typeof state === 'string' ? aState(state) : state, runCount: 1, ...changes })
}

function decide(run: FlowRun, asked: Proposal, changes: Partial<ProposalFacts> = {}): ProposalDecision {
  return proposeFlowRunState(run, asked, facts(changes), NOW)
}

const ofDeployment = { dispatch: DISPATCH }
const limited = (changes: Partial<DeploymentFacts & { type: 'found' }> = {}): DeploymentFacts => ({
  type: 'found',
  limit: 2,
  slotsFree: 1,
  strategy: 'enqueue',
  graceS: 90,
  leaseAlive: true,
  ...changes,
})

describe('the books', () => {
  test('a run that begins counts one run and keeps its first start', () => {
    const { run } = decide(inState('pending', { runCount: 0, startedAt: null }), proposal('running'))

    expect(run).toMatchObject({ runCount: 1, startedAt: NOW, endedAt: null, state: { type: 'running', timestamp: NOW } })
  })

  test('a run that ends adds the time it spent running', () => {
    const { run } = decide(inState('running', { startedAt: T0, totalRunMs: 5 }), proposal('completed'))

    expect(run).toMatchObject({ totalRunMs: 60_005, endedAt: NOW, startedAt: T0 })
  })

  test('a run that never began starts with its end', () => {
    const { run } = decide(inState('pending', { startedAt: null }), proposal('crashed'))

    expect(run).toMatchObject({ startedAt: NOW, endedAt: NOW })
  })

  test('a run that leaves a final state has no end any more', () => {
    const { run } = decide(inState('failed', { endedAt: T0, ...ofDeployment }), proposal('scheduled', { name: 'AwaitingRetry' }))

    expect(run).toMatchObject({ endedAt: null, policy: { retryType: 'reschedule' } })
  })

  test('two states of a run never share a time', () => {
    const run = inState(aState('pending', { timestamp: NOW }))

    expect(decide(run, proposal('running')).run.state.timestamp).toBe(NOW + 1)
  })

  test('a run that was suspended and goes on in another process counts no further run', () => {
    const resumed = decide(inState('paused', { runCount: 1, ...ofDeployment }), proposal('scheduled')).run

    expect(decide(resumed, proposal('running')).run).toMatchObject({ runCount: 1, policy: { resuming: false } })
  })

  test('a run that waited in its own process is counted anew when it goes on', () => {
    expect(decide(inState('paused', { runCount: 1 }), proposal('running')).run.runCount).toBe(2)
  })
})

describe('a proposal that was sent before', () => {
  const id = '019b7600-0000-7000-8000-00000000007a'

  test('is answered with the state it led to, and nothing is stored', () => {
    const run = inState({ ...aState('running'), details: { transitionId: id } })

    expect(decide(run, proposal('running', { details: { transitionId: id } }))).toMatchObject({ verdict: { type: 'reject' }, run })
  })

  test('and was answered with another state changes nothing either', () => {
    const failed = proposal('failed', { details: { transitionId: id } })
    const { run } = decide(inState('running', { policy: { retries: 1, crashRestarts: 0 } }), failed)

    expect(run.state.name).toBe('AwaitingRetry')
    expect(decide(run, failed)).toMatchObject({ verdict: { type: 'reject' }, run })
  })
})

describe('a run that has ended', () => {
  test.each(['cancelling', 'paused', 'crashed'] as const)('cannot become %s', (type) => {
    expect(decide(inState('completed'), proposal(type)).verdict).toMatchObject({ type: 'abort' })
  })

  test('with a kept result is not run again', () => {
    const run = inState({ ...aState('completed'), data: RESULT })

    expect(decide(run, proposal('running'))).toMatchObject({ verdict: { type: 'reject' }, run })
  })

  test('with a kept result does not lose it to an end without one, not even by force', () => {
    const run = inState({ ...aState('completed'), data: RESULT })

    expect(decide(run, proposal('completed')).verdict.type).toBe('reject')
    expect(decide(run, proposal('completed'), { mode: 'forced' }).verdict.type).toBe('reject')
  })

  test('whose result was not kept may be run again', () => {
    const run = inState({ ...aState('completed'), data: new JsonText('{"type":"unpersisted"}') })

    expect(decide(run, proposal('running')).verdict.type).toBe('accept')
  })

  test('is scheduled again only when a deployment can run it', () => {
    expect(decide(inState('failed'), proposal('scheduled')).verdict.type).toBe('abort')
    expect(decide(inState('failed', ofDeployment), proposal('scheduled')).verdict.type).toBe('accept')
  })

  test('may get another final state', () => {
    expect(decide(inState('failed'), proposal('completed')).run.state.type).toBe('completed')
  })
})

describe('cancelling', () => {
  test('ends only as Cancelled', () => {
    const run = inState('cancelling')

    expect(decide(run, proposal('completed')).verdict.type).toBe('reject')
    expect(decide(run, proposal('cancelled')).run.state.type).toBe('cancelled')
  })

  test('a scheduled run that runs nowhere makes it Cancelled at once', () => {
    const { verdict, run } = decide(inState('scheduled'), proposal('cancelling'))

    expect(verdict.type).toBe('reject')
    expect(run.state).toMatchObject({ type: 'cancelled', name: 'Cancelled' })
  })

  test('a scheduled run with a process of its own is told to it', () => {
    const run = inState('scheduled', { dispatch: { ...DISPATCH, infrastructurePid: 'host:1' } })

    expect(decide(run, proposal('cancelling')).run.state.type).toBe('cancelling')
  })

  test('a suspended run makes it Cancelled at once, a paused one does not', () => {
    const suspended = inState({ ...aState('paused', { name: 'Suspended' }), details: { pauseReschedule: true } })

    expect(decide(suspended, proposal('cancelling')).run.state.type).toBe('cancelled')
    expect(decide(inState('paused'), proposal('cancelling')).verdict.type).toBe('reject')
  })
})

describe('Pending', () => {
  test('is given to one worker only', () => {
    const first = decide(inState('scheduled'), proposal('pending'))

    expect(first.verdict.type).toBe('accept')
    expect(decide(first.run, proposal('pending')).verdict.type).toBe('abort')
  })

  test('may be renamed by who has it, and keeps the time it was scheduled for', () => {
    const claimed = decide(inState(aState('scheduled', { scheduledFor: T0 + 5 })), proposal('pending')).run
    const { verdict, run } = decide(claimed, proposal('pending', { name: 'InfrastructurePending' }))

    expect(verdict.type).toBe('accept')
    expect(run.state).toMatchObject({ name: 'InfrastructurePending', details: { scheduledTime: T0 + 5 } })
  })

  test.each(['running', 'cancelling', 'cancelled'] as const)('cannot follow %s', (type) => {
    expect(decide(inState(type), proposal('pending')).verdict.type).not.toBe('accept')
  })
})

describe('a run before its time', () => {
  test('waits for the rest of it, in whole seconds', () => {
    const run = inState(aState('scheduled', { scheduledFor: NOW + 2.6 * SECOND }))

    expect(decide(run, proposal('running')).verdict).toMatchObject({ type: 'wait', delayS: 3 })
  })

  test('of less than half a second begins', () => {
    const run = inState(aState('scheduled', { scheduledFor: NOW + 0.4 * SECOND }))

    expect(decide(run, proposal('running')).verdict.type).toBe('accept')
  })

  test('waits although it is Pending already', () => {
    const run = decide(inState(aState('scheduled', { scheduledFor: NOW + 10 * SECOND })), proposal('pending')).run

    expect(decide(run, proposal('running')).verdict).toMatchObject({ type: 'wait', delayS: 10 })
  })
})

describe('a failure with a retry left', () => {
  const policy = { retries: 1, crashRestarts: 0, retryDelayS: 5 }

  test('becomes AwaitingRetry, with the message and data of the failure, in the same process', () => {
    const { verdict, run } = decide(inState('running', { policy, runCount: 1 }), proposal('failed', { message: 'boom', data: RESULT }))

    expect(verdict.type).toBe('reject')
    expect(run.state).toMatchObject({
      type: 'scheduled',
      name: 'AwaitingRetry',
      scheduledFor: NOW + 5 * SECOND,
      message: 'boom',
      data: RESULT,
    })
    expect(run.policy.retryType).toBe('in_process')
  })

  test('then waits, runs, and fails for good', () => {
    const awaiting = decide(inState('running', { policy, runCount: 1 }), proposal('failed')).run
    const wait = proposeFlowRunState(awaiting, proposal('running'), facts(), NOW)
    const again = proposeFlowRunState(awaiting, proposal('running'), facts(), NOW + 5 * SECOND)
    const failed = proposeFlowRunState(again.run, proposal('failed'), facts(), NOW + 6 * SECOND)

    expect(wait.verdict.type).toBe('wait')
    expect(again.run.runCount).toBe(2)
    expect(failed).toMatchObject({ verdict: { type: 'accept' }, run: { state: { type: 'failed' }, policy: { retryType: null } } })
  })
})

describe('pausing', () => {
  test('only a running run pauses', () => {
    expect(decide(inState('pending'), proposal('paused')).verdict.type).toBe('reject')
    expect(decide(inState('running'), proposal('paused')).run.state.type).toBe('paused')
  })

  test('a pause fires once', () => {
    const asked = proposal('paused', { details: { pauseKey: 'pause-1' } })
    const paused = decide(inState('running'), asked).run
    const running = decide(paused, proposal('running')).run

    expect(paused.policy.pauseKeys).toEqual(['pause-1'])
    expect(decide(running, asked).verdict).toMatchObject({ type: 'reject', reason: expect.stringContaining('already fired') })
  })

  test('a run of no deployment, or inside another, cannot be suspended', () => {
    const asked = proposal('paused', { name: 'Suspended', details: { pauseReschedule: true } })

    expect(decide(inState('running'), asked).verdict.type).toBe('abort')
    expect(decide(inState('running', { ...ofDeployment, parentTaskRunId: 'x' }), asked).verdict.type).toBe('abort')
    expect(decide(inState('running', ofDeployment), asked).run.state.name).toBe('Suspended')
  })

  test('a pause whose time is over ends in Failed when somebody resumes it', () => {
    const paused = inState({ ...aState('paused'), details: { pauseTimeout: NOW - 1 } })

    expect(decide(paused, proposal('running')).run.state).toMatchObject({ type: 'failed' })
  })

  test('a paused run goes on, is scheduled, or ends', () => {
    expect(decide(inState('paused'), proposal('pending')).verdict.type).toBe('reject')
    expect(decide(inState('paused'), proposal('failed')).run.state.type).toBe('failed')
  })
})

describe('a slot of the deployment', () => {
  const waiting = inState('scheduled', ofDeployment)

  test('is taken with Pending, and its lease stands in the state', () => {
    const { run, effects } = decide(waiting, proposal('pending'), { deployment: limited() })

    expect(run.state.details?.deploymentConcurrencyLeaseId).toBe(facts().leaseId)
    expect(effects).toEqual([{ type: 'take-slot', leaseId: facts().leaseId, ttlS: 90 }])
  })

  test('that is not free makes the run wait its turn', () => {
    const { verdict, run, effects } = decide(waiting, proposal('pending'), { deployment: limited({ slotsFree: 0 }) })

    expect(verdict.type).toBe('reject')
    expect(run.state).toMatchObject({ name: 'AwaitingConcurrencySlot', scheduledFor: NOW + 30 * SECOND })
    expect(effects).toEqual([])
  })

  test('that is not free cancels the run where new ones are not wanted', () => {
    const { run } = decide(waiting, proposal('pending'), { deployment: limited({ slotsFree: 0, strategy: 'cancel-new' }) })

    expect(run.state.type).toBe('cancelled')
  })

  test('of a limit of zero, or of a deleted deployment, is never free', () => {
    expect(decide(waiting, proposal('pending'), { deployment: limited({ limit: 0, slotsFree: 0 }) }).verdict.type).toBe('abort')
    expect(decide(waiting, proposal('pending'), { deployment: { type: 'deleted' } }).verdict.type).toBe('abort')
  })

  test('skips a run for the one that holds the slot, and names it', () => {
    const holder = { id: '019b7600-0000-7000-8000-0000000000aa', name: 'busy-otter' }
    const deployment = limited({ slotsFree: 0, strategy: 'skip', holder })
    const { run, effects } = decide(inState('scheduled', ofDeployment), proposal('pending'), { deployment })

    expect(run.state).toMatchObject({ type: 'cancelled', name: 'Skipped', message: expect.stringContaining('busy-otter (019b7600') })
    expect(effects).toEqual([])
  })

  test('asks the run that has held a slot for the longest to end, once, and waits for it', () => {
    const holder = { id: '019b7600-0000-7000-8000-0000000000aa', name: 'busy-otter' }
    const waiting = inState('scheduled', ofDeployment)
    const asking = limited({ slotsFree: 0, strategy: 'cancel-running', holder })
    const first = decide(waiting, proposal('pending'), { deployment: asking })
    const second = decide(waiting, proposal('pending'), { deployment: { ...asking, isLeaving: true } as DeploymentFacts })

    expect(first.run.state).toMatchObject({ type: 'scheduled', name: 'AwaitingConcurrencySlot' })
    expect(first.effects).toMatchObject([{ type: 'cancel-run', flowRunId: holder.id, message: expect.stringContaining(waiting.name) }])
    expect(second.effects).toEqual([])
  })

  test('goes along through Running and is given back at the end', () => {
    const pending = decide(waiting, proposal('pending'), { deployment: limited() }).run
    const started = decide(pending, proposal('running'), { deployment: limited() })
    const ended = decide(started.run, proposal('completed'), { deployment: limited() })

    expect(started.effects).toEqual([{ type: 'renew-slot', leaseId: facts().leaseId, ttlS: 90 }])
    expect(ended.effects).toEqual([{ type: 'free-slot', leaseId: facts().leaseId }])
  })

  test('whose lease is gone is taken again, or the run is cancelled', () => {
    const pending = decide(waiting, proposal('pending'), { deployment: limited() }).run

    expect(decide(pending, proposal('running'), { deployment: limited({ leaseAlive: false }) }).effects[0]?.type).toBe('take-slot')
    expect(decide(pending, proposal('running'), { deployment: limited({ leaseAlive: false, slotsFree: 0 }) }).run.state.type).toBe(
      'cancelled',
    )
  })

  test('of a client that knows no leases stays taken although nobody renews it', () => {
    const pending = decide(waiting, proposal('pending'), { deployment: limited() }).run
    const { effects } = decide(pending, proposal('running'), { deployment: limited(), client: { ...NEWEST, holdsLeases: false } })

    expect(effects).toEqual([{ type: 'keep-slot', leaseId: facts().leaseId }])
  })
})

describe('late runs', () => {
  const late = proposal('scheduled', { name: 'Late' })

  test('are marked once', () => {
    const marked = decide(inState('scheduled'), late, { mode: 'late' })

    expect(marked.run.state.name).toBe('Late')
    expect(decide(marked.run, late, { mode: 'late' }).verdict.type).toBe('reject')
    expect(decide(inState('running'), late, { mode: 'late' }).verdict.type).toBe('reject')
  })

  test('are cancelled where new ones are not wanted and all slots are taken', () => {
    const run = inState('scheduled', ofDeployment)

    expect(decide(run, late, { mode: 'late', deployment: limited({ slotsFree: 0, strategy: 'cancel-new' }) }).run.state.type).toBe(
      'cancelled',
    )
  })
})

test('force enters a state that the rules would refuse', () => {
  expect(decide(inState('cancelling'), proposal('running'), { mode: 'forced' }).run.state.type).toBe('running')
})

describe('whatever is proposed', () => {
  const anyProposal = fc.record({
    type: fc.constantFrom(...STATE_TYPES),
    retries: fc.nat(3),
    forced: fc.boolean(),
    afterUs: fc.integer({ min: 0, max: 10 * SECOND }),
  })

  test('times of states increase, no run starts more often than its retries and resumptions allow, and an end is set exactly in final states', () => {
    fc.assert(
      fc.property(fc.array(anyProposal, { maxLength: 30 }), fc.nat(3), (asked, retries) => {
        let run = inState('pending', { runCount: 0, startedAt: null, endedAt: null, policy: { retries, crashRestarts: 0 } })
        let now = NOW
        for (const { type, forced, afterUs } of asked) {
          now += afterUs
          const before = run
          const decision = proposeFlowRunState(run, proposal(type), facts({ mode: forced ? 'forced' : 'ordinary' }), now)
          run = decision.run
          expect(run === before || run.state.timestamp > before.state.timestamp).toBe(true)
          expect(run.runCount - before.runCount).toBeLessThanOrEqual(run.state.type === 'running' ? 1 : 0)
          expect(run.endedAt !== null).toBe(isTerminal(run.state.type))
          const isStored = decision.verdict.type === 'accept' || decision.verdict.type === 'reject'
          expect(isStored || run === before).toBe(true)
        }
      }),
    )
  })

  test('a slot that is taken is given back exactly once on every way to an end', () => {
    fc.assert(
      fc.property(fc.array(anyProposal, { maxLength: 30 }), (asked) => {
        let run = inState('scheduled', ofDeployment)
        let held = 0
        let now = NOW
        for (const { type, afterUs } of [...asked, { type: 'cancelled' as const, afterUs: 1 }]) {
          now += afterUs
          const leaseAlive = held > 0
          const decision = proposeFlowRunState(
            run,
            proposal(type),
            facts({ deployment: limited({ slotsFree: 1 - held, leaseAlive }) }),
            now,
          )
          run = decision.run
          for (const effect of decision.effects) held += effect.type === 'take-slot' ? 1 : effect.type === 'free-slot' && held > 0 ? -1 : 0
          expect(held).toBeGreaterThanOrEqual(0)
          expect(held).toBeLessThanOrEqual(1)
          expect(held === 0 || ['pending', 'running', 'cancelling'].includes(run.state.type)).toBe(true)
        }
      }),
    )
  })
})
