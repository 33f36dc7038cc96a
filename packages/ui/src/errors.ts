import { isTuttiError } from 'tutti/client'

/** What went wrong, as a person can be told. */
export function messageOf(error: unknown): string {
  if (isTuttiError(error, 'SERVER_UNREACHABLE')) return 'The server does not answer.'
  return error instanceof Error ? error.message : String(error)
}

/** What to do about it, when that is known. */
export function fixOf(error: unknown): string | undefined {
  if (isTuttiError(error, 'SERVER_UNREACHABLE')) return 'Is it running? The page goes on by itself when it answers again.'
  if (!isTuttiError(error)) return undefined
  return error.fix === '' ? undefined : error.fix
}
