import { isTuttiError } from 'tutti'
import type { TuttiError } from 'tutti'
import { bigQueryError, RowsRefusedError } from './errors.ts'
import type { BigQueryErrorCode } from './errors.ts'
import { describeRows, rowErrorsOf } from './row-errors.ts'
import type { ErrorProto, Job } from './wire.ts'

/** As far as it can be told from what a request threw. */
interface Failure {
  /** Of HTTP; of a connection that broke its code, as `ECONNRESET`. */
  readonly code: number | string | undefined
  readonly reason: string | undefined
  readonly message: string
}

const BROKEN_CONNECTION =
  /^(ECONN(RESET|REFUSED|ABORTED)|EPIPE|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|UND_ERR_SOCKET|ERR_STREAM_PREMATURE_CLOSE)$/
const PASSING_STATUS: ReadonlySet<number | string | undefined> = new Set([408, 429, 500, 502, 503, 504])
/** What BigQuery says of requests and jobs that may do better the next time. */
const PASSING_REASON: ReadonlySet<string | undefined> = new Set([
  'backendError',
  'internalError',
  'jobBackendError',
  'jobInternalError',
  'jobRateLimitExceeded',
  'rateLimitExceeded',
  'userRateLimitExceeded',
  'tableUnavailable',
])

/** Whether the same request may do better if it is made again. */
export function isPassing(error: unknown): boolean {
  const { code, reason } = failureOf(error)
  if (PASSING_REASON.has(reason) || PASSING_STATUS.has(code)) return true
  return typeof code === 'string' && BROKEN_CONNECTION.test(code)
}

/** Whether another job that does the same may do better. */
export function isPassingJob({ status }: Job): boolean {
  return PASSING_REASON.has(status?.errorResult?.reason)
}

export function isStatus(error: unknown, status: number): boolean {
  return failureOf(error).code === status
}

/** What a request threw, as an error that says what to do. `what` is the beginning of a sentence: `the query could not be started`. */
export function requestError(error: unknown, what: string): unknown {
  if (isTuttiError(error)) return error
  if (error instanceof Error && error.name === 'AbortError') return error
  const failure = failureOf(error)
  return bigQueryError(codeOf(failure), `${what}: ${failure.message}`, { cause: withoutRequest(error) })
}

/** Google's errors carry the request with its token; what is kept of a run must not. */
function withoutRequest(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const { code, reason } = failureOf(error)
  const plain = new Error(error.message)
  plain.name = error.name
  if (error.stack !== undefined) plain.stack = error.stack
  return Object.assign(plain, { ...(code !== undefined && { code }), ...(reason !== undefined && { reason }) })
}

/** Why a job failed, with the rows that were to blame. */
export function jobError(job: Job, what: string): TuttiError {
  const { errorResult, errors } = job.status ?? {}
  const rows = rowErrorsOf(errors)
  const message = `${what} failed (job ${job.jobReference?.jobId}): ${errorResult?.message ?? 'BigQuery does not say why'}`
  if (rows.length > 0) return new RowsRefusedError(`${message}\n${describeRows(rows)}`, rows)
  return bigQueryError(codeOf({ code: undefined, reason: errorResult?.reason, message: '' }), message)
}

function codeOf({ code, reason }: Failure): BigQueryErrorCode {
  return (
    byReason[reason ?? ''] ??
    byStatus[code ?? ''] ??
    (typeof code === 'string' || Number(code) >= 500 ? 'BIGQUERY_UNAVAILABLE' : 'BIGQUERY_INVALID')
  )
}

const byReason: Readonly<Record<string, BigQueryErrorCode>> = {
  notFound: 'BIGQUERY_NOT_FOUND',
  duplicate: 'BIGQUERY_EXISTS',
  accessDenied: 'BIGQUERY_FORBIDDEN',
  authError: 'BIGQUERY_FORBIDDEN',
  billingNotEnabled: 'BIGQUERY_FORBIDDEN',
  quotaExceeded: 'BIGQUERY_QUOTA',
  rateLimitExceeded: 'BIGQUERY_QUOTA',
  jobRateLimitExceeded: 'BIGQUERY_QUOTA',
  userRateLimitExceeded: 'BIGQUERY_QUOTA',
  bytesBilledLimitExceeded: 'BIGQUERY_TOO_EXPENSIVE',
  stopped: 'BIGQUERY_STOPPED',
  backendError: 'BIGQUERY_UNAVAILABLE',
  internalError: 'BIGQUERY_UNAVAILABLE',
  jobBackendError: 'BIGQUERY_UNAVAILABLE',
  jobInternalError: 'BIGQUERY_UNAVAILABLE',
  tableUnavailable: 'BIGQUERY_UNAVAILABLE',
}

const byStatus: Readonly<Record<string, BigQueryErrorCode>> = {
  401: 'BIGQUERY_FORBIDDEN',
  403: 'BIGQUERY_FORBIDDEN',
  404: 'BIGQUERY_NOT_FOUND',
  409: 'BIGQUERY_EXISTS',
  429: 'BIGQUERY_QUOTA',
}

/** Google's libraries spell errors in several ways: a status or a word as `code` or `status`, what the API says here or in the answer. */
function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { code: undefined, reason: undefined, message: String(error) }
  const { code, status, errors, response, cause } = error as Spelled // read with care below
  const fromAnswer = response?.data?.error?.errors
  const [first] = [errors, fromAnswer].find((list) => Array.isArray(list) && list.length > 0) ?? []
  const inside = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined
  const known = [status, code, inside].find((value) => typeof value === 'number' || typeof value === 'string')
  return {
    code: typeof known === 'string' && /^\d+$/.test(known) ? Number(known) : known,
    reason: first?.reason,
    message: first?.message ?? error.message,
  }
}

interface Spelled {
  readonly code?: number | string
  readonly status?: number | string
  readonly errors?: readonly ErrorProto[]
  readonly response?: { readonly data?: { readonly error?: { readonly errors?: readonly ErrorProto[] } } }
  readonly cause?: { readonly code?: number | string } | undefined
}
