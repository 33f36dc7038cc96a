import { processActor, RECOVERY } from '../core/actor.ts'
import type { Actor } from '../core/actor.ts'
import { TuttiError } from '../core/errors.ts'
import { describeHolder, restartOf, transition } from '../core/flow-run.ts'
import type { Decision, FlowRun, FlowRunCommand, FlowRunPolicy } from '../core/flow-run.ts'
import type { Beat, BeatAnswer, FlowRunOperations, Liveness, RerunOperations } from '../core/orchestrator.ts'
import { isLeaseLost, isLeaseOver } from '../core/lease.ts'
import type { HolderLiveness, Lease } from '../core/lease.ts'
import { isTerminal } from '../core/state.ts'
import { waitIdOf } from '../core/wait.ts'
import type { Told } from '../core/told.ts'
import type { FlowRunStanding, Script } from '../store/port.ts'
import { sweepDeleted } from './deletions.ts'
import { moveSlot } from './deployment-slots.ts'
import { explanationOf } from './explanations.ts'
import type { Deps } from './deps.ts'
import { writeAndTell } from './telling.ts'
import { keepAnswer, keepWait } from './wait-rows.ts'

export function flowRunOperations(deps: Deps): Omit<FlowRunOperations, keyof RerunOperations> {
  const { store, clock } = deps
  const { flowRuns } = store.tables

  return {
    get: (id) => store.read(() => existing(deps, id)),
    find: (reference) => store.read(() => flowRuns.find(reference)),
    list: (query) => store.read(() => flowRuns.list(query)),
    countByState: (query) => store.read(() => flowRuns.countByState(query)),
    states: (id) => store.read(() => flowRuns.states(id)),
    explain: (id) =>
      store.read(function* () {
        return yield* explanationOf(deps, yield* existing(deps, id))
      }),

    command: (id, command) =>
      writeAndTell(deps, function* (told) {
        const { decision, run } = yield* apply(deps, yield* existing(deps, id), command, told)
        if (decision.type === 'accept' && isTerminal(run.state.type)) {
          // Told from outside, perhaps because the holder cannot: whatever the run still had under way is not going on.
          yield* endTaskRuns(deps, run, 'crashed')
          yield* endMirror(deps, run)
        }
        return decision
      }),

    take: (id, how, lease) =>
      writeAndTell(deps, function* (told) {
        let run = yield* existing(deps, id)
        if (how === 'resume') yield* answerPause(deps, run)
        if (how !== 'start') run = yield* accepted(deps, run, { type: how }, `could not ${how}`, told)
        return yield* accepted(deps, run, { type: 'start', lease }, 'could not start', told)
      }),

    async delete(id) {
      await store.write(function* () {
        const run = yield* existing(deps, id)
        if (!isTerminal(run.state.type) && run.lease !== null && !isLeaseLost(run.lease, deps.liveness.of(run.lease.holder), clock.now())) {
          throw new TuttiError(
            'TRANSITION_REJECTED',
            `flow run ${run.name} (${id}) is ${run.state.name}, held by ${describeHolder(run.lease.holder)}: cancel it before it is deleted`,
          )
        }
        yield* flowRuns.delete([id], clock.now())
      })
      await sweepDeleted(deps, Infinity)
    },

    beat: (beats, until) =>
      store.write(function* () {
        const answers: BeatAnswer[] = []
        for (const beat of beats) {
          yield* flowRuns.renew(beat.flowRunId, beat.attempt, until)
          answers.push(answerBeat(beat, yield* flowRuns.standing(beat.flowRunId)))
        }
        return answers
      }),

    look: (beats) =>
      store.read(function* () {
        const answers: BeatAnswer[] = []
        for (const beat of beats) answers.push(answerBeat(beat, yield* flowRuns.standing(beat.flowRunId)))
        return answers
      }),

    recover: (limit) => recover({ ...deps, actor: RECOVERY }, limit),
  }
}

function answerBeat({ flowRunId, attempt, isWaiting = false }: Beat, run: FlowRunStanding | undefined): BeatAnswer {
  if (run === undefined) return { flowRunId, tell: 'lost', message: 'the run was deleted' }
  if (run.attempt !== attempt) return { flowRunId, tell: 'lost', message: `attempt ${run.attempt} has begun` }
  if (isTerminal(run.type)) return { flowRunId, tell: 'lost', message: `the run ended as ${run.name}` }
  if (run.type === 'cancelling') return { flowRunId, tell: 'cancel', message: run.message }
  if (isWaiting && run.type === 'running') return { flowRunId, tell: 'woken', message: null }
  return { flowRunId, tell: 'go on', message: null }
}

/** Who resumes a run that waits for nothing else has answered it. */
function* answerPause(deps: Deps, { id, state, lease }: FlowRun): Script<void> {
  const waitId = waitIdOf(state)
  if (waitId === undefined || lease !== null || state.details?.runInputKeyset !== undefined) return
  yield* keepAnswer(deps, id, waitId, 'null')
}

export function* existing({ store }: Deps, id: string): Script<FlowRun> {
  const run = yield* store.tables.flowRuns.get(id)
  if (run === undefined) throw new TuttiError('FLOW_RUN_NOT_FOUND', `no flow run has the id ${id}`)
  return run
}

/** Read, decide, write: the new state and its history land together or not at all. */
export function* apply(deps: Deps, run: FlowRun, command: FlowRunCommand, told: Told[]): Script<{ decision: Decision; run: FlowRun }> {
  const holder = run.lease === null ? 'unknown' : deps.liveness.of(run.lease.holder)
  const now = deps.clock.now()
  const decision = transition(run, command, { holder, stateId: deps.ids.next() }, now)
  if (decision.type !== 'accept') return { decision, run }
  yield* deps.store.tables.flowRuns.save(decision.run, run, bringerOf(deps, command))
  yield* moveSlot(deps, run, decision.run)
  if ((command.type === 'pause' || command.type === 'suspend') && command.pause !== null) yield* keepWait(deps, run.id, command.pause)
  if (decision.run.state.id !== run.state.id) told.push({ type: 'flow-run', run: decision.run, from: run.state })
  if (decision.run.state.type === 'cancelled') {
    if (run.lease === null) yield* cancelBelow(deps, decision.run, told)
    yield* endTaskRuns(deps, decision.run, 'cancelled')
  }
  // Also of a run that will be started again by itself: its process died all the same.
  else if (command.type === 'crash') {
    yield* endTaskRuns(deps, decision.run, 'crashed')
    const restart = restartOf(decision.run)
    if (restart !== undefined) return yield* apply(deps, decision.run, restart, told)
  }
  return { decision, run: decision.run }
}

/** A run is started by the process that will hold it, whoever asked; it is no one who has it go on by itself. */
function bringerOf({ actor }: Deps, command: FlowRunCommand): Actor | undefined {
  if (command.type === 'restart') return RECOVERY
  return command.type === 'start' && actor?.kind !== 'worker' ? processActor(command.lease.holder) : actor
}

/** Sub-flow runs that gave their process back together with this run: nobody is there to end them with it. */
function* cancelBelow(deps: Deps, { id }: FlowRun, told: Told[]): Script<void> {
  const { taskRuns, flowRuns } = deps.store.tables
  const { items } = yield* taskRuns.list({ flowRunId: id, states: ['running'], limit: SUB_FLOWS_MAX })
  for (const { childFlowRunId } of items) {
    const child = childFlowRunId === null ? undefined : yield* flowRuns.get(childFlowRunId)
    if (child === undefined || child.lease !== null || isTerminal(child.state.type)) continue
    yield* apply(deps, child, { type: 'cancel', message: 'the parent flow run was cancelled' }, told)
  }
}

/** More of one run are ended by the cleaning up after cancelled runs. */
const SUB_FLOWS_MAX = 500

export function* endTaskRuns({ store, ids, clock }: Deps, { id, state }: FlowRun, type: 'crashed' | 'cancelled'): Script<void> {
  const message = type === 'crashed' ? `the process of the flow run ended: ${state.message ?? state.name}` : state.message
  yield* store.tables.taskRuns.endUnfinished({ flowRunId: id }, { type, message, at: clock.now(), stateId: () => ids.next() })
}

/** The task run that stands for a run inside its parent ends with it, when its end was not told by the parent's own process. */
export function* endMirror({ store, ids, clock }: Deps, { parentTaskRunId, state, dispatch }: FlowRun): Script<void> {
  // Whoever asked for a run of a deployment waits for it, or does not, and tells by itself what came of that.
  if ((dispatch?.deploymentId ?? null) !== null) return
  // A result is the parent's to take, with its place in the order of results.
  if (parentTaskRunId === null || !isTerminal(state.type) || state.type === 'completed') return
  const type = state.type === 'cancelled' ? 'cancelled' : 'crashed'
  yield* store.tables.taskRuns.endUnfinished(
    { id: parentTaskRunId },
    { type, message: state.message, at: clock.now(), stateId: () => ids.next() },
  )
}

/** As `apply`; throws `TRANSITION_REJECTED` when it is not to be. */
export function* accepted(deps: Deps, run: FlowRun, command: FlowRunCommand, what: string, told: Told[]): Script<FlowRun> {
  const { decision } = yield* apply(deps, run, command, told)
  if (decision.type === 'accept') return decision.run
  throw new TuttiError('TRANSITION_REJECTED', `flow run ${run.name} (${run.id}) ${what}: ${decision.reason}`)
}

/** Runs whose holder is gone become Crashed, parents before their children, each in a transaction of its own that looks again. */
async function recover(deps: Deps, limit: number): Promise<readonly FlowRun[]> {
  const { store, clock } = deps
  const livenessOf = liveNow(deps)
  const isLost = (lease: Lease, { crashRestarts }: FlowRunPolicy): boolean =>
    (crashRestarts > 0 ? isLeaseOver : isLeaseLost)(lease, livenessOf(lease.holder), clock.now())
  const crashed: FlowRun[] = []
  // Living runs may be many, and their leases older than those of the dead: all that are held are looked at.
  let after: { id: string; until: number } | undefined
  do {
    const page = await store.read(() => store.tables.flowRuns.held(HELD_PAGE, after))
    // Ids are in the order of creation.
    const lost = page.filter((held) => isLost(held, held.rootPolicy)).toSorted((a, b) => (a.id < b.id ? -1 : 1))
    for (const { id, rootPolicy } of lost) {
      if (crashed.length >= limit) return crashed
      const run = await writeAndTell(deps, function* (told) {
        const current = yield* store.tables.flowRuns.get(id)
        if (current === undefined || current.lease === null || !isLost(current.lease, rootPolicy)) return undefined
        const { holder } = current.lease
        const isGone = livenessOf(holder) === 'dead'
        const message = `${describeHolder(holder)} ${isGone ? 'ended while it held the run' : 'was not heard of while it held the run'}`
        const { decision, run } = yield* apply(deps, current, { type: 'crash', message }, told)
        if (decision.type !== 'accept') return undefined
        yield* endMirror(deps, run)
        return run
      })
      if (run !== undefined) crashed.push(run)
    }
    after = page.length < HELD_PAGE ? undefined : page.at(-1)
  } while (after !== undefined)
  return crashed
}

const HELD_PAGE = 500

/** Looks at each process once: hundreds of runs may have one holder. */
function liveNow({ liveness }: Deps): Liveness['of'] {
  const known = new Map<string, HolderLiveness>()
  return (holder) => {
    const key = JSON.stringify([holder.host, holder.bootId, holder.pid, holder.processStart])
    let found = known.get(key)
    if (found === undefined) known.set(key, (found = liveness.of(holder)))
    return found
  }
}
