import { flows, flowToWire } from '../../api/flows.ts'
import { JsonText } from '../../core/literal-json.ts'
import type { ServerOrchestrator } from '../../core/server-orchestrator.ts'
import type { Mount } from '../mount.ts'
import { createdOr } from '../reply.ts'

export function mountFlows(mount: Mount, { flows: door }: ServerOrchestrator): void {
  mount(flows.create, async ({ body: { name, tags, labels } }) => {
    const { flow, isNew } = await door.ensure({ name, tags, labels: labels ?? JsonText.of({}) })
    return createdOr(isNew, flowToWire(flow))
  })
  mount(flows.read, async ({ params }) => flowToWire(await door.read(params.id)))
  mount(flows.readByName, async ({ params }) => flowToWire(await door.readByName(params.name)))
  mount(flows.update, async ({ params, body }) => {
    if (body.tags !== undefined && body.tags !== null) await door.setTags(params.id, body.tags)
  })
  mount(flows.remove, ({ params }) => door.remove(params.id))
}
