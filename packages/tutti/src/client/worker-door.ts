import { ENGINE_VERSION } from '../api/engine-verbs.ts'
import { isTuttiError } from '../core/errors.ts'
import type { FlowRun } from '../core/flow-run.ts'
import type { Json } from '../core/json.ts'
import { JsonText } from '../core/literal-json.ts'
import { unpack } from '../core/packing.ts'
import { fillTemplate } from '../core/run-job.ts'
import type { RunJob } from '../core/run-job.ts'
import type { DueRun, ServerDoor } from '../core/server-door.ts'
import { formatInstant } from '../core/time.ts'
import { PROCESS_TEMPLATE } from '../core/worker-catalogue.ts'
import type { Client } from './client.ts'

type WorkerDoor = Omit<ServerDoor, 'address' | 'deploy' | 'setPaused' | 'runDeployment'>

/** The part of the door for those who run what is due. */
export function workerDoor(client: Client): WorkerDoor {
  return {
    async claim(target, { worker, limit, waitS }, signal) {
      const ask = { worker, limit, wait_seconds: waitS }
      const claimed =
        target.type === 'pool'
          ? await client.claims.ofPool(
              { name: target.name, body: { ...ask, queues: target.queues === null ? null : [...target.queues] } },
              { signal },
            )
          : await client.claims.ofDeployments({ body: { ...ask, deployment_ids: [...target.ids] } }, { signal })
      return claimed.map(({ claim, flow_run: run, job }): DueRun => ({
        claimId: claim.id,
        flowRunId: run.id,
        name: run.name,
        deploymentId: run.deployment_id,
        job: {
          flowName: job.flow_name,
          deployment: job.deployment,
          entrypoint: job.entrypoint,
          path: job.path,
          pullSteps: JsonText.of(job.pull_steps),
          commit: job.commit,
          configuration: JsonText.of(job.configuration),
        },
      }))
    },

    async start(deploymentIds, { worker, limit, waitS, holder, leaseMs }, signal) {
      const ask = { worker, limit, wait_seconds: waitS, version: ENGINE_VERSION, holder, lease_ms: leaseMs }
      const started = await client.claims.start({ body: { ...ask, deployment_ids: [...deploymentIds] } }, { signal })
      return started.map(({ claim, run }) => ({ claimId: claim.id, run: unpack(run) as FlowRun })) // packed by the server
    },

    async renewClaim(id) {
      await client.claims.renew({ id })
    },
    async releaseClaim(id) {
      await client.claims.release({ id })
    },

    async releaseOthers(worker, except, holder, signal) {
      await client.claims.releaseOf({ body: { worker, except: [...except], holder } }, { signal })
    },

    async ensurePool(name, type) {
      try {
        return (await client.workPools.read({ name })).type
      } catch (error) {
        if (type === undefined || !isTuttiError(error, 'NOT_FOUND')) throw error
        return (
          await client.workPools.create({
            body: { name, type, ...(type === 'process' ? { base_job_template: PROCESS_TEMPLATE } : undefined) },
          })
        ).type
      }
    },

    async heartbeat(pool, worker, intervalS) {
      await client.workers.heartbeat({ work_pool_name: pool, body: { name: worker, heartbeat_interval_seconds: intervalS } })
    },

    async jobsOfPool(pool, limit) {
      const found = await client.deployments.filter({ body: { work_pools: { name: { any_: [pool] } }, sort: 'UPDATED_DESC', limit } })
      if (found.length === 0) return []
      const { base_job_template: template } = await client.workPools.read({ name: pool })
      const flows = await client.flows.filter({ body: { flows: { id: { any_: found.map((each) => each.flow_id) } } } })
      const names = new Map(flows.map(({ id, name }) => [id, name]))
      return found.map(({ flow_id: flowId, name, entrypoint, path, pull_steps: pullSteps, job_variables: variables }): RunJob => {
        const flowName = names.get(flowId) ?? ''
        return {
          flowName,
          deployment: `${flowName}/${name}`,
          entrypoint,
          path,
          pullSteps: JsonText.of(pullSteps ?? []),
          commit: null,
          configuration: JsonText.of(fillTemplate(template as Json, [variables as Json])), // JSON of the wire
        }
      })
    },

    async appendLogs(lines) {
      await client.logs.create({
        body: lines.map(({ flowRunId, logger, level, message, at }) => ({
          flow_run_id: flowRunId,
          name: logger,
          level,
          message,
          timestamp: formatInstant(at),
        })),
      })
    },

    async addLabels(id, labels) {
      await client.flowRuns.addLabels({ id, body: labels })
    },

    async endUnbegun(id, type, message) {
      const state =
        type === 'failed'
          ? ({ type: 'FAILED', name: 'Failed', message } as const)
          : ({ type: 'CRASHED', name: 'Crashed', message } as const)
      await client.flowRuns.setState({ id, body: { state } })
    },
  }
}
