import type { Output } from '../api/endpoint.ts'
import type { deployments } from '../api/deployments.ts'
import type { AnyFlow, DeployedRunOptions, DeployedRunRequest, ParametersOf } from '../core/deployed-run.ts'
import { parseDuration } from '../core/duration.ts'
import type { Duration } from '../core/duration.ts'
import { isTuttiError, TuttiError } from '../core/errors.ts'
import { after, formatInstant, instantFromDate, parseInstant } from '../core/time.ts'
import type { Clock, Instant } from '../core/time.ts'
import type { Client } from './client.ts'

type FlowRunWire = Output<(typeof deployments)['createFlowRun']>

export interface WaitOptions {
  /** How long to wait at most. Default: a day. The run goes on in any case. */
  readonly timeout?: Duration
  readonly signal?: AbortSignal
}

/** A run of a deployment as the server answers it, which can be waited for. */
export type DeployedRun = FlowRunWire & {
  /**
   * The run at its end, however it ended: `state_type` tells.
   *
   * @throws `WAIT_TIMED_OUT`
   */
  wait(options?: WaitOptions): Promise<FlowRunWire>
}

/** A deployment by the type of its flow. */
export interface DeploymentHandle<F extends AnyFlow> {
  /**
   * Makes a run. Parameters that are left out come from the deployment; the server checks all of them against the schema of the flow.
   *
   * @throws `CONFLICT` when parameters do not fit, with the field; `NOT_FOUND` when there is no such deployment.
   */
  run(parameters?: ParametersOf<F>, options?: DeployedRunOptions): Promise<DeployedRun>
}

const LOOK_MIN_MS = 100
const LOOK_MAX_MS = 2_000
const WAIT_MS = 86_400_000
const ENDED: readonly (string | null)[] = ['COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED']

/** @param name - `flow/deployment`. */
export function deploymentHandle<F extends AnyFlow>(client: Client, clock: Clock, name: string): DeploymentHandle<F> {
  return {
    async run(parameters, options = {}) {
      const request = { ...requestOf(options, clock.now()), parameters: parameters ?? {} }
      const made = await createRun(client, name, request)
      return { ...made, wait: (how) => waitForEnd(client, clock, made, how) }
    },
  }
}

/** Options as a request: times and durations read. */
function requestOf(options: DeployedRunOptions, now: Instant): Omit<DeployedRunRequest, 'parameters'> {
  const { at, in: delay, ...rest } = options
  if (at !== undefined && delay !== undefined) throw new TuttiError('INVALID_OPTION', 'at and in both say when: give one of the two')
  if (delay !== undefined) return { ...rest, scheduledFor: after(now, parseDuration(delay, 'in')) }
  if (at === undefined) return rest
  const scheduledFor = typeof at === 'string' ? parseInstant(at) : instantFromDate(at)
  if (scheduledFor === undefined) throw new TuttiError('INVALID_OPTION', `at is no time: ${String(at)}`)
  return { ...rest, scheduledFor }
}

/** Asks for a run of a deployment by its full name. */
export async function createRun(client: Client, name: string, request: DeployedRunRequest): Promise<FlowRunWire> {
  const [flow, deployment, ...rest] = name.split('/')
  if (flow === undefined || deployment === undefined || flow === '' || deployment === '' || rest.length > 0)
    throw new TuttiError('INVALID_OPTION', `a deployment is named as flow/deployment, not ${JSON.stringify(name)}`)
  const { parameters, name: runName, tags, scheduledFor, idempotencyKey, parentTaskRunId, queue, jobVariables } = request
  const { id } = await client.deployments.readByName({ flow_name: flow, deployment_name: deployment })
  try {
    return await client.deployments.createFlowRun({
      id,
      body: {
        parameters,
        ...(runName !== undefined && { name: runName }),
        ...(tags !== undefined && { tags: [...tags] }),
        ...(idempotencyKey !== undefined && { idempotency_key: idempotencyKey }),
        ...(parentTaskRunId !== undefined && { parent_task_run_id: parentTaskRunId }),
        ...(queue !== undefined && { work_queue_name: queue }),
        ...(jobVariables !== undefined && { job_variables: jobVariables }),
        ...(scheduledFor !== undefined && {
          state: { type: 'SCHEDULED' as const, state_details: { scheduled_time: formatInstant(scheduledFor) } },
        }),
      },
    })
  } catch (error) {
    // What does not fit is told with its field; which deployment it was meant for is known here.
    if (isTuttiError(error, 'CONFLICT') || isTuttiError(error, 'INVALID_REQUEST'))
      throw new TuttiError(error, `deployment ${name}: ${error.message}`, { cause: error })
    throw error
  }
}

async function waitForEnd(
  client: Client,
  clock: Clock,
  { id, name }: FlowRunWire,
  { timeout = WAIT_MS, signal }: WaitOptions = {},
): Promise<FlowRunWire> {
  const until = after(clock.now(), parseDuration(timeout, 'timeout'))
  for (let pauseMs = LOOK_MIN_MS; ; pauseMs = Math.min(pauseMs * 1.5, LOOK_MAX_MS)) {
    const run = await client.flowRuns.read({ id }, signal === undefined ? {} : { signal })
    if (ENDED.includes(run.state_type)) return run
    if (clock.now() >= until)
      throw new TuttiError(
        'WAIT_TIMED_OUT',
        `flow run ${name} (${id}) is ${run.state_name} and has not ended within the time it was waited for`,
      )
    await clock.sleep(pauseMs, signal)
  }
}
