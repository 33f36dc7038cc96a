import type { Tutti } from 'tutti'

/** A workload that runs flows in one process, measured against the floor of the rows it writes. */
export interface FlowWorkload {
  readonly name: string
  readonly about: string
  readonly variants: readonly Variant[]
  /** Each task waits for the one before, so its row has a transaction to itself. */
  readonly sequential: boolean
}

export interface Variant {
  readonly case?: string
  readonly n: number
  /** What `n` and `per_second` count. */
  readonly unit: 'tasks' | 'flow runs'
  readonly taskRuns: number
  run(tutti: Tutti): Promise<Timing>
  /** The work itself without Tutti; takes its part in the floor. */
  work?(): void
}

export interface Timing {
  /** From the call of the flow to its end. */
  readonly totalMs: number
  /** One for each call, when they do not overlap. */
  readonly latenciesUs?: readonly number[]
}

export async function timed(body: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await body()
  return performance.now() - startedAt
}
