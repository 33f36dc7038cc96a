import { TuttiError } from '../core/errors.ts'
import type { FlowRun } from '../core/flow-run.ts'
import { JsonText } from '../core/literal-json.ts'
import type { ToldFlowRunOperations } from '../core/told-flow-run.ts'
import type { Script } from '../store/port.ts'
import { sweepDeleted } from './deletions.ts'
import { giveSlotBack } from './deployment-slots.ts'
import { deploymentOf } from './deployment-versions.ts'
import { createFlowRun, merged, propose, viewOf } from './flow-run-changes.ts'
import type { ToldDeps } from './flow-run-changes.ts'
import { existing } from './flow-runs.ts'
import { jobProblem } from './job-variables.ts'
import { resumePaused } from './resume.ts'
import { writeAndTell } from './telling.ts'

export function toldFlowRunOperations(deps: ToldDeps): ToldFlowRunOperations {
  const { store, clock } = deps
  const { flowRuns } = store.tables

  return {
    create: (asked) => writeAndTell(deps, (told) => createFlowRun(deps, told, asked)),

    read: (id) =>
      store.read(function* () {
        return yield* viewOf(deps, yield* existing(deps, id))
      }),

    propose: (id, proposal, how) =>
      writeAndTell(deps, function* (told) {
        return yield* propose(deps, told, yield* existing(deps, id), proposal, how)
      }),

    resumePaused: (id, input, client) =>
      writeAndTell(deps, function* (told) {
        return yield* resumePaused(deps, told, yield* existing(deps, id), { input, client })
      }),

    update: (id, changes) =>
      writeAndTell(deps, function* (told) {
        const run = yield* existing(deps, id)
        if (changes.jobVariables !== undefined && changes.jobVariables !== null) yield* checkJobVariables(deps, run, changes.jobVariables)
        yield* flowRuns.update(id, changes, clock.now())
        told.push({ type: 'changed', noun: 'flow_runs', id })
      }),

    addLabels: (id, labels) =>
      store.write(function* () {
        const run = yield* existing(deps, id)
        yield* flowRuns.setLabels(id, merged(run.dispatch?.labels ?? NOTHING, labels), clock.now())
      }),

    async remove(id) {
      await writeAndTell(deps, function* (told) {
        const run = yield* existing(deps, id)
        yield* giveSlotBack(deps, run)
        yield* flowRuns.delete([id], clock.now())
        told.push({ type: 'changed', noun: 'flow_runs', id })
      })
      await sweepDeleted(deps, SWEEPS_PER_REQUEST)
    },
  }
}

/** They are looked at until somebody takes the run, and must fit where it goes. */
function* checkJobVariables(deps: ToldDeps, run: FlowRun, variables: JsonText): Script<void> {
  const { id, state, dispatch } = run
  if (state.type !== 'scheduled')
    throw new TuttiError('BAD_REQUEST', `the job variables of flow run ${id} cannot be changed any more: it is ${state.name}`)
  const deployment = yield* deploymentOf(deps, run)
  if (deployment === undefined)
    throw new TuttiError('BAD_REQUEST', `the job variables of flow run ${id} cannot be changed: it has no deployment`)
  const all = merged(deployment.jobVariables, variables)
  const problem = yield* jobProblem(deps, dispatch?.workQueueId ?? null, all, { ignoreRequired: false })
  if (problem !== undefined) throw new TuttiError('INVALID_REQUEST', `Error updating flow run: ${problem}`)
}

const NOTHING = new JsonText('{}')
/** What belonged to a deleted run goes in batches; a request waits for few of them, retention does the rest. */
const SWEEPS_PER_REQUEST = 5
