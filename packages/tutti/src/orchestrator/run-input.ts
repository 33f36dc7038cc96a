import { hydrate, variablesIn } from '../core/hydration.ts'
import type { JsonText } from '../core/literal-json.ts'
import { parametersProblem } from '../core/parameter-schema.ts'
import type { Script } from '../store/port.ts'
import type { Deps } from './deps.ts'

/** Reads what somebody gave to a run that waits, as the JSON Schema of the wait allows it. */
export function* checkInput(
  { store }: Deps,
  schema: JsonText,
  input: JsonText,
): Script<{ readonly value: JsonText } | { readonly problem: string }> {
  const variables = new Map<string, JsonText>()
  for (const name of variablesIn(input)) {
    const found = yield* store.tables.variables.get({ name })
    if (found !== undefined) variables.set(name, found.value)
  }
  const hydrated = hydrate(input, variables)
  if (hydrated.type === 'problem') return { problem: `Error hydrating run input: ${hydrated.problem}` }
  const wrong = parametersProblem(schema, hydrated.value, { ignoreRequired: false })
  return wrong === undefined ? { value: hydrated.value } : { problem: `Reason: ${wrong.problem}` }
}
