import { remoteOrchestrator } from '../client/remote-orchestrator.ts'
import { clientOver } from '../client/client.ts'
import { serverDoor } from '../client/server-door.ts'
import { createTransport } from '../client/transport.ts'
import { isTuttiError, TuttiError } from '../core/errors.ts'
import { atCommit, readCodeSource } from '../core/code-source.ts'
import type { Settings } from '../settings/load.ts'
import { startChildProgram } from '../system/child-program.ts'
import { systemClock } from '../system/clock.ts'
import { findServer } from '../system/find-server.ts'
import { nodeSender } from '../system/http.ts'
import { systemLiveness } from '../system/liveness.ts'
import { systemIds, systemRandom } from '../system/random.ts'
import { prepareCode } from './code/index.ts'
import { ProcessInfrastructure } from './process/process-infrastructure.ts'
import { WarmPool } from './process/warm-pool.ts'
import { runWorker } from './run-worker.ts'
import type { Worker } from './run-worker.ts'

export interface StartWorkerOptions {
  readonly settings: Settings
  /** Of this program. */
  readonly version: string
  /** Of this process: what runs find in theirs. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly pool: string
  /** Makes the pool when there is none. */
  readonly type: string | undefined
  readonly queues: readonly string[] | null
  readonly name: string | undefined
  readonly limit: number
  readonly warm: number
  readonly drainMs: number
  readonly print: (line: string) => void
  readonly echo: (line: string) => void
}

/** How long a connection may be silent; a claim waits 20 s. */
const SILENCE_MS = 30_000

/** Puts a worker together: settings → client → infrastructure → claims. */
export async function startWorker(options: StartWorkerOptions): Promise<Worker & { readonly name: string }> {
  const { settings, environment, pool, print } = options
  const address = await findServer(settings)
  if (address === undefined) throw new TuttiError('NEEDS_SERVER', `there is no server that could give runs of the work pool ${pool}`)
  const clock = systemClock()
  const random = systemRandom()
  const ids = systemIds(clock)
  const { send, close } = nodeSender({ ...address, silenceMs: SILENCE_MS })
  const { auth, key } = address
  const { host, pid } = systemLiveness().self()
  const name = options.name ?? `process ${pid} on ${host}`
  const caller = { kind: 'worker', name } as const
  const transport = createTransport({
    send,
    clock,
    random: () => random.next(),
    auth,
    key,
    caller,
    version: options.version,
    waitMs: settings.serverWaitMs,
  })
  const server = serverDoor(clientOver(transport), address.socketPath ?? address.url)
  const type = await server.ensurePool(pool, options.type).catch((error: unknown) => {
    throw isTuttiError(error, 'NOT_FOUND') ? new TuttiError('POOL_NOT_FOUND', `there is no work pool ${pool}`, { cause: error }) : error
  })
  if (type !== 'process')
    throw new TuttiError('POOL_NOT_SERVED', `the work pool ${pool} is of type ${type}, which this worker cannot serve; it serves process`)
  if (options.type !== undefined && options.type !== type)
    throw new TuttiError('POOL_NOT_SERVED', `the work pool ${pool} is of type ${type}, not ${options.type}`)
  // The sources run as TypeScript, the package as JavaScript: the program is beside this file in either.
  const program = new URL(`./process/child-main${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)
  const infrastructure = new ProcessInfrastructure({
    server,
    orchestrator: remoteOrchestrator({ transport, clock }),
    clock,
    pool,
    host,
    processes: new WarmPool({
      size: options.warm,
      nodeOptions: [],
      start: ({ nodeOptions, ...listeners }) =>
        startChildProgram({ ...listeners, file: program.pathname, nodeOptions: [...process.execArgv, ...nodeOptions], environment }),
    }),
    prepareCode: ({ pullSteps, path, entrypoint, commit }, tell, signal) => {
      const source = atCommit(readCodeSource({ pullSteps: pullSteps.plain(), path, entrypoint }), commit)
      return prepareCode(
        source,
        { home: settings.home, workingFolder: process.cwd(), environment, clock, ids, limits: settings, tell },
        signal,
      )
    },
    warmDeployments: options.warm,
    print,
    echo: options.echo,
  })
  const worker = runWorker({
    server,
    clock,
    infrastructure,
    pool,
    queues: options.queues,
    name,
    limit: options.limit,
    drainMs: options.drainMs,
    print,
  })
  return { ...worker, name, ended: worker.ended.finally(close) }
}
