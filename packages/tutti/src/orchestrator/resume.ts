import type { FlowRun } from '../core/flow-run.ts'
import type { ClientAbilities } from '../core/flow-run-proposal.ts'
import { hydrate, variablesIn } from '../core/hydration.ts'
import { JsonText } from '../core/literal-json.ts'
import { parametersProblem } from '../core/parameter-schema.ts'
import type { Proposal } from '../core/proposal.ts'
import type { Resumed } from '../core/told-flow-run.ts'
import type { Told } from '../core/told.ts'
import type { Script } from '../store/port.ts'
import { propose } from './flow-run-changes.ts'
import type { ToldDeps } from './flow-run-changes.ts'

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

  const keyset = state.details?.runInputKeyset
  let response: { readonly key: string; readonly value: JsonText } | undefined
  if (keyset !== undefined) {
    const checked = yield* checkInput(deps, run, keyset['schema'] ?? '', input ?? new JsonText('{}'))
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

function* checkInput(
  { store }: ToldDeps,
  run: FlowRun,
  schemaKey: string,
  input: JsonText,
): Script<{ readonly value: JsonText } | { readonly problem: string }> {
  const stored = yield* store.tables.flowRunInputs.get(run.id, schemaKey)
  if (stored === undefined) return { problem: 'Run input schema not found.' }
  const variables = new Map<string, JsonText>()
  for (const name of variablesIn(input)) {
    const found = yield* store.tables.variables.get({ name })
    if (found !== undefined) variables.set(name, found.value)
  }
  const hydrated = hydrate(input, variables)
  if (hydrated.type === 'problem') return { problem: `Error hydrating run input: ${hydrated.problem}` }
  const wrong = parametersProblem(new JsonText(stored.value), hydrated.value, { ignoreRequired: false })
  return wrong === undefined ? { value: hydrated.value } : { problem: `Reason: ${wrong.problem}` }
}
