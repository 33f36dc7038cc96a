import type { FlowRun } from '../core/flow-run.ts'
import type { ClientAbilities } from '../core/flow-run-proposal.ts'
import { JsonText } from '../core/literal-json.ts'
import type { Proposal } from '../core/proposal.ts'
import type { Resumed } from '../core/told-flow-run.ts'
import type { Told } from '../core/told.ts'
import { waitIdOf } from '../core/wait.ts'
import type { Script } from '../store/port.ts'
import { propose } from './flow-run-changes.ts'
import type { ToldDeps } from './flow-run-changes.ts'
import { existing } from './flow-runs.ts'
import { checkInput } from './run-input.ts'
import { wakeRun } from './waits.ts'

/** Continues a paused run; one that waits for input takes only what its schema allows, and keeps it. */
export function* resumePaused(
  deps: ToldDeps,
  told: Told[],
  run: FlowRun,
  { input, client }: { readonly input: JsonText | null; readonly client: ClientAbilities },
): Script<Resumed> {
  const { state } = run
  if (state.type !== 'paused')
    return { verdict: { type: 'abort', reason: 'Cannot resume a flow run that is not paused.' }, run: null, isNew: false }

  if (waitIdOf(state) !== undefined) return yield* resumeOwn(deps, told, run, input)
  const keyset = state.details?.runInputKeyset
  let response: { readonly key: string; readonly value: JsonText } | undefined
  if (keyset !== undefined) {
    const stored = yield* deps.store.tables.flowRunInputs.get(run.id, keyset['schema'] ?? '')
    const checked =
      stored === undefined
        ? { problem: 'Run input schema not found.' }
        : yield* checkInput(deps, new JsonText(stored.value), input ?? new JsonText('{}'))
    if ('problem' in checked) return { verdict: { type: 'reject', reason: checked.problem }, run, isNew: false, isInputWrong: true }
    response = { key: keyset['response'] ?? '', value: checked.value }
  }
  const isSuspended = state.details?.pauseReschedule === true
  const proposal: Proposal = isSuspended
    ? { type: 'scheduled', name: 'Resuming', message: null, details: {}, scheduledFor: deps.clock.now() }
    : { type: 'running', name: 'Running', message: null, details: {} }
  const { verdict, isNew, run: after } = yield* propose(deps, told, run, proposal, { mode: 'ordinary', client })
  if (verdict.type === 'accept' && response !== undefined) {
    const now = deps.clock.now()
    yield* deps.store.tables.flowRunInputs.insert({
      id: deps.ids.next(),
      flowRunId: run.id,
      key: response.key,
      value: response.value.text,
      sender: null,
      createdAt: now,
      updatedAt: now,
    })
  }
  return { verdict, run: after, isNew }
}

/** A run of our own engine knows by its wait's answer that it may go on. */
function* resumeOwn(deps: ToldDeps, told: Told[], run: FlowRun, input: JsonText | null): Script<Resumed> {
  const woken = yield* wakeRun(deps, told, run, input)
  if (woken.type === 'accept') return { verdict: { type: 'accept' }, run: yield* existing(deps, run.id), isNew: true }
  const verdict = { type: 'reject', reason: woken.reason } as const
  return { verdict, run, isNew: false, ...(woken.why === 'input' ? { isInputWrong: true } : undefined) }
}
