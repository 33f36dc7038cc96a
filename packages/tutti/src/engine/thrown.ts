import { TuttiError } from '../core/errors.ts'

/** What was thrown, as the message of a state: user code may throw anything. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message === '' ? error.name : error.message
  return typeof error === 'string' ? error : `${typeof error} was thrown instead of an error`
}

/** The name of the state that an error leads to, where it has one of its own. */
export function stateNameOf(error: unknown): string | undefined {
  return error instanceof TuttiError && error.code === 'TASK_TIMED_OUT' ? 'TimedOut' : undefined
}
