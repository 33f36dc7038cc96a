import type { AnyFlow, DeployedRunOptions, DeployedRunRequest, ParametersOf, ResultOf } from '../core/deployed-run.ts'
import { parseDuration } from '../core/duration.ts'
import type { Duration } from '../core/duration.ts'
import { TuttiError } from '../core/errors.ts'
import type { FlowRun } from '../core/flow-run.ts'
import { isTerminal } from '../core/state.ts'
import type { StateType } from '../core/state.ts'
import { after, instantFromDate, parseInstant } from '../core/time.ts'
import type { Instant } from '../core/time.ts'
import { currentContext } from '../engine/context.ts'
import { endError, endStateOf } from '../engine/ended-run.ts'
import type { Engine } from '../engine/engine.ts'
import { runAccess } from '../engine/run-access.ts'
import { maskSecrets } from '../engine/secret-mask.ts'
import { refuseSecretKey, refuseSecrets } from '../engine/secret-values.ts'
import { engineOfProcess } from './process-engine.ts'
import { task } from './task.ts'

export interface RunDeploymentOptions<F extends AnyFlow = (parameters: Record<string, unknown>) => unknown> extends DeployedRunOptions {
  /** What is left out comes from the deployment. */
  readonly parameters?: ParametersOf<F>
  /** Whether to wait for the end. Default `true`. */
  readonly wait?: boolean
  /** How long to wait at most; the run goes on in any case. Default: a day. */
  readonly timeout?: Duration
  /** A run that did not complete is told as what it is instead of thrown. Default `false`. */
  readonly allowFailure?: boolean
}

/** What became of a run that `runDeployment()` asked for. */
export interface DeploymentRunEnd<Result = unknown> {
  readonly flowRunId: string
  readonly name: string
  /** With `wait: false` the state that it was made with. */
  readonly state: StateType
  readonly stateName: string
  readonly message: string | null
  /** What its flow returned; absent when it did not complete, was not waited for, or its flow is not of Tutti. */
  readonly result?: Result
}

const WAIT_MS = 86_400_000
const LOOK_MIN_MS = 50
const LOOK_MAX_MS = 2_000

/**
 * Makes a run of a deployment, which whoever serves it or a worker runs, and waits for its end. Inside a flow the call is a checkpoint: the
 * run is linked to it, is found again when the flow is resumed, and is never made twice.
 *
 * @example
 * const { result } = await runDeployment<typeof etl>('etl/prod', { parameters: { day } })
 * @throws `FLOW_RUN_FAILED` or `RUN_CANCELLED` when it did not complete; `CONFLICT` when its parameters do not fit; `WAIT_TIMED_OUT`;
 *   `NEEDS_SERVER` when there is no server.
 */
export function runDeployment<F extends AnyFlow = (parameters: Record<string, unknown>) => unknown>(
  deployment: string,
  options: RunDeploymentOptions<F> = {},
): Promise<DeploymentRunEnd<ResultOf<F>>> {
  const asked: RunDeploymentOptions = options as unknown as RunDeploymentOptions // the parameters are those of some flow
  const context = currentContext()
  const run =
    context === undefined
      ? makeAndWait(deployment, asked, {})
      : callOf(deployment, asked, [context.active.run.replayFailedFrom, context.task?.record.failures ?? 0])
  return run as Promise<DeploymentRunEnd<ResultOf<F>>> // as the caller says of the deployment's flow
}

/** The call as a task run of the flow it stands in: its arguments name it, so that a resumed flow finds it. */
function callOf(deployment: string, options: RunDeploymentOptions, round: readonly number[]): Promise<DeploymentRunEnd> {
  const call = task(
    { name: 'runDeployment', runName: deployment.replaceAll('/', ' '), tags: [] },
    async (_deployment: string, _options: RunDeploymentOptions): Promise<DeploymentRunEnd> => {
      const access = runAccess()
      // Once this is answered, the task run that the new run names is in the store.
      const now = await access.now()
      const key = options.idempotencyKey ?? access.idempotencyKey
      const link = { ...(access.taskRunId === null ? undefined : { parentTaskRunId: access.taskRunId }), key, now, signal: access.signal }
      // Whoever tries a failed flow or task again wants another run in place of one that failed; of one that is under way there is no twin.
      const again = round.every((count) => count === 0) || options.idempotencyKey !== undefined ? undefined : `${key}:${round.join('.')}`
      return makeAndWait(deployment, options, again === undefined ? link : { ...link, again })
    },
  )
  return call(deployment, options)
}

interface Link {
  readonly parentTaskRunId?: string
  readonly key?: string
  /** Instead, when the run of the first key ended without completing. */
  readonly again?: string
  readonly now?: Date
  readonly signal?: AbortSignal
}

async function makeAndWait(
  deployment: string,
  options: RunDeploymentOptions,
  { parentTaskRunId, key = options.idempotencyKey, again, now, signal }: Link,
): Promise<DeploymentRunEnd> {
  const engine = await engineOfProcess()
  const { server } = engine
  if (server === null) throw new TuttiError('NEEDS_SERVER', `there is no server that could run the deployment ${deployment}`)
  const scheduledFor = dueAt(options, now === undefined ? engine.clock.now() : instantFromDate(now))
  refuseSecrets(options.parameters, `the parameters for deployment ${deployment}`)
  refuseSecretKey(options.idempotencyKey ?? null, `a run of deployment ${deployment}`)
  refuseSecrets(options.jobVariables, `the job variables for deployment ${deployment}`)
  const request: DeployedRunRequest = {
    parameters: options.parameters ?? {},
    ...(options.name !== undefined && { name: maskSecrets(options.name) }),
    ...(options.tags !== undefined && { tags: options.tags.map(maskSecrets) }),
    ...(options.queue !== undefined && { queue: options.queue }),
    ...(options.jobVariables !== undefined && { jobVariables: options.jobVariables }),
    ...(scheduledFor !== undefined && { scheduledFor }),
    ...(key !== undefined && { idempotencyKey: key }),
    ...(parentTaskRunId !== undefined && { parentTaskRunId }),
  }
  let made = await server.runDeployment(deployment, request)
  if (again !== undefined) {
    const { state } = await engine.orchestrator.flowRuns.get(made.id)
    if (isTerminal(state.type) && state.type !== 'completed')
      made = await server.runDeployment(deployment, { ...request, idempotencyKey: again })
  }
  const run = await engine.orchestrator.flowRuns.get(made.id)
  if (options.wait === false) return endOf(run)
  return finished(engine, await waited(engine, run, options, signal), options)
}

function dueAt({ at, in: delay }: RunDeploymentOptions, now: Instant): Instant | undefined {
  if (at !== undefined && delay !== undefined) throw new TuttiError('INVALID_OPTION', 'at and in both say when: give one of the two')
  if (delay !== undefined) return after(now, parseDuration(delay, 'in'))
  if (at === undefined) return undefined
  const instant = typeof at === 'string' ? parseInstant(at) : instantFromDate(at)
  if (instant === undefined) throw new TuttiError('INVALID_OPTION', `at is no time: ${String(at)}`)
  return instant
}

async function waited(
  { orchestrator, clock }: Engine,
  run: FlowRun,
  { timeout = WAIT_MS }: RunDeploymentOptions,
  signal: AbortSignal | undefined,
): Promise<FlowRun> {
  const until = after(clock.now(), parseDuration(timeout, 'timeout'))
  for (let pauseMs = LOOK_MIN_MS; ; pauseMs = Math.min(pauseMs * 1.5, LOOK_MAX_MS)) {
    const current = await orchestrator.flowRuns.get(run.id)
    if (isTerminal(current.state.type)) return current
    if (clock.now() >= until)
      throw new TuttiError(
        'WAIT_TIMED_OUT',
        `flow run ${run.name} (${run.id}) is ${current.state.name} and has not ended within the time it was waited for`,
      )
    await clock.sleep(pauseMs, signal)
  }
}

async function finished(engine: Engine, run: FlowRun, { allowFailure = false }: RunDeploymentOptions): Promise<DeploymentRunEnd> {
  if (run.state.type !== 'completed') {
    if (allowFailure) return endOf(run)
    throw endError(run)
  }
  // A run of a client in another language keeps its result where only that client finds it.
  if (run.outcome === null || run.outcome.format === 'none') return endOf(run)
  // A result that its flow keeps elsewhere is read by a flow with the same storage.
  const results = currentContext()?.active.results ?? engine.orchestrator.results
  return { ...endOf(run), result: (await endStateOf(results, run)).result }
}

function endOf({ id, name, state }: FlowRun): DeploymentRunEnd {
  return { flowRunId: id, name, state: state.type, stateName: state.name, message: state.message }
}
