import type { z } from 'zod'
import { isTuttiError } from '../core/errors.ts'
import type { Reply as ReplyType } from './reply.ts'
import { Reply } from './reply.ts'

/** What is wrong with a request that does not fit its schema, as the protocol tells it. */
export function invalidRequest(where: 'body' | 'query', issues: readonly z.core.$ZodIssue[], requestBody: unknown): ReplyType<unknown> {
  return new Reply(422, {
    exception_message: 'Invalid request received.',
    exception_detail: issues.flatMap((issue) => detailsOf(where, issue)),
    request_body: requestBody ?? null,
  })
}

interface IssueDetail {
  readonly loc: readonly (string | number)[]
  readonly msg: string
  readonly type: string
}

function detailsOf(where: string, issue: z.core.$ZodIssue): readonly IssueDetail[] {
  const loc = [where, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))]
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ loc: [...loc, key], msg: 'Extra inputs are not permitted', type: 'extra_forbidden' }))
  }
  if (issue.code === 'invalid_type' && issue.input === undefined) return [{ loc, msg: 'Field required', type: 'missing' }]
  const type: unknown = issue.code === 'custom' ? issue.params?.['type'] : undefined
  return [{ loc, msg: issue.message, type: typeof type === 'string' ? type : issue.code }]
}

/** An error as the wire tells it: what happened, its permanent code, and what to do about it. */
export function problem(error: unknown): ReplyType<unknown> {
  if (!isTuttiError(error)) return new Reply(500, { exception_message: 'Internal Server Error' })
  const { code, status, message, fix, retryAfterS } = error
  const headers: Record<string, string> = {}
  if (retryAfterS !== undefined) headers['Retry-After'] = String(retryAfterS)
  else if (status === 503 || status === 429) headers['Retry-After'] = '1'
  // Clients of the protocol read one of the two texts, depending on where the reference raises the error.
  return new Reply(status, { detail: message, exception_message: status === 503 ? 'Service Unavailable' : message, code, fix }, headers)
}
