import { TuttiError } from '../core/errors.ts'
import type { RunContext } from './context.ts'

/**
 * Something from outside that code in a run reads, committed before it is handed out: the same again when the run is resumed. It is known by
 * where the call stands.
 *
 * @param kind - tells values of different kinds at one place apart.
 * @param what - for an error: `the time`.
 */
export async function recordedValue(
  { active, scope }: RunContext,
  { kind, what, call }: { readonly kind: string; readonly what: string; readonly call: string },
  read: () => string | Promise<string>,
): Promise<string> {
  const key = `${scope.prefix}\n${kind}:${scope.nextDraw()}`
  const known = active.book.value(key)
  if (known !== undefined) return known
  const refusal = active.refusal(call)
  if (refusal !== undefined) throw refusal
  const text = await read()
  const answer = await active.engine.journal.write({
    type: 'value',
    flowRunId: active.run.id,
    attempt: active.run.attempt,
    value: { key, text },
  })
  if (answer.type !== 'refused') return text
  const error = new TuttiError(answer.code, `${what} could not be recorded: ${answer.reason}`)
  active.break(error)
  throw error
}
