import { isTuttiError } from 'tutti'
import type { TuttiError } from 'tutti'
import { gcpError } from './errors.ts'
import type { GcpErrorCode } from './errors.ts'

/** An attempt that failed in a way that another one may not. */
export class PassingFailure extends Error {
  override readonly name = 'PassingFailure'
  /** What the server asked for. */
  readonly retryAfterMs: number | undefined

  constructor(message: string, options: { readonly cause?: unknown; readonly retryAfterMs?: number | undefined } = {}) {
    super(message, options)
    this.retryAfterMs = options.retryAfterMs
  }
}

/** What an answer that is no success said. */
export interface ApiProblem {
  readonly status: number
  readonly message: string
  readonly reason: string
  readonly retryAfterMs: number | undefined
}

const PASSING: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504])
const RATE_LIMITS: ReadonlySet<string> = new Set(['rateLimitExceeded', 'userRateLimitExceeded'])

export function isPassing({ status, reason }: Pick<ApiProblem, 'status' | 'reason'>): boolean {
  return PASSING.has(status) || (status === 403 && RATE_LIMITS.has(reason))
}

/** @param body - JSON as Google's services answer it, or the text of something between. */
export function readProblem(status: number, headers: Headers, body: string): ApiProblem {
  const { message, reason } = readErrorBody(body)
  const seconds = Number(headers.get('retry-after') ?? Number.NaN)
  return {
    status,
    message: message ?? `the answer was ${status}`,
    reason: reason ?? '',
    retryAfterMs: Number.isFinite(seconds) ? seconds * 1000 : undefined,
  }
}

function readErrorBody(body: string): { readonly message?: string | undefined; readonly reason?: string | undefined } {
  try {
    const { error } = JSON.parse(body) as { error?: { message?: string; status?: string; errors?: readonly { reason?: string }[] } } // or fails
    return { message: error?.message, reason: error?.errors?.[0]?.reason ?? error?.status }
  } catch {
    return { message: body.trim().slice(0, 300) || undefined }
  }
}

const CODES: Readonly<Record<number, GcpErrorCode>> = {
  304: 'PRECONDITION_FAILED',
  401: 'CREDENTIALS_REFUSED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  412: 'PRECONDITION_FAILED',
}

/**
 * The error a user meets.
 *
 * @param what - the sentence it begins with, as `gs://trips/a.csv was not uploaded`.
 */
export function apiError(what: string, problem: ApiProblem): TuttiError {
  const isBucket = problem.status === 404 && /bucket does not exist/i.test(problem.message)
  return gcpError(isBucket ? 'BUCKET_NOT_FOUND' : (CODES[problem.status] ?? 'REFUSED'), `${what}: ${problem.message}`)
}

/** What is thrown when it was tried often enough. */
export function gaveUp(what: string, failure: unknown): unknown {
  if (!(failure instanceof PassingFailure)) return failure
  return gcpError('UNAVAILABLE', `${what}: ${failure.message}`, { cause: failure.cause ?? failure })
}

/** What went wrong with the credentials themselves: their token was refused, or nobody could be asked for one. */
export function credentialsError(error: unknown): unknown {
  if (isTuttiError(error)) return error
  const status = statusOf(error)
  const said = error instanceof Error ? error.message : String(error)
  if (status === undefined || isPassing({ status, reason: '' })) return new PassingFailure(said, { cause: systemError(error) })
  return gcpError('CREDENTIALS_REFUSED', `the credentials were refused: ${said}`)
}

/** What the system said. The rest of Google's error has requests in it, with their tokens. */
function systemError(error: unknown): unknown {
  const inner = error instanceof Error ? error.cause : undefined
  return inner instanceof Error && 'syscall' in inner ? inner : undefined
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('response' in error)) return undefined
  const { response } = error
  if (typeof response !== 'object' || response === null || !('status' in response)) return undefined
  return typeof response.status === 'number' ? response.status : undefined
}
