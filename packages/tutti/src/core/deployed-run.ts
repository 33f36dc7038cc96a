import type { Duration } from './duration.ts'
import type { Instant } from './time.ts'

/** Some flow by its type alone: `typeof etl`. */
export type AnyFlow = (...parameters: never[]) => unknown

/** What a run of a deployment may be given: what is left out comes from the deployment. */
export type ParametersOf<F> = F extends (...args: infer Args) => unknown
  ? [NonNullable<Args[0]>] extends [never]
    ? Readonly<Record<string, never>>
    : Partial<NonNullable<Args[0]>>
  : never

/** What the flow returns in the end. */
export type ResultOf<F> = F extends (...args: never[]) => infer Returned ? Awaited<Returned> : never

/** How a run of a deployment differs from any other. */
export interface DeployedRunOptions {
  /** When: a time, or text as `2026-01-31T10:00:00Z`. Default: now. */
  readonly at?: Date | string
  /** After how long: `'10m'`. */
  readonly in?: Duration
  readonly name?: string
  /** Beside those of the deployment. */
  readonly tags?: readonly string[]
  /** A second call with the same key gets the run of the first. Inside a flow each call has a key of its own. */
  readonly idempotencyKey?: string
  /** Another queue of the deployment's work pool. */
  readonly queue?: string
  /** Over those of the deployment. */
  readonly jobVariables?: Readonly<Record<string, unknown>>
}

/** One run of a deployment that a program asks for. */
export interface DeployedRunRequest {
  readonly parameters: Readonly<Record<string, unknown>>
  readonly name?: string
  readonly tags?: readonly string[]
  /** Absent: now. */
  readonly scheduledFor?: Instant
  /** A second request with the same key gets the run of the first. */
  readonly idempotencyKey?: string
  /** The task run that stands for it in the flow that asks. */
  readonly parentTaskRunId?: string
  readonly queue?: string
  readonly jobVariables?: Readonly<Record<string, unknown>>
}
