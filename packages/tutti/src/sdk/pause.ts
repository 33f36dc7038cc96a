import type { StandardSchemaV1 } from '@standard-schema/spec'
import { parseDuration } from '../core/duration.ts'
import type { Duration } from '../core/duration.ts'
import { TuttiError } from '../core/errors.ts'
import { after, instantFromDate } from '../core/time.ts'
import { callWait } from '../engine/call-wait.ts'
import { flowJsonSchema } from '../engine/parameters-schema.ts'

/** How long somebody is waited for who does not come. */
const TIMEOUT_DEFAULT: Duration = '7d'
const KEY_MAX = 200

export interface SleepOptions {
  /** Tells this wait from others of its flow when the run is resumed. Default: which of the flow's sleeps it is, counted in the order of calls. */
  readonly key?: string
}

export interface PauseOptions {
  /** How long to wait; then the promise rejects with `WAIT_TIMED_OUT`. Default `7d`. */
  readonly timeout?: Duration
  /** Names the wait for people, and tells it from others of its flow when the run is resumed. */
  readonly key?: string
  /** What is asked for, for whoever looks at the run. */
  readonly description?: string
}

/**
 * Waits in the body of a flow: `await sleep('3 days')`. The end is fixed when the wait begins and survives the process: after a crash only what is left
 * is waited for. A run of a deployment that has nothing else to do gives its process back meanwhile.
 */
export function sleep(duration: Duration, options: SleepOptions = {}): Promise<void> {
  const delayMs = parseDuration(duration, 'sleep')
  return wait('sleep', { kind: 'sleep', endsAt: (now) => after(now, delayMs), ...described(options) })
}

/** As `sleep`, until a moment. One that has passed is no wait at all. */
export function sleepUntil(moment: Date, options: SleepOptions = {}): Promise<void> {
  if (!(moment instanceof Date) || Number.isNaN(moment.getTime()))
    throw new TuttiError('INVALID_OPTION', `sleepUntil: ${String(moment)} is not a time`)
  return wait('sleepUntil', { kind: 'sleep', endsAt: () => instantFromDate(moment), ...described(options) })
}

/**
 * Waits until somebody resumes the run: `tutti flow-run resume ID`, the API or a page. The run is Paused. Rejects with `WAIT_TIMED_OUT` when nobody
 * comes in time.
 */
export function pause(options: PauseOptions = {}): Promise<void> {
  return wait('pause', { kind: 'pause', endsAt: endOf('pause', options), ...described(options) })
}

/**
 * Waits for a value that somebody gives: `tutti flow-run resume ID --input approved=true`, the API or a page. What is given is checked by the schema
 * before the run goes on; the answer is the schema's output. Rejects with `WAIT_TIMED_OUT` when nobody comes in time.
 */
export function waitForInput<Schema extends StandardSchemaV1>(
  schema: Schema,
  options: PauseOptions = {},
): Promise<StandardSchemaV1.InferOutput<Schema>> {
  // JavaScript lets anything through; a schema of any library has the member.
  if (typeof (schema as { readonly '~standard'?: unknown } | undefined)?.['~standard'] !== 'object')
    throw new TuttiError('INVALID_OPTION', 'waitForInput() needs a schema, as of zod, valibot or arktype')
  return callWait('waitForInput', {
    kind: 'input',
    endsAt: endOf('waitForInput', options),
    ...described(options),
    schema,
    schemaText: async () => JSON.stringify((await flowJsonSchema(schema)) ?? {}),
  }) as Promise<StandardSchemaV1.InferOutput<Schema>> // given by the schema
}

type Described = Omit<Parameters<typeof callWait>[1], 'kind' | 'endsAt'>

function wait(what: string, definition: Parameters<typeof callWait>[1]): Promise<void> {
  return callWait(what, definition) as Promise<void> // ends without a value
}

function described({ key, description }: PauseOptions): Described {
  if (key !== undefined && (typeof key !== 'string' || key === '' || key.length > KEY_MAX))
    throw new TuttiError('INVALID_OPTION', `the key of a wait is text of 1 to ${KEY_MAX} characters`)
  return { key: key ?? null, description: description ?? null, schema: null, schemaText: () => Promise.resolve(null) }
}

function endOf(what: string, { timeout = TIMEOUT_DEFAULT }: PauseOptions): Parameters<typeof callWait>[1]['endsAt'] {
  const delayMs = parseDuration(timeout, `timeout of ${what}`)
  return (now) => after(now, delayMs)
}
