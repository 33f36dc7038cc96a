import { isTuttiError } from '../core/errors.ts'
import type { ErrorCode } from '../core/errors.ts'
import { retryDelayMs } from '../core/retry.ts'
import type { RetryDelay } from '../core/retry.ts'
import type { Engine } from './engine.ts'
import type { RunLog } from './log.ts'

/** What a flow or task says about its retries. */
export interface RetryRules {
  readonly retries: number
  readonly retryDelay: RetryDelay
  readonly retryIf: ((error: unknown, context: { readonly attempt: number }) => boolean | Promise<boolean>) | null
}

/** The call itself is wrong: another attempt would find the same. */
const NEVER_RETRIED: ReadonlySet<string> = new Set<ErrorCode>([
  'THREAD_EXPORT_NOT_FOUND',
  'THREAD_ARGUMENT_NOT_CLONEABLE',
  'THREAD_RESULT_NOT_CLONEABLE',
])

/**
 * Milliseconds to the next attempt; `null` when there is none.
 *
 * @param failures - how often it has failed before this time.
 * @param what - names it in the log: what user code throws while deciding ends the retries and is said there.
 */
export async function decideRetry(
  { retries, retryDelay, retryIf }: RetryRules,
  { error, failures, what }: { readonly error: unknown; readonly failures: number; readonly what: string },
  { random, clock }: Pick<Engine, 'random' | 'clock'>,
  log: RunLog,
): Promise<number | null> {
  if (failures >= retries || (isTuttiError(error) && NEVER_RETRIED.has(error.code))) return null
  const attempt = failures + 1
  try {
    if (retryIf !== null && !(await retryIf(error, { attempt }))) return null
    return retryDelayMs(retryDelay, { error, attempt }, { random, now: clock.now() })
  } catch (thrown) {
    log.error(`deciding whether ${what} may be tried again failed:`, thrown)
    return null
  }
}
