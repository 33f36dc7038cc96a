import type { FlowRun } from '../core/flow-run.ts'
import { JsonText } from '../core/literal-json.ts'
import { isTerminal } from '../core/state.ts'
import type { Told } from '../core/told.ts'
import { waitKeys } from '../core/wait.ts'
import type { OpenWait, WaitOperations, Woken } from '../core/wait.ts'
import type { Script } from '../store/port.ts'
import type { Deps } from './deps.ts'
import { apply, existing } from './flow-runs.ts'
import { checkInput } from './run-input.ts'
import { writeAndTell } from './telling.ts'
import { keepAnswer, openWaitOf } from './wait-rows.ts'

export function waitOperations(deps: Deps): WaitOperations {
  const { store } = deps
  return {
    open: (flowRunId) =>
      store.read(function* () {
        return yield* openWaitOf(deps, yield* existing(deps, flowRunId))
      }),

    wake: (flowRunId, input) =>
      writeAndTell(deps, function* (told) {
        return yield* wakeRun(deps, told, yield* existing(deps, flowRunId), input === null ? null : new JsonText(input))
      }),

    answer: (flowRunId, waitId) =>
      store.read(function* () {
        return (yield* store.tables.flowRunInputs.get(flowRunId, waitKeys(waitId).response))?.value ?? null
      }),
  }
}

/** Ends what a run waits for: the answer and the run's new state are written together. */
export function* wakeRun(deps: Deps, told: Told[], run: FlowRun, input: JsonText | null): Script<Woken> {
  const wait = yield* openWaitOf(deps, run)
  if (wait === null) {
    return { type: 'reject', why: 'not waiting', reason: `flow run ${run.name} (${run.id}) is ${run.state.name} and waits for nothing` }
  }
  if (wait.until !== null && wait.until <= deps.clock.now()) {
    return { type: 'reject', why: 'too late', reason: `the time of what flow run ${run.name} (${run.id}) waited for is over` }
  }
  const checked = yield* readInput(deps, run, wait, input)
  if ('problem' in checked) return { type: 'reject', why: 'input', reason: checked.problem }
  if (!(yield* keepAnswer(deps, run.id, wait.waitId, checked.value.text))) {
    return { type: 'reject', why: 'not waiting', reason: `what flow run ${run.name} (${run.id}) waited for was given already` }
  }
  // Of a process that has died the run is not woken: it has the answer when it is resumed.
  if (run.state.type === 'paused') yield* apply(deps, run, { type: 'wake' }, told)
  yield* wakeRoot(deps, told, run)
  return { type: 'accept' }
}

/** A sub-flow run that gave its process back goes on in the process of its root. */
export function* wakeRoot(deps: Deps, told: Told[], { id, rootId, lease }: FlowRun): Script<void> {
  if (rootId === id || lease !== null) return
  const root = yield* deps.store.tables.flowRuns.get(rootId)
  if (root === undefined || isTerminal(root.state.type) || root.lease !== null) return
  yield* apply(deps, root, { type: 'wake' }, told)
}

function* readInput(
  deps: Deps,
  run: FlowRun,
  { schema }: OpenWait,
  input: JsonText | null,
): Script<{ readonly value: JsonText } | { readonly problem: string }> {
  if (schema !== null) return yield* checkInput(deps, new JsonText(schema), input ?? new JsonText('{}'))
  if (input === null || input.text === '{}') return { value: new JsonText('null') }
  return { problem: `flow run ${run.name} (${run.id}) waits to be resumed, and takes no input` }
}
