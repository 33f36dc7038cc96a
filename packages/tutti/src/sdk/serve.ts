import { TuttiError } from '../core/errors.ts'
import type { ServerDoor } from '../core/server-door.ts'
import { claimLoop } from '../engine/claim-loop.ts'
import type { FlowDefinition } from '../engine/definition.ts'
import type { Engine } from '../engine/engine.ts'
import { runDue } from '../engine/run-due.ts'
import { messageOf } from '../engine/thrown.ts'
import { printOutsideRun } from '../system/terminal-line.ts'
import { deploymentDefinition } from './deployment.ts'
import type { FlowDeployment } from './deployment.ts'
import { engineOfProcess } from './process-engine.ts'
import { checkLimit } from './task.ts'

export interface ServeOptions {
  /** Runs at once, of all deployments together. Default 10. */
  readonly limit?: number
  /** Pause the deployments when serving ends, so that their schedules make no runs meanwhile. Default `false`: what falls due waits. */
  readonly pauseOnStop?: boolean
  /** Ends serving: runs under way go on to their ends, then `serve` resolves. Ctrl-C and SIGTERM do the same. */
  readonly signal?: AbortSignal
}

const LIMIT = 10

/**
 * Makes or changes the deployments on the server, then runs their due runs in this process until it is told to stop. A run reaches the flow's
 * function a few milliseconds after it was asked for.
 *
 * @throws `NEEDS_SERVER` when there is no server to serve for; what the server says of a deployment it refuses.
 */
export async function serve(deployments: FlowDeployment | readonly FlowDeployment[], options: ServeOptions = {}): Promise<void> {
  const list = [deployments].flat()
  if (list.length === 0) throw new TuttiError('INVALID_OPTION', 'serve() needs a deployment: serve(etl.deployment({ name: … }))')
  const limit = checkLimit(options.limit ?? LIMIT, 'limit', 'serve()')
  const engine = await engineOfProcess()
  const { server } = engine
  if (server === null)
    throw new TuttiError('NEEDS_SERVER', `there is no server that could give runs of ${list.map(({ flow }) => flow.name).join(', ')}`)

  const served = new Map<string, FlowDefinition>()
  for (const each of list) {
    const definition = await deploymentDefinition(each.flow, each.options)
    const { id } = await server.deploy(definition)
    served.set(id, each.flow)
    // As serving has left them when it ended.
    if (options.pauseOnStop === true && definition.paused !== true) await server.setPaused(id, false)
    printOutsideRun('info', [`Serving ${definition.flowName}/${definition.name}`])
  }
  await untilStopped(engine, options.signal, (signal) => runAll(engine, server, { served, limit }, signal))
  if (options.pauseOnStop === true) for (const id of served.keys()) await server.setPaused(id, true)
}

interface Serving {
  readonly served: ReadonlyMap<string, FlowDefinition>
  readonly limit: number
}

function runAll(engine: Engine, server: ServerDoor, { served, limit }: Serving, signal: AbortSignal): Promise<void> {
  const holder = engine.liveness.self()
  const worker = `serve ${holder.pid} on ${holder.host}`
  const leaseMs = engine.settings.leaseExpiryMs
  return claimLoop(
    {
      server,
      clock: engine.clock,
      claim: (ask, stop) => server.start([...served.keys()], { ...ask, worker, holder, leaseMs }, stop),
      holder,
      worker,
      limit,
      async launch({ run }) {
        try {
          await runDue(engine, run, ({ dispatch }) => flowOf(served, dispatch?.deploymentId ?? null))
        } catch (error) {
          printOutsideRun('error', [`tutti: the run ${run.name} (${run.id}) could not be run here: ${messageOf(error)}`])
        }
      },
      onTrouble: (error) => printOutsideRun('warn', [`tutti: no runs from the server, which is asked again: ${messageOf(error)}`]),
    },
    signal,
  )
}

function flowOf(served: ReadonlyMap<string, FlowDefinition>, deploymentId: string | null): FlowDefinition {
  const flow = served.get(deploymentId ?? '')
  if (flow === undefined) throw new TuttiError('FLOW_NOT_FOUND', `this process does not serve the deployment ${deploymentId}`)
  return flow
}

/** Serves until the caller's signal or the process says stop. */
async function untilStopped(engine: Engine, signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const stopping = new AbortController()
  const stop = (): void => stopping.abort(new Error('serving ends'))
  if (signal?.aborted === true) stop()
  signal?.addEventListener('abort', stop)
  const working = work(stopping.signal)
  const feed = (): Promise<void> => {
    stop()
    return working
  }
  engine.feeds.add(feed)
  try {
    await working
  } finally {
    engine.feeds.delete(feed)
    signal?.removeEventListener('abort', stop)
  }
}
