import { pageOf } from '../../api/page.ts'
import { workers, workerToWire } from '../../api/workers.ts'
import type { ServerOrchestrator } from '../../core/server-orchestrator.ts'
import type { Mount } from '../mount.ts'

export function mountWorkers(mount: Mount, { workers: door }: ServerOrchestrator): void {
  mount(workers.heartbeat, ({ params, body, client: { program } }) =>
    door.heartbeat(params.work_pool_name, { name: body.name, intervalS: body.heartbeat_interval_seconds ?? null, version: program }),
  )
  mount(workers.list, async ({ params, body }) =>
    (await door.list(params.work_pool_name, body.workers ?? { join: 'and' }, pageOf(body))).map(workerToWire),
  )
  mount(workers.remove, ({ params }) => door.remove(params.work_pool_name, params.name))
}
