import { z } from 'zod'
import type { ClaimedRun } from '../core/claim.ts'
import type { Instant } from '../core/time.ts'
import { endpoint } from './endpoint.ts'
import { flowRunToWire, flowRunWire } from './flow-runs.ts'
import { integerBetween, jsonOf, number, objectOf, timeText, uuid, wire } from './values.ts'

const claimWire = z.object({ id: wire.uuid, worker: z.string(), until: wire.time }).meta({ id: 'Claim' })
const jobWire = z
  .object({
    flow_name: z.string(),
    deployment: z.string().nullable(),
    entrypoint: z.string().nullable(),
    path: z.string().nullable(),
    pull_steps: wire.json,
    commit: z.string().nullable(),
    configuration: wire.object,
  })
  .meta({ id: 'RunJob' })
const claimedRunWire = z.object({ claim: claimWire, flow_run: flowRunWire, job: jobWire }).meta({ id: 'ClaimedRun' })

export function claimToWire({ id, worker, until }: ClaimedRun['claim']): z.input<typeof claimWire> {
  return { id, worker, until: timeText(until) }
}

export function claimedRunToWire({ claim, view, job }: ClaimedRun, now: Instant): z.input<typeof claimedRunWire> {
  const { flowName, pullSteps, configuration, ...rest } = job
  return {
    claim: claimToWire(claim),
    flow_run: flowRunToWire(view, now),
    job: { flow_name: flowName, pull_steps: jsonOf(pullSteps), configuration: objectOf(configuration), ...rest },
  }
}

/** Longer waits meet time limits of proxies. */
const WAIT_S_MAX = 60
const RUNS_MAX = 100

const asker = {
  worker: z.string().min(1).max(200),
  limit: integerBetween(1, RUNS_MAX).default(1),
  wait_seconds: number.pipe(z.number().min(0).max(WAIT_S_MAX)).default(0),
}
/** A process, as leases name it. */
const holder = { host: z.string(), bootId: z.string(), pid: z.int(), processStart: z.string() }
/** More than anybody sets. */
const LEASE_MS_MAX = 86_400_000

const claimParams = z.object({ id: uuid })

/** What our own workers use: due runs are waited for and claimed in one request. */
export const claims = {
  ofPool: endpoint({
    method: 'POST',
    path: '/work_pools/{name}/claim',
    summary: 'Claims due runs of a pool, each for one worker only; waits until there is one.',
    params: z.object({ name: z.string() }),
    body: z.strictObject({ ...asker, queues: z.array(z.string()).min(1).nullish() }),
    output: z.array(claimedRunWire),
    errors: ['NOT_FOUND', 'OVERLOADED'],
  }),
  ofDeployments: endpoint({
    method: 'POST',
    path: '/deployments/claim',
    summary: 'Claims due runs of deployments that the caller serves; waits until there is one.',
    body: z.strictObject({ ...asker, deployment_ids: z.array(uuid).min(1).max(RUNS_MAX) }),
    output: z.array(claimedRunWire),
    errors: ['OVERLOADED'],
  }),
  start: endpoint({
    method: 'POST',
    path: '/deployments/start',
    summary: 'Claims due runs of deployments and starts them for the caller, an engine of Tutti; waits until there is one.',
    body: z.strictObject({
      ...asker,
      deployment_ids: z.array(uuid).min(1).max(RUNS_MAX),
      version: z.number(),
      holder: z.strictObject(holder),
      lease_ms: integerBetween(1, LEASE_MS_MAX),
    }),
    output: z.array(z.object({ claim: claimWire, run: z.unknown() })),
    errors: ['OVERLOADED'],
  }),
  renew: endpoint({
    method: 'POST',
    path: '/claims/{id}/renew',
    summary: 'Keeps a claim while its run is being launched.',
    params: claimParams,
    output: claimWire,
    errors: ['LEASE_GONE'],
  }),
  releaseOf: endpoint({
    method: 'POST',
    path: '/claims/release',
    summary: 'Gives back what a worker has claimed and not started, but for the claims it names.',
    body: z.strictObject({
      worker: asker.worker,
      except: z
        .array(uuid)
        .max(RUNS_MAX * 10)
        .default([]),
      holder: z.strictObject(holder).nullable().default(null),
    }),
    output: z.object({ released: z.int() }),
  }),
  release: endpoint({
    method: 'POST',
    path: '/claims/{id}/release',
    summary: 'Gives a claim back; a run that has not started is due again.',
    params: claimParams,
  }),
}
