import fc from 'fast-check'
import { expect, test } from 'vitest'
import { aFlowRun, aHolder, aLease, aState, facts, T0 } from '../testing/builders.ts'
import { restartOf, transition } from './flow-run.ts'
import type { FlowRun, FlowRunCommand, FlowRunPolicy } from './flow-run.ts'
import type { HolderLiveness } from './lease.ts'
import { isTerminal } from './state.ts'

// What must hold whatever is asked of a run, in whatever order, by whomever, with a clock that may also go back.

interface Step {
  readonly command: FlowRunCommand
  readonly holder: HolderLiveness
  readonly stepMs: number
}

interface Change {
  readonly command: FlowRunCommand
  readonly before: FlowRun
  readonly after: FlowRun
}

const outcome = fc.constantFrom(null, { format: 'json', text: '1' } as const)
const message = fc.constant('why')
const lease = fc.integer({ min: 1, max: 3 }).map((pid) => aLease({ holder: aHolder({ pid }), until: T0 + 45_000_000 }))

const aPause = fc
  .constantFrom(null, '{}')
  .map((schema) => ({ waitId: 'w', key: 'approval', until: T0 + 10 ** 8, wakeAt: T0 + 10 ** 8, schema, description: null }))

const anyCommand: fc.Arbitrary<FlowRunCommand> = fc.oneof(
  fc.record({ type: fc.constant('start' as const), lease }),
  fc.record({ type: fc.constant('complete' as const), outcome }),
  fc.record({ type: fc.constant('fail' as const), message, outcome, retryDelayMs: fc.constantFrom(null, 0, 10_000) }),
  fc.record({ type: fc.constant('crash' as const), message }),
  fc.record({ type: fc.constant('cancel' as const), message }),
  fc.record({ type: fc.constant('cancelled' as const), message }),
  fc.record({ type: fc.constant('resume' as const) }),
  fc.record({ type: fc.constant('retry' as const) }),
  fc.record({ type: fc.constant('pause' as const), pause: aPause, message }),
  fc.record({
    type: fc.constant('suspend' as const),
    until: fc.integer({ min: T0, max: T0 + 10 ** 8 }),
    pause: fc.option(aPause, { nil: null }),
    message,
  }),
  fc.record({ type: fc.constant('wake' as const) }),
  fc.record({ type: fc.constant('renew' as const), until: fc.integer({ min: T0, max: T0 + 10 ** 9 }) }),
)
const anyStep: fc.Arbitrary<Step> = fc.record({
  command: anyCommand,
  holder: fc.constantFrom('alive', 'dead', 'unknown'),
  stepMs: fc.integer({ min: -2_000, max: 20_000 }),
})
/** Starts are frequent, as without them nothing else is accepted. */
const steps = fc.array(
  fc.oneof(
    anyStep,
    fc.record({
      command: fc.record({ type: fc.constant('start' as const), lease }),
      holder: fc.constant('alive' as const),
      stepMs: fc.constant(15_000),
    }),
  ),
  {
    maxLength: 60,
  },
)
const policies: fc.Arbitrary<FlowRunPolicy> = fc.record({ retries: fc.nat(3), crashRestarts: fc.nat(3) })

function newRun(policy: FlowRunPolicy): FlowRun {
  return aFlowRun({ policy, state: aState('pending'), attempt: 0, runCount: 0, lease: null, startedAt: null })
}

/** Plays the steps; answers with every change that was accepted. */
function play(policy: FlowRunPolicy, given: readonly Step[]): readonly Change[] {
  const changes: Change[] = []
  let run = newRun(policy)
  let now = T0
  for (const { command: asked, holder, stepMs } of given) {
    now += stepMs * 1000
    // What crashed goes on by itself where it may.
    for (let command: FlowRunCommand | undefined = asked; command !== undefined; command = restartOf(run)) {
      const decision = transition(run, command, facts({ holder }), now)
      if (decision.type !== 'accept') break
      changes.push({ command, before: run, after: decision.run })
      run = decision.run
    }
  }
  return changes
}

/** What holds for every change of every run, by its sentence. */
const rules: Readonly<Record<string, (changes: readonly Change[], policy: FlowRunPolicy) => boolean>> = {
  'only resume, retry and the restart after a crash leave a terminal state': (changes) =>
    changes.every(({ command, before }) => !isTerminal(before.state.type) || ['resume', 'retry', 'restart'].includes(command.type)),
  'nothing leaves Completed': (changes) => changes.every(({ before }) => before.state.type !== 'completed'),
  'without being asked a run never starts more often than its retries and restarts allow': (changes, { retries, crashRestarts }) => {
    const retryAsks = changes.filter(({ command }) => command.type === 'retry').length
    const resumeAsks = changes.filter(({ command }) => command.type === 'resume').length
    const attempts = changes.at(-1)?.after.attempt ?? 0
    // Each process that was given back is followed by one that goes on.
    const suspensions = changes.filter(({ command }) => command.type === 'suspend').length
    return attempts <= (1 + crashRestarts) * (1 + retryAsks + resumeAsks) + retries * (1 + retryAsks) + suspensions
  },
  'failures since the last retry that was asked for never exceed the retries by more than the one that ended the run': (
    changes,
    { retries },
  ) => changes.every(({ after }) => after.failures <= retries + 1 && (isTerminal(after.state.type) || after.failures <= retries)),
  'attempts only grow, by one, and only with a start': (changes) =>
    changes.every(({ command, before, after }) => after.attempt === before.attempt + (command.type === 'start' ? 1 : 0)),
  'entries into Running are counted': (changes) =>
    (changes.at(-1)?.after.runCount ?? 0) ===
    changes.filter(({ after, before }) => after.state !== before.state && after.state.type === 'running').length,
  'states of a run follow one another in time, whatever the clock does': (changes) =>
    changes.every(({ before, after }) => after.state === before.state || after.state.timestamp > before.state.timestamp),
  'time spent running is never lost and never negative': (changes) =>
    changes.every(({ before, after }) => before.totalRunMs >= 0 && after.totalRunMs >= before.totalRunMs),
  'a run has an end and no lease exactly when its state is terminal': (changes) =>
    changes.every(
      ({ after }) => (after.endedAt !== null) === isTerminal(after.state.type) && (!isTerminal(after.state.type) || after.lease === null),
    ),
  'somebody holds every run that is running or being cancelled': (changes) =>
    changes.every(({ after: { state, lease: held } }) => (state.type !== 'running' && state.type !== 'cancelling') || held !== null),
  'nobody holds a run that gave its process back, and only a run that somebody held can': (changes) =>
    changes.every(({ command, before, after }) => command.type !== 'suspend' || (before.lease !== null && after.lease === null)),
  'a pause that is over in its process goes on there, any other is due again': (changes) =>
    changes.every(
      ({ command, before, after }) => command.type !== 'wake' || after.state.type === (before.lease === null ? 'scheduled' : 'running'),
    ),
  'once started, a run remembers when': (changes) =>
    changes.every(({ before, after }) => before.startedAt === null || after.startedAt === before.startedAt),
}

test.each(Object.entries(rules))('%s', (_, holds) => {
  const property = fc.property(policies, steps, (policy, given) => holds(play(policy, given), policy))

  expect(() => fc.assert(property, { numRuns: 500 })).not.toThrow()
})

test('a living holder is never robbed of its run', () => {
  fc.assert(
    fc.property(policies, steps, anyStep, (policy, given, { command }) => {
      const run = play(policy, given).at(-1)?.after
      if (run?.lease === null || run === undefined) return
      const decision = transition(run, command, facts({ holder: 'alive' }), T0 + 10 ** 12)

      const after = decision.type === 'accept' ? decision.run : run
      const ended = isTerminal(after.state.type) || command.type === 'crash' || command.type === 'suspend'
      expect(ended || after.lease?.holder.pid === run.lease.holder.pid).toBe(true)
    }),
  )
})

test('the same arguments give the same decision, and nothing given is changed', () => {
  fc.assert(
    fc.property(policies, steps, anyStep, (policy, given, { command, holder }) => {
      const run = play(policy, given).at(-1)?.after ?? newRun(policy)
      const before = JSON.stringify([run, command])

      const decisions = [transition(run, command, facts({ holder }), T0), transition(run, command, facts({ holder }), T0)]

      expect(decisions[0]).toEqual(decisions[1])
      expect(JSON.stringify([run, command])).toBe(before)
    }),
  )
})
