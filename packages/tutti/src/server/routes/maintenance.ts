import { maintenance, maintenanceStatusToWire, modeToWire } from '../../api/maintenance.ts'
import type { ServerOrchestrator } from '../../core/server-orchestrator.ts'
import type { Mount } from '../mount.ts'

export function mountMaintenance(mount: Mount, { maintenanceMode: door }: ServerOrchestrator): void {
  mount(maintenance.read, async ({ query }) => maintenanceStatusToWire(await door.status(query.work_pool ?? null)))
  mount(maintenance.start, async ({ body }) => modeToWire(await door.enter(body.work_pool ?? null, body.message ?? null)))
  mount(maintenance.end, async ({ query }) => {
    const { wasOn, skipped } = await door.leave(query.work_pool ?? null, query.catch_up ?? 'all')
    return { was_on: wasOn, skipped }
  })
}
