import { TuttiError } from './errors.ts'
import type { ErrorCode } from './errors.ts'
import type { WaitOperations, Woken } from './wait.ts'

const CODES = { 'not waiting': 'NOT_WAITING', 'too late': 'NOT_WAITING', input: 'INVALID_INPUT' } as const satisfies Record<
  Extract<Woken, { type: 'reject' }>['why'],
  ErrorCode
>

/** Gives a run what it waits for, as JSON text. Throws `NOT_WAITING` or `INVALID_INPUT`, and nothing was changed. */
export async function answerWait(waits: Pick<WaitOperations, 'wake'>, flowRunId: string, input: string | null): Promise<void> {
  const woken = await waits.wake(flowRunId, input)
  if (woken.type === 'reject') throw new TuttiError(CODES[woken.why], woken.reason)
}
