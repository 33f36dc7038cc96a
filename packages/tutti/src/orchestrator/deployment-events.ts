import type { Deployment } from '../core/deployment.ts'
import { RESOURCE_ID, RESOURCE_NAME } from '../core/event.ts'
import { JsonText } from '../core/literal-json.ts'
import type { Told } from '../core/told.ts'
import type { Script } from '../store/port.ts'
import type { Deps } from './deps.ts'
import { emit } from './telling.ts'
import { updatesOf, updatesPayload } from './updates.ts'

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

export function* tell(deps: Deps, told: Told[], what: 'created' | 'deleted' | 'ready' | 'not-ready', deployment: Deployment): Script<void> {
  const { id, name, flowId } = deployment
  yield* emitOf(deps, told, what, deployment, { id, name, flow_id: flowId })
}

/** With what is another than before. */
export function* tellUpdated(deps: Deps, told: Told[], before: Deployment, now: Deployment): Script<void> {
  yield* emitOf(deps, told, 'updated', now, updatesPayload(updatesOf(fieldsOf(before), fieldsOf(now))))
}

function* emitOf(deps: Deps, told: Told[], what: string, { id, name, flowId }: Deployment, payload: object): Script<void> {
  const flow = yield* deps.store.tables.flows.get(flowId)
  yield* emit(deps, told, {
    name: `prefect.deployment.${what}`,
    resource: { [RESOURCE_ID]: `prefect.deployment.${id}`, [RESOURCE_NAME]: name },
    related:
      flow === undefined ? [] : [{ [RESOURCE_ID]: `prefect.flow.${flow.id}`, [RESOURCE_NAME]: flow.name, 'prefect.resource.role': 'flow' }],
    payload: JsonText.of(payload),
  })
  told.push({ type: 'changed', noun: 'deployments', id })
}

/** As the wire names what may be changed. */
function fieldsOf(deployment: Deployment): Readonly<Record<string, unknown>> {
  const { concurrencyOptions: options } = deployment
  return {
    version: deployment.version,
    description: deployment.description,
    paused: deployment.paused,
    tags: deployment.tags,
    parameters: deployment.parameters,
    parameter_openapi_schema: deployment.parameterSchema,
    enforce_parameter_schema: deployment.enforceParameterSchema,
    job_variables: deployment.jobVariables,
    pull_steps: deployment.pullSteps,
    path: deployment.path,
    entrypoint: deployment.entrypoint,
    work_queue_id: deployment.workQueueId,
    storage_document_id: deployment.storageDocumentId,
    infrastructure_document_id: deployment.infrastructureDocumentId,
    concurrency_limit_id: deployment.concurrencyLimitId,
    concurrency_options:
      options === null
        ? null
        : { collision_strategy: options.strategy === 'enqueue' ? 'ENQUEUE' : 'CANCEL_NEW', grace_period_seconds: options.graceS },
  }
}
