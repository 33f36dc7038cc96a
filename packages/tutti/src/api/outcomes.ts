// How runs of our own engine ended, beside the protocol: what they returned, or what they threw.
import { z } from 'zod'
import type { StoredValue } from '../core/json.ts'
import type { ResultPointer } from '../core/result-storage.ts'
import { endpoint } from './endpoint.ts'
import { count, idParams } from './shapes.ts'

const storedWire = z
  .object({
    format: z.enum(['json', 'devalue', 'cbor', 'none']),
    /** As it is stored; `null`: too large to be told here. */
    text: z.string().nullable(),
    size_bytes: count,
    /** Where the storage of its flow keeps it: what it is is not known here. */
    address: z.string().nullable(),
  })
  .meta({ id: 'StoredResult' })

export interface ThrownWire {
  readonly name: string
  readonly message: string
  readonly stack: string | null
  readonly cause: ThrownWire | null
  readonly errors: readonly ThrownWire[]
}

const thrownWire: z.ZodType<ThrownWire, ThrownWire> = z.lazy(() =>
  z.object({
    name: z.string(),
    message: z.string(),
    stack: z.string().nullable(),
    cause: thrownWire.nullable(),
    errors: z.array(thrownWire),
  }),
)

const outcomeWire = z.object({ result: storedWire.nullable(), error: thrownWire.nullable() }).meta({ id: 'RunOutcome' })

/** Of a result: larger ones are to be downloaded. */
const SHOWN_BYTES_MAX = 262_144

export function outcomeToWire(result: StoredValue | ResultPointer | null, error: StoredValue | null): z.output<typeof outcomeWire> {
  return { result: result === null ? null : storedToWire(result), error: error === null ? null : errorToWire(error) }
}

function storedToWire(result: StoredValue | ResultPointer): z.input<typeof storedWire> {
  if ('address' in result) return { format: 'none', text: null, size_bytes: result.sizeBytes, address: result.address }
  const { format, text } = result
  const sizeBytes = new TextEncoder().encode(text).length
  // What is still a blob is one that could not be read.
  if (format === 'blob' || format === 'none') return { format: 'none', text: null, size_bytes: 0, address: null }
  return { format, text: sizeBytes > SHOWN_BYTES_MAX ? null : text, size_bytes: sizeBytes, address: null }
}

function errorToWire({ format, text }: StoredValue): ThrownWire | null {
  if (format === 'none') return null
  try {
    return thrownOf(JSON.parse(text))
  } catch {
    return { name: 'Error', message: text, stack: null, cause: null, errors: [] }
  }
}

function thrownOf(data: unknown): ThrownWire {
  const { name, message, stack, cause, errors } = data as Readonly<Record<string, unknown>> // or it throws
  return {
    name: typeof name === 'string' ? name : 'Error',
    message: typeof message === 'string' ? message : '',
    stack: typeof stack === 'string' ? stack : null,
    cause: typeof cause === 'object' && cause !== null ? thrownOf(cause) : null,
    errors: Array.isArray(errors) ? errors.map(thrownOf) : [],
  }
}

const TEXT = 'text/plain; charset=utf-8'

export const flowRunOutcomes = {
  outcome: endpoint({
    method: 'GET',
    path: '/flow_runs/{id}/outcome',
    summary: 'What a flow run returned as it is stored, or what it threw, with its stack and causes.',
    params: idParams,
    output: outcomeWire,
    errors: ['FLOW_RUN_NOT_FOUND'],
  }),
  result: endpoint({
    method: 'GET',
    path: '/flow_runs/{id}/result',
    summary: 'The stored text of what a flow run returned, however large.',
    params: idParams,
    output: z.string(),
    media: TEXT,
    errors: ['FLOW_RUN_NOT_FOUND', 'RESULT_MISSING', 'RESULT_ELSEWHERE'],
  }),
}

export const taskRunOutcomes = {
  outcome: endpoint({
    method: 'GET',
    path: '/task_runs/{id}/outcome',
    summary: 'What a task run returned as it is stored, or what it threw, with its stack and causes.',
    params: idParams,
    output: outcomeWire,
    errors: ['TASK_RUN_NOT_FOUND'],
  }),
  result: endpoint({
    method: 'GET',
    path: '/task_runs/{id}/result',
    summary: 'The stored text of what a task run returned, however large.',
    params: idParams,
    output: z.string(),
    media: TEXT,
    errors: ['TASK_RUN_NOT_FOUND', 'RESULT_MISSING', 'RESULT_ELSEWHERE'],
  }),
}
