import type { Instant } from './time.ts'

/** A process that claims runs from a pool and launches them. */
export interface Worker {
  readonly id: string
  readonly poolId: string
  readonly name: string
  readonly heartbeatAt: Instant
  readonly heartbeatIntervalS: number | null
  /** As it calls itself: `tutti/0.1.0`, `prefect/3.4.1`; `null`: it has not said. */
  readonly version: string | null
  /** As it was told last; `workerStatus` says what holds now. */
  readonly status: WorkerStatus
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

export type WorkerStatus = 'online' | 'offline'

/** Of workers that do not say how often they beat. */
const HEARTBEAT_INTERVAL_S = 30
/** So many beats may be missed. */
const BEATS_MISSED = 3

export function workerStatus(
  { heartbeatAt, heartbeatIntervalS }: Pick<Worker, 'heartbeatAt' | 'heartbeatIntervalS'>,
  now: Instant,
): WorkerStatus {
  return now - heartbeatAt < (heartbeatIntervalS ?? HEARTBEAT_INTERVAL_S) * BEATS_MISSED * 1_000_000 ? 'online' : 'offline'
}
