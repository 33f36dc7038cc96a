import { inspect } from 'node:util'
import { TuttiError } from '../core/errors.ts'
import { maskSecrets } from './secret-mask.ts'

/** What was thrown, as the message of a state: user code may throw anything. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message === '' ? error.name : error.message
  if (typeof error === 'string') return error
  return `${error === null ? 'null' : typeof error} was thrown instead of an error`
}

/** The name of the state that an error leads to, where it has one of its own. */
export function stateNameOf(error: unknown): string | undefined {
  return error instanceof TuttiError && error.code === 'TASK_TIMED_OUT' ? 'TimedOut' : undefined
}

/** An error as Node prints it, with asterisks where it holds a secret; `undefined`: it holds none. */
export function maskedCrash(error: unknown): string | undefined {
  const text = inspect(error)
  const masked = maskSecrets(text)
  return masked === text ? undefined : masked
}
