import type { Answer } from './server.ts'

export type WorkerWire = Answer<'workers', 'list'>[number]

export function workerJson(worker: WorkerWire): object {
  return {
    id: worker.id,
    name: worker.name,
    status: worker.status.toLowerCase(),
    heartbeatAt: worker.last_heartbeat_time,
    heartbeatIntervalS: worker.heartbeat_interval_seconds,
    version: worker.tutti_version,
  }
}
