import type { deploys } from '../api/deploys.ts'
import { collisionText } from '../api/deployments.ts'
import { scheduleOptionsToWire, scheduleToWire } from '../api/schedules.ts'
import { NEAREST } from '../core/deployment-definition.ts'
import { TuttiError } from '../core/errors.ts'
import type { DeploymentDefinition } from '../core/deployment-definition.ts'
import type { ServerDoor } from '../core/server-door.ts'
import type { Arguments, Client } from './client.ts'
import { createRun } from './deployed-runs.ts'
import { workerDoor } from './worker-door.ts'

type DeploymentBody = Arguments<(typeof deploys)['deploy']>['body']['deployments'][number]

/** A server, for a process that serves deployments of it. */
export function serverDoor(client: Client, address: string): ServerDoor {
  return {
    address,

    async deploy(definition) {
      const [deployed] = await client.deployments.deploy({ body: { deployments: [deploymentBody(definition)] } })
      if (deployed === undefined) throw new TuttiError('SERVER_REFUSED', 'the server did not say what it deployed')
      return { id: deployed.id, change: CHANGES[deployed.change] }
    },

    async runDeployment(name, request) {
      const { id, name: runName } = await createRun(client, name, request)
      return { id, name: runName }
    },

    async setPaused(id, paused) {
      await (paused ? client.deployments.pause({ id }) : client.deployments.resume({ id }))
    },

    ...workerDoor(client),
  }
}

const CHANGES = { added: 'made', changed: 'changed', unchanged: 'none', removed: 'none' } as const

/** A definition as it is sent. */
export function deploymentBody(definition: DeploymentDefinition): DeploymentBody {
  const { concurrency, options } = definition
  return {
    flow_name: definition.flowName,
    name: definition.name,
    description: definition.description,
    version: definition.version,
    tags: [...definition.tags],
    parameters: definition.parameters,
    parameter_openapi_schema: definition.parameterSchema ?? {},
    enforce_parameter_schema: definition.enforceParameterSchema,
    ...(definition.paused === null ? undefined : { paused: definition.paused }),
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
            collision_strategy: NEAREST[concurrency.collision] === 'cancel-new' ? ('CANCEL_NEW' as const) : ('ENQUEUE' as const),
            grace_period_seconds: concurrency.graceS,
          },
    options: {
      ...(options.retries === undefined ? undefined : { retries: options.retries }),
      ...(options.crashRestarts === undefined ? undefined : { crash_restarts: options.crashRestarts }),
      ...(concurrency === null ? undefined : { collision: collisionText(concurrency.collision) }),
    },
    schedules: definition.schedules.map(({ schedule, slug, active, parameters, options }) => ({
      schedule: scheduleToWire(schedule),
      slug,
      active,
      parameters,
      options: scheduleOptionsToWire(options),
    })),
  }
}
