import type { Deployment } from '../core/deployment.ts'
import { RESOURCE_ID, RESOURCE_NAME } from '../core/event.ts'
import { JsonText } from '../core/literal-json.ts'
import type { Told } from '../core/told.ts'
import type { Script } from '../store/port.ts'
import type { Deps } from './deps.ts'
import { emit } from './telling.ts'

/** Somebody asks for their runs: they are served. */
export function* polled(deps: Deps, told: Told[], ids: readonly string[]): Script<void> {
  const { deployments } = deps.store.tables
  const now = deps.clock.now()
  const turned: Deployment[] = []
  for (const id of ids) {
    const found = yield* deployments.get(id)
    if (found?.status === 'not-ready') turned.push(found)
  }
  yield* deployments.setPolled(ids, now)
  for (const each of turned) yield* tell(deps, told, 'ready', { ...each, status: 'ready' })
}

export function* tell(
  deps: Deps,
  told: Told[],
  what: 'created' | 'updated' | 'deleted' | 'ready' | 'not-ready',
  { id, name, flowId }: Deployment,
): Script<void> {
  const flow = yield* deps.store.tables.flows.get(flowId)
  yield* emit(deps, told, {
    name: `prefect.deployment.${what}`,
    resource: { [RESOURCE_ID]: `prefect.deployment.${id}`, [RESOURCE_NAME]: name },
    related:
      flow === undefined ? [] : [{ [RESOURCE_ID]: `prefect.flow.${flow.id}`, [RESOURCE_NAME]: flow.name, 'prefect.resource.role': 'flow' }],
    payload: JsonText.of({ id, name, flow_id: flowId }),
  })
  told.push({ type: 'changed', noun: 'deployments', id })
}
