import type { Instant } from '../time.ts'

/** Which times of a schedule are asked for: from an instant on, that one included. */
export interface Window {
  readonly from: Instant
  readonly limit: number
  readonly until: Instant
}

/** Candidates that are looked at in one expansion. */
export const LOOKED_AT_MAX = 1_000
