import type { StateDetails } from './state-details.ts'
import type { State } from './state.ts'
import { formatInstant } from './time.ts'
import type { Instant } from './time.ts'

/** What a run waits for from outside, as its engine tells it. */
export interface Pause {
  /** The task run that stands for the wait inside its flow run. */
  readonly waitId: string
  /** What people call it. */
  readonly key: string
  readonly until: Instant
  /** When the run goes on by itself: the end of this wait, or of another one of the same run before it. */
  readonly wakeAt: Instant
  /** The JSON Schema of what is to be given, as text; `null`: nothing is. */
  readonly schema: string | null
  readonly description: string | null
  /** What was given was not taken: it is asked for once more. */
  readonly isAgain?: boolean
}

/** What a run waits for, as whoever answers sees it. */
export interface OpenWait {
  readonly waitId: string
  readonly key: string | null
  /** `null`: its end is kept by the process that goes on with the run. */
  readonly until: Instant | null
  readonly schema: string | null
  readonly description: string | null
}

/** What became of the wish to continue a run that waits. */
export type Woken =
  | { readonly type: 'accept' }
  | { readonly type: 'reject'; readonly why: 'not waiting' | 'too late' | 'input'; readonly reason: string }

/** Waits of our own engine, for those who end them. JSON of users travels as text. */
export interface WaitOperations {
  /** What the run waits for from outside; `null` when for nothing. */
  open(flowRunId: string): Promise<OpenWait | null>
  /**
   * Ends the wait with what somebody gave, which is checked by the wait's JSON Schema. A run that its process holds goes on there, one that gave
   * its process back is due again. Of a run whose process has died the input is kept, for when the run is resumed.
   */
  wake(flowRunId: string, input: string | null): Promise<Woken>
  /** What was given to a wait; `null` as long as nothing was. */
  answer(flowRunId: string, waitId: string): Promise<string | null>
}

/** The names under which the texts of a wait are kept among the inputs of its run. */
export function waitKeys(waitId: string): { readonly schema: string; readonly response: string; readonly description: string } {
  const key = `${WAIT_PREFIX}${waitId}`
  return { schema: `${key}${SCHEMA_SUFFIX}`, response: `${key}${RESPONSE_SUFFIX}`, description: `${key}-description` }
}

export const WAIT_PREFIX = 'wait-'
export const SCHEMA_SUFFIX = '-schema'
export const RESPONSE_SUFFIX = '-response'

/** A pause in the words of the protocol: its clients can show the run and resume it. */
export function pauseDetails(pause: Pause, isSuspended: boolean): StateDetails {
  const { waitId, key, until, wakeAt, schema, description } = pause
  const { schema: schemaKey, response, description: descriptionKey } = waitKeys(waitId)
  return {
    waitId,
    wakeAt,
    pauseKey: key,
    pauseTimeout: until,
    ...(isSuspended ? { pauseReschedule: true } : undefined),
    ...(schema === null
      ? undefined
      : { runInputKeyset: { schema: schemaKey, response, ...(description === null ? undefined : { description: descriptionKey }) } }),
  }
}

/** The end of a wait, for people: nobody waits for microseconds. */
export function formatEnd(until: Instant): string {
  return formatInstant(Math.floor(until / 1_000_000) * 1_000_000)
}

/** The wait of our own engine that a state tells of. */
export function waitIdOf({ type, details }: State): string | undefined {
  return type === 'paused' ? details?.waitId : undefined
}
