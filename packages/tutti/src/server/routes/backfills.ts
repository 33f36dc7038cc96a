import { backfillPlanToWire, backfillRequest, backfills, backfillToWire } from '../../api/backfills.ts'
import { pageOf } from '../../api/page.ts'
import type { ServerOrchestrator } from '../../core/server-orchestrator.ts'
import type { Mount } from '../mount.ts'

export function mountBackfills(mount: Mount, { backfills: door }: ServerOrchestrator): void {
  mount(backfills.plan, async ({ body }) => backfillPlanToWire(await door.plan(body.deployment_id, backfillRequest(body))))
  mount(backfills.create, async ({ body }) => backfillToWire(await door.create(body.deployment_id, backfillRequest(body))))
  mount(backfills.list, async ({ body }) => {
    const views = await door.list({ deploymentId: body.deployment_id ?? null, ...pageOf(body) })
    return views.map(backfillToWire)
  })
  mount(backfills.read, async ({ params }) => backfillToWire(await door.read(params.id)))
  mount(backfills.pause, async ({ params }) => backfillToWire(await door.pause(params.id)))
  mount(backfills.resume, async ({ params }) => backfillToWire(await door.resume(params.id)))
  mount(backfills.cancel, async ({ params }) => backfillToWire(await door.cancel(params.id)))
}
