import { describe, expect, test } from 'vitest'
import { aFlowRun, aHolder, aLease, aState, facts, T0 } from '../testing/builders.ts'
import { restartOf, transition } from './flow-run.ts'
import type { Decision, FlowRun, FlowRunCommand, FlowRunFacts } from './flow-run.ts'
import { STATE_TYPES } from './state.ts'
import type { StateType } from './state.ts'
import type { Pause } from './wait.ts'

const SECOND = 1_000_000
const OUTCOME = { format: 'json', text: '42' } as const

const start: FlowRunCommand = { type: 'start', lease: aLease() }
const complete: FlowRunCommand = { type: 'complete', outcome: OUTCOME }
const fail: FlowRunCommand = { type: 'fail', message: 'boom', outcome: null, retryDelayMs: 5_000 }
const crash = { type: 'crash', message: 'the process ended' } as const satisfies FlowRunCommand
const cancel: FlowRunCommand = { type: 'cancel', message: 'enough' }
const cancelled: FlowRunCommand = { type: 'cancelled', message: 'enough' }
const resume: FlowRunCommand = { type: 'resume' }
const retry: FlowRunCommand = { type: 'retry' }
const renew: FlowRunCommand = { type: 'renew', until: T0 + 90 * SECOND }

function decide(run: FlowRun, command: FlowRunCommand, changes: Partial<FlowRunFacts> = {}): Decision {
  return transition(run, command, facts(changes), T0 + SECOND)
}

function accepted(run: FlowRun, command: FlowRunCommand): FlowRun {
  const decision = decide(run, command)
  if (decision.type !== 'accept') throw new Error(`${command.type} was answered with ${decision.type}`)
  return decision.run
}

/** A run that waits for its process to start it again. */
function aWaitingRun(changes: Partial<FlowRun> = {}): FlowRun {
  return aFlowRun({ state: aState('scheduled', { name: 'AwaitingRetry', scheduledFor: T0 }), failures: 1, ...changes })
}

function aRunIn(type: StateType): FlowRun {
  const held = type === 'running' || type === 'cancelling'
  return aFlowRun({ state: aState(type), lease: held ? aLease() : null })
}

describe('start', () => {
  test('a run that is due is running, under the lease of who started it', () => {
    const run = aFlowRun({ state: aState('scheduled'), lease: null, attempt: 0, runCount: 0, startedAt: null })

    const decision = decide(run, start)

    expect(decision).toMatchObject({
      type: 'accept',
      run: {
        state: { type: 'running', name: 'Running', timestamp: T0 + SECOND },
        attempt: 1,
        runCount: 1,
        startedAt: T0 + SECOND,
        lease: aLease(),
      },
    })
  })

  test('a run that is due later is waited for', () => {
    const run = aFlowRun({ state: aState('scheduled', { scheduledFor: T0 + 9 * SECOND }), lease: null })

    expect(decide(run, start)).toMatchObject({ type: 'wait', until: T0 + 9 * SECOND })
  })

  test.each(STATE_TYPES.filter((type) => type !== 'scheduled' && type !== 'pending'))('a run that is %s does not start', (type) => {
    expect(decide(aRunIn(type), start)).toMatchObject({ type: 'reject' })
  })

  test('a refusal names who holds the run', () => {
    expect(decide(aFlowRun(), start)).toEqual({
      type: 'reject',
      reason: 'a run that is Running cannot start, held by process 4711 on here',
    })
  })

  test('a run whose process waits to try it again is started by that process only', () => {
    const other: FlowRunCommand = { type: 'start', lease: aLease({ holder: aHolder({ pid: 9 }) }) }

    expect(decide(aWaitingRun(), other)).toMatchObject({ type: 'reject', reason: expect.stringContaining('held by process 4711 on here') })
    expect(decide(aWaitingRun(), start)).toMatchObject({ type: 'accept', run: { attempt: 2 } })
  })

  test('when that process is dead, any other may start it', () => {
    const other: FlowRunCommand = { type: 'start', lease: aLease({ holder: aHolder({ pid: 9 }) }) }

    expect(decide(aWaitingRun(), other, { holder: 'dead' })).toMatchObject({ type: 'accept', run: { lease: { holder: { pid: 9 } } } })
  })
})

describe('complete', () => {
  test('a running run ends with its result and without a lease', () => {
    expect(decide(aFlowRun(), complete)).toMatchObject({
      type: 'accept',
      run: { state: { type: 'completed', name: 'Completed' }, outcome: OUTCOME, lease: null, endedAt: T0 + SECOND, totalRunMs: 1_000 },
    })
  })

  test('a state may have a name and a message of its own', () => {
    const decision = decide(aFlowRun(), { ...complete, name: 'Skipped', message: 'nothing new' })

    expect(decision).toMatchObject({ run: { state: { type: 'completed', name: 'Skipped', message: 'nothing new' } } })
  })

  test('a run that was asked to end meanwhile is cancelled', () => {
    expect(decide(aRunIn('cancelling'), complete)).toMatchObject({ run: { state: { type: 'cancelled' }, lease: null } })
  })

  test.each(['scheduled', 'pending', 'paused'] as const)('a run that is %s does not complete', (type) => {
    expect(decide(aRunIn(type), complete)).toMatchObject({ type: 'reject' })
  })
})

describe('fail', () => {
  const withRetry = aFlowRun({ policy: { retries: 1, crashRestarts: 0 } })

  test('with a retry left the run is scheduled again after the delay, and its process keeps the lease', () => {
    expect(decide(withRetry, fail)).toMatchObject({
      type: 'accept',
      run: {
        state: { type: 'scheduled', name: 'AwaitingRetry', scheduledFor: T0 + 6 * SECOND, message: 'boom' },
        failures: 1,
        lease: aLease(),
        endedAt: null,
      },
    })
  })

  test('in the next attempt the tasks that failed in this one run again', () => {
    expect(decide(withRetry, fail)).toMatchObject({ run: { replayFailedFrom: 2 } })
  })

  test('without a retry left the run has failed', () => {
    const last = aFlowRun({ policy: { retries: 1, crashRestarts: 0 }, failures: 1, attempt: 2 })

    expect(decide(last, fail)).toMatchObject({
      run: { state: { type: 'failed', message: 'boom' }, failures: 2, lease: null, endedAt: T0 + SECOND },
    })
  })

  test('a failure that must not be retried ends the run whatever is left', () => {
    expect(decide(withRetry, { ...fail, retryDelayMs: null })).toMatchObject({ run: { state: { type: 'failed' } } })
  })

  test('a run that was asked to end is cancelled, not tried again', () => {
    const asked = aFlowRun({ state: aState('cancelling'), policy: { retries: 5, crashRestarts: 0 } })

    expect(decide(asked, fail)).toMatchObject({ run: { state: { type: 'cancelled' } } })
  })
})

describe('crash', () => {
  test('a run whose process ended is Crashed and keeps what it had', () => {
    expect(decide(aFlowRun({ outcome: OUTCOME }), crash)).toMatchObject({
      run: { state: { type: 'crashed', message: 'the process ended' }, lease: null, outcome: OUTCOME, endedAt: T0 + SECOND },
    })
  })

  test('one that may be restarted is due again at once, for any process; once more than that, and it has failed', () => {
    const run = aFlowRun({ policy: { retries: 0, crashRestarts: 1 } })

    const first = accepted(run, crash)
    const again = accepted(first, restartOf(first)!)
    const second = accepted({ ...aFlowRun(), policy: again.policy }, crash)

    expect(first.state.type).toBe('crashed')
    expect(again).toMatchObject({ state: { type: 'scheduled', name: 'Resuming', scheduledFor: T0 + SECOND }, lease: null })
    expect(second.state).toMatchObject({ type: 'failed', message: expect.stringContaining('died 2 times') })
    expect(restartOf(second)).toBeUndefined()
  })

  test('the end of a process is no end of a run that another process has taken meanwhile', () => {
    const run = aFlowRun()
    const { host, pid } = run.lease!.holder

    expect(decide(run, { ...crash, process: { host, pid: pid + 1 } })).toMatchObject({ type: 'reject' })
    expect(decide(run, { ...crash, process: { host: 'elsewhere', pid } })).toMatchObject({ type: 'reject' })
    expect(decide({ ...run, lease: null }, { ...crash, process: { host, pid } })).toMatchObject({ type: 'reject' })
    expect(decide(run, { ...crash, process: { host, pid } })).toMatchObject({ type: 'accept', run: { state: { type: 'crashed' } } })
  })

  test('a process that is ended on purpose is none of the deaths that are counted', () => {
    const run = aFlowRun({ policy: { retries: 0, crashRestarts: 1, crashes: 1 } })

    const stopped = accepted(run, { ...crash, onPurpose: true })

    expect(stopped).toMatchObject({ state: { type: 'crashed' }, policy: { crashes: 1 } })
    expect(accepted(stopped, restartOf(stopped)!).state).toMatchObject({ name: 'Resuming', scheduledFor: T0 + SECOND })
  })

  test('what crashes again and again waits longer each time, and anew when somebody asks for it', () => {
    const crashed = aFlowRun({ state: aState('crashed'), lease: null, policy: { retries: 0, crashRestarts: 20, crashes: 4 } })

    expect(restartOf(crashed)).toMatchObject({ delayMs: 4_000 })
    expect(restartOf({ ...crashed, policy: { ...crashed.policy, crashes: 20 } })).toMatchObject({ delayMs: 60_000 })
    expect(accepted(crashed, { type: 'resume' }).policy).toEqual({ retries: 0, crashRestarts: 20 })
  })

  test('the slot of its deployment is the run’s until its process is gone', () => {
    const running = accepted(
      aFlowRun({ state: { ...aState('pending'), details: { deploymentConcurrencyLeaseId: 'slot' } }, lease: null }),
      { type: 'start', lease: aFlowRun().lease! },
    )

    expect(running.state.details).toEqual({ deploymentConcurrencyLeaseId: 'slot' })
    expect(accepted(running, crash).state.details).toBeUndefined()
  })

  test('a sub-flow run is not restarted by itself: its parent calls it again', () => {
    const child = aFlowRun({ policy: { retries: 0, crashRestarts: 9 }, parentTaskRunId: '019b7600-0000-7000-8000-000000000101' })

    expect(decide(child, crash)).toMatchObject({ run: { state: { type: 'crashed' } } })
    expect(restartOf(accepted(child, crash))).toBeUndefined()
  })

  test('a run that was being cancelled is cancelled', () => {
    expect(decide(aRunIn('cancelling'), crash)).toMatchObject({ run: { state: { type: 'cancelled' } } })
  })

  test('a run that nobody holds cannot crash', () => {
    expect(decide(aRunIn('scheduled'), crash)).toMatchObject({ type: 'reject' })
  })
})

describe('cancel', () => {
  test('a run that somebody holds is Cancelling until its holder has stopped', () => {
    expect(decide(aFlowRun(), cancel)).toMatchObject({
      run: { state: { type: 'cancelling', message: 'enough' }, lease: aLease(), endedAt: null },
    })
    expect(decide(aRunIn('cancelling'), cancelled)).toMatchObject({ run: { state: { type: 'cancelled' }, lease: null } })
  })

  test('a run that nobody holds is cancelled at once', () => {
    expect(decide(aRunIn('scheduled'), cancel)).toMatchObject({ run: { state: { type: 'cancelled' } } })
    expect(decide(aRunIn('paused'), cancel)).toMatchObject({ run: { state: { type: 'cancelled' } } })
  })

  test('so is a run whose holder is dead', () => {
    expect(decide(aFlowRun(), cancel, { holder: 'dead' })).toMatchObject({ run: { state: { type: 'cancelled' }, lease: null } })
  })

  test('asking twice changes nothing', () => {
    expect(decide(aRunIn('cancelling'), cancel)).toMatchObject({ type: 'reject' })
  })

  test('a run may end as cancelled by itself', () => {
    expect(decide(aFlowRun(), cancelled)).toMatchObject({ run: { state: { type: 'cancelled' } } })
    expect(decide(aRunIn('scheduled'), cancelled)).toMatchObject({ type: 'reject' })
  })
})

describe('resume', () => {
  test.each(['crashed', 'cancelled', 'paused'] as const)('a run that is %s is due at once, open to any process', (type) => {
    expect(decide(aRunIn(type), resume)).toMatchObject({
      type: 'accept',
      run: { state: { type: 'scheduled', name: 'Resuming', scheduledFor: T0 + SECOND }, lease: null, endedAt: null },
    })
  })

  test.each(['completed', 'failed'] as const)('a run that is %s is not resumed', (type) => {
    expect(decide(aRunIn(type), resume)).toMatchObject({ type: 'reject' })
  })

  test('a run that a living process holds is left to it', () => {
    expect(decide(aFlowRun(), resume)).toMatchObject({ type: 'reject', reason: 'the run is Running, held by process 4711 on here' })
    expect(decide(aWaitingRun(), resume)).toMatchObject({ type: 'reject' })
  })

  test('one whose holder is dead, or gone for longer than its lease, is taken', () => {
    const late = aFlowRun({ lease: aLease({ until: T0 }) })

    expect(decide(aFlowRun(), resume, { holder: 'dead' })).toMatchObject({ type: 'accept' })
    expect(decide(aFlowRun(), resume, { holder: 'unknown' })).toMatchObject({ type: 'reject' })
    expect(decide(late, resume, { holder: 'unknown' })).toMatchObject({ type: 'accept' })
  })

  test('failed tasks are replayed', () => {
    expect(decide(aFlowRun({ state: aState('crashed'), lease: null, replayFailedFrom: 0 }), resume)).toMatchObject({
      run: { replayFailedFrom: 0 },
    })
  })
})

describe('retry', () => {
  test.each(['failed', 'crashed', 'cancelled'] as const)(
    'a run that is %s is due at once, its failed tasks run again and its retries count anew',
    (type) => {
      const run = aFlowRun({ state: aState(type), lease: null, attempt: 3, failures: 2 })

      expect(decide(run, retry)).toMatchObject({
        type: 'accept',
        run: { state: { type: 'scheduled', scheduledFor: T0 + SECOND }, failures: 0, replayFailedFrom: 4, endedAt: null },
      })
    },
  )

  test.each(['scheduled', 'pending', 'running', 'paused', 'cancelling', 'completed'] as const)(
    'a run that is %s is not retried',
    (type) => {
      expect(decide(aRunIn(type), retry)).toMatchObject({ type: 'reject' })
    },
  )
})

describe('pause, suspend and wake', () => {
  const pause: Pause = {
    waitId: 'w1',
    key: 'approval',
    until: T0 + 60 * SECOND,
    wakeAt: T0 + 60 * SECOND,
    schema: '{}',
    description: 'Ship it?',
  }
  const paused = after(aFlowRun(), { type: 'pause', pause, message: 'waits' })
  const suspended = after(paused, { type: 'suspend', until: pause.wakeAt, pause, message: 'waits' })
  const sleeping = after(aFlowRun(), { type: 'suspend', until: T0 + 60 * SECOND, pause: null, message: 'sleeps' })

  test('a run that pauses in its process is Paused, keeps its lease and tells the protocol what it waits for', () => {
    expect(paused.lease).toEqual(aLease())
    expect(paused.state).toMatchObject({
      type: 'paused',
      details: {
        pauseKey: 'approval',
        pauseTimeout: T0 + 60 * SECOND,
        runInputKeyset: { schema: 'wait-w1-schema', response: 'wait-w1-response', description: 'wait-w1-description' },
      },
    })
    expect(paused.state.details).not.toHaveProperty('pauseReschedule')
  })

  test('it completes, fails and crashes from there as if it were running', () => {
    expect(decide(paused, complete)).toMatchObject({ run: { state: { type: 'completed' } } })
    expect(decide(paused, { type: 'fail', message: 'boom', outcome: null, retryDelayMs: null })).toMatchObject({
      run: { state: { type: 'failed' } },
    })
    expect(decide(paused, { type: 'crash', message: 'gone' })).toMatchObject({ run: { state: { type: 'crashed' } } })
  })

  test('a run that gives its process back is held by nobody: Suspended until it is resumed, or Sleeping until its time', () => {
    expect(suspended).toMatchObject({ lease: null, state: { type: 'paused', name: 'Suspended', details: { pauseReschedule: true } } })
    expect(sleeping).toMatchObject({ lease: null, state: { type: 'scheduled', name: 'Sleeping', scheduledFor: T0 + 60 * SECOND } })
    expect(decide(sleeping, start)).toMatchObject({ type: 'wait', until: T0 + 60 * SECOND })
    expect(decide(suspended, start)).toMatchObject({ type: 'reject' })
  })

  test('a run of which its process has called nothing can be given back: it is due, or ends if it was to be cancelled', () => {
    const returned = { type: 'return', message: 'not begun' } as const

    expect(decide(aFlowRun(), returned)).toMatchObject({ run: { state: { type: 'scheduled', name: 'Scheduled' }, lease: null } })
    expect(decide(aRunIn('cancelling'), returned)).toMatchObject({
      run: { state: { type: 'cancelled' }, lease: null },
    })
    expect(decide(aFlowRun({ lease: null }), returned)).toMatchObject({ type: 'reject' })
  })

  test('woken, it goes on where it is held, and is due for anybody where it is not', () => {
    const resuming = { state: { type: 'scheduled', name: 'Resuming' }, lease: null }

    expect(decide(paused, { type: 'wake' })).toMatchObject({ run: { state: { type: 'running' }, lease: aLease() } })
    expect(decide(suspended, { type: 'wake' })).toMatchObject({ run: resuming })
    expect(decide(sleeping, { type: 'wake' })).toMatchObject({ run: resuming })
    expect(decide(paused, { type: 'wake' }, { holder: 'dead' })).toMatchObject({ run: { state: { type: 'running' }, lease: aLease() } })
    expect(decide(aFlowRun(), { type: 'wake' })).toMatchObject({ type: 'reject', reason: 'the run does not wait, it is Running' })
  })

  test.each([
    ['Suspended', suspended],
    ['Sleeping', sleeping],
  ])('a run that is %s is cancelled at once', (_, run) => {
    expect(decide(run, { type: 'cancel', message: 'enough' })).toMatchObject({ run: { state: { type: 'cancelled' } } })
  })

  test('a run that is being cancelled neither pauses nor gives its process back', () => {
    expect(decide(aRunIn('cancelling'), { type: 'pause', pause, message: 'waits' })).toMatchObject({ type: 'reject' })
    expect(decide(aRunIn('cancelling'), { type: 'suspend', until: T0, pause, message: 'waits' })).toMatchObject({ type: 'reject' })
  })

  function after(run: FlowRun, command: FlowRunCommand): FlowRun {
    const decision = decide(run, command)
    if (decision.type !== 'accept') throw new Error(decision.reason)
    return decision.run
  }
})

describe('renew', () => {
  test('the holder keeps its lease for longer, and the state stays', () => {
    const decision = decide(aFlowRun(), renew)

    expect(decision).toEqual({ type: 'accept', run: { ...aFlowRun(), lease: aLease({ until: T0 + 90 * SECOND }) } })
  })

  test('without a lease there is nothing to keep', () => {
    expect(decide(aRunIn('scheduled'), renew)).toMatchObject({ type: 'reject' })
  })
})
