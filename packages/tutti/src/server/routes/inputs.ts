import { inputs, inputToWire } from '../../api/inputs.ts'
import type { ServerOrchestrator } from '../../core/server-orchestrator.ts'
import type { Mount } from '../mount.ts'

export function mountInputs(mount: Mount, { flowRunInputs: door }: ServerOrchestrator): void {
  mount(inputs.create, async ({ params, body: { key, value, sender } }) => {
    await door.create({ flowRunId: params.id, key, value, sender: sender ?? null })
    return null
  })
  mount(inputs.list, async ({ params, body: { prefix, limit, exclude_keys: excludeKeys } }) =>
    (await door.list(params.id, { prefix, limit, excludeKeys })).map(inputToWire),
  )
  mount(inputs.read, async ({ params }) => (await door.read(params.id, params.key)).value)
  mount(inputs.remove, ({ params }) => door.remove(params.id, params.key))
}
