import { scheduleToWire } from '../api/schedules.ts'
import { isTuttiError } from '../core/errors.ts'
import type { DeploymentDefinition } from '../core/deployment-definition.ts'
import type { ServerDoor } from '../core/server-door.ts'
import type { Client } from './client.ts'
import { workerDoor } from './worker-door.ts'

/** A server, for a process that serves deployments of it. */
export function serverDoor(client: Client, address: string): ServerDoor {
  return {
    address,

    async deploy(definition) {
      const flow = await client.flows.create({ body: { name: definition.flowName } })
      const known = await existing(client, definition)
      const { id } = await client.deployments.create({ body: { flow_id: flow.id, name: definition.name, ...bodyOf(definition) } })
      return { id, change: known === undefined ? 'made' : 'changed' }
    },

    async setPaused(id, paused) {
      await (paused ? client.deployments.pause({ id }) : client.deployments.resume({ id }))
    },

    ...workerDoor(client),
  }
}

async function existing(client: Client, { flowName, name }: DeploymentDefinition) {
  try {
    return await client.deployments.readByName({ flow_name: flowName, deployment_name: name })
  } catch (error) {
    if (isTuttiError(error, 'NOT_FOUND')) return undefined
    throw error
  }
}

function bodyOf(definition: DeploymentDefinition) {
  const { concurrency, options } = definition
  return {
    description: definition.description,
    version: definition.version,
    tags: [...definition.tags],
    parameters: definition.parameters,
    parameter_openapi_schema: definition.parameterSchema ?? {},
    enforce_parameter_schema: definition.enforceParameterSchema,
    paused: definition.paused,
    work_pool_name: definition.workPoolName,
    work_queue_name: definition.workQueueName,
    job_variables: definition.jobVariables,
    entrypoint: definition.entrypoint,
    path: definition.path,
    pull_steps: [...definition.pullSteps],
    concurrency_limit: concurrency?.limit ?? null,
    concurrency_options:
      concurrency === null
        ? null
        : {
            collision_strategy: concurrency.collision === 'cancel-new' ? ('CANCEL_NEW' as const) : ('ENQUEUE' as const),
            grace_period_seconds: concurrency.graceS,
          },
    options: {
      ...(options.retries === undefined ? undefined : { retries: options.retries }),
      ...(options.crashRestarts === undefined ? undefined : { crash_restarts: options.crashRestarts }),
    },
    schedules: definition.schedules.map(({ schedule, slug, active, parameters }) => ({
      schedule: scheduleToWire(schedule),
      slug,
      active,
      parameters,
    })),
  }
}
