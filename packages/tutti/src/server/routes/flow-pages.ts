import { flowOverviewToWire, flowPages, gridToWire, overviews, overviewToWire, statsToWire } from '../../api/flow-pages.ts'
import type { ServerOrchestrator } from '../../core/server-orchestrator.ts'
import type { Mount } from '../mount.ts'

export function mountFlowPages(mount: Mount, { flowPages: door }: ServerOrchestrator): void {
  mount(flowPages.grid, async ({ params, query: { runs, tasks, deployment_id: deploymentId = null } }) =>
    gridToWire(await door.grid(params.id, { runs, tasks, deploymentId })),
  )
  mount(flowPages.stats, async ({ params, query: { after = null, before = null, deployment_id: deploymentId = null } }) =>
    statsToWire(await door.stats(params.id, { after, before, deploymentId })),
  )
  mount(overviews.flowOverview, async ({ body }) => mapped(await door.flowOverviews(body.flow_ids), flowOverviewToWire))
  mount(overviews.deploymentOverview, async ({ body }) => mapped(await door.deploymentOverviews(body.deployment_ids), overviewToWire))
}

function mapped<From, To>(found: ReadonlyMap<string, From>, toWire: (each: From) => To): Record<string, To> {
  return Object.fromEntries([...found].map(([id, each]) => [id, toWire(each)]))
}
