import { deployedToWire, deployRequest, deploys, jobToWire, plannedToWire, versionToWire } from '../../api/deploys.ts'
import { deploymentToWire } from '../../api/deployments.ts'
import type { ServerOrchestrator } from '../../core/server-orchestrator.ts'
import type { Clock } from '../../core/time.ts'
import type { Mount } from '../mount.ts'

export function mountDeploys(mount: Mount, { deployments: door }: ServerOrchestrator, clock: Clock): void {
  mount(deploys.plan, async ({ body }) => (await door.plan(deployRequest(body, clock.now()))).map(plannedToWire))
  mount(deploys.deploy, async ({ body }) => (await door.deploy(deployRequest(body, clock.now()))).map(deployedToWire))

  mount(deploys.putAside, ({ params }) => door.putAside(params.id))
  mount(deploys.listPutAside, async ({ body }) => (await door.listPutAside(body.limit)).map(deploymentToWire))
  mount(deploys.restore, async ({ params }) => deploymentToWire(await door.restore(params.id)))

  mount(deploys.versions, async ({ params, query }) => {
    const { deployment } = await door.read(params.id)
    return (await door.versions(params.id, query)).map((version) => versionToWire(version, deployment.versionId))
  })
  mount(deploys.version, async ({ params }) => {
    const { deployment } = await door.read(params.id)
    return versionToWire(await door.version(params.id, params.number), deployment.versionId)
  })
  mount(deploys.promote, async ({ params }) => deploymentToWire(await door.promote(params.id, params.number)))
  mount(deploys.jobOf, async ({ params }) => jobToWire(await door.jobOf(params.id)))
}
