import type { Instant } from './time.ts'

/** What a state of the protocol carries beside its type, name and message. A key that is absent was not said. */
export interface StateDetails {
  readonly childFlowRunId?: string
  readonly cacheKey?: string
  readonly cacheExpiration?: Instant
  readonly deferred?: boolean
  readonly untrackableResult?: boolean
  readonly pauseTimeout?: Instant
  readonly pauseReschedule?: boolean
  readonly pauseKey?: string
  /** The wait of our own engine that a pause stands for. */
  readonly waitId?: string
  /** When a run that waits goes on by itself and is told that its time is over, instead of failing. */
  readonly wakeAt?: Instant
  readonly runInputKeyset?: Readonly<Record<string, string>>
  readonly refreshCache?: boolean
  readonly retriable?: boolean
  /** Names one proposal, so that its repetition is known. */
  readonly transitionId?: string
  readonly taskParametersId?: string
  readonly traceparent?: string
  /** The slot of the deployment's concurrency limit that the run holds. */
  readonly deploymentConcurrencyLeaseId?: string
  /** Of SCHEDULED it is the state's own `scheduledFor`; other states keep the time they were scheduled for here. */
  readonly scheduledTime?: Instant
}
