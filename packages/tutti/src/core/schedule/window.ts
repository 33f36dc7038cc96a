/** Candidates that are looked at in one expansion. */
export const LOOKED_AT_MAX = 1_000
