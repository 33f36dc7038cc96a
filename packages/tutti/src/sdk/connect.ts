import type { Outage } from '../client/transport.ts'
import { TuttiError } from '../core/errors.ts'
import { runName } from '../core/names.ts'
import type { ServerAddress } from '../core/server-address.ts'
import { callFlow, continueCall, rerunCall } from '../engine/call-flow.ts'
import { runOutside } from '../engine/context.ts'
import type { FlowDefinition, FlowLike } from '../engine/definition.ts'
import { createEngine } from '../engine/engine.ts'
import type { Engine } from '../engine/engine.ts'
import type { RunFuture } from '../engine/future.ts'
import { consoleLine } from '../engine/console-lines.ts'
import { knowsSecrets, maskSecrets, onSecret } from '../engine/secret-mask.ts'
import { provideSecretSources } from '../engine/secret-sources.ts'
import { cancelAll, endAll } from '../engine/shutdown.ts'
import { maskedCrash, messageOf } from '../engine/thrown.ts'
import { loadSettings } from '../settings/load.ts'
import type { Settings } from '../settings/load.ts'
import { systemClock } from '../system/clock.ts'
import { captureConsole } from '../system/console.ts'
import { printCrashes } from '../system/crash-output.ts'
import { readEnvironment, readTextFile } from '../system/environment.ts'
import { makePrivateFolder } from '../system/folder.ts'
import { systemLiveness } from '../system/liveness.ts'
import { findServer } from '../system/find-server.ts'
import { exitProcess, listenToProcess, setExitCode } from '../system/process.ts'
import { systemIds, systemRandom } from '../system/random.ts'
import { systemSecretSources } from '../system/secret-sources.ts'
import { printOutsideRun } from '../system/terminal-line.ts'
import { setProcessEngine } from './process-engine.ts'
import type { ConnectOptions, RerunOptions, RetryOptions, RunOptions, Tutti } from './connection.ts'
import { recoverRuns, retainHourly } from './tidy.ts'

/** @internal */
export async function connectEngine(options: ConnectOptions): Promise<{ tutti: Tutti; engine: Engine }> {
  const environment = readEnvironment()
  const overrides = {
    ...(options.home === undefined ? {} : { TUTTI_HOME: options.home }),
    ...(options.databaseUrl === undefined ? {} : { TUTTI_DATABASE_URL: options.databaseUrl }),
  }
  const settings = loadSettings({ ...environment, ...overrides }, readTextFile)
  provideSecretSources(systemSecretSources)
  const stopHiding = hideSecrets()
  const engine = await openEngine(settings)
  const stopListening = options.handleProcess === false ? () => undefined : handleProcess(engine, settings)
  if (options.print !== false) await printRuns(engine, settings)
  await recoverRuns(engine)

  const close = async (): Promise<void> => {
    stopListening()
    stopHiding()
    setProcessEngine(undefined)
    await engine.journal.idle()
    await retainHourly(engine, settings).catch(tellOfTidying)
    await engine.beats.close()
    await engine.orchestrator.close()
  }
  return { engine, tutti: handle(engine, settings, close) }
}

function handle(engine: Engine, settings: Settings, close: () => Promise<void>): Tutti {
  return {
    orchestrator: engine.orchestrator,
    home: settings.home,
    observe: (observer) => engine.observers.add(observer),
    run: <R>(flow: FlowLike<R>, parameters?: unknown, options: RunOptions = {}) =>
      resultsOf<R>(runOutside(() => callFlow(withRunOptions(flow.definition, options), parameters, () => engine))),
    resume: <R>(flow: FlowLike<R>, id: string) => resultsOf<R>(continueCall(flow.definition, id, 'resume', () => engine)),
    retry: <R>(flow: FlowLike<R>, id: string, options?: RetryOptions) =>
      resultsOf<R>(
        options?.from === undefined && options?.results === undefined
          ? continueCall(flow.definition, id, 'retry', () => engine)
          : rerunCall(flow.definition, id, { ...options, how: 'retry' }, () => engine),
      ),
    rerun: <R>(flow: FlowLike<R>, id: string, options?: RerunOptions) =>
      resultsOf<R>(rerunCall(flow.definition, id, { ...options, how: 'new run' }, () => engine)),
    cancelAll: (reason) => cancelAll(engine, reason),
    endNow: (reason) => endAll(engine, reason),
    close,
  }
}

/** The engine works on unknown values; what comes out is what the flow's function returns. */
function resultsOf<R>(future: RunFuture<unknown>): RunFuture<R> {
  return future as RunFuture<R> // see above
}

function withRunOptions(definition: FlowDefinition, options: RunOptions): FlowDefinition {
  return {
    ...definition,
    runName: options.name ?? definition.runName,
    idempotencyKey: options.idempotencyKey ?? definition.idempotencyKey,
    tags: options.tags === undefined ? definition.tags : [...new Set([...definition.tags, ...options.tags])],
    entrypoint: options.entrypoint ?? definition.entrypoint,
  }
}

/** The engine over the door that the settings name: a server, the server of this home when it runs, or the database itself. */
async function openEngine(settings: Settings): Promise<Engine> {
  const clock = systemClock()
  const ids = systemIds(clock)
  const random = systemRandom()
  const liveness = systemLiveness()
  // Only its owner may read what runs were given and returned.
  try {
    await makePrivateFolder(settings.home)
  } catch (cause) {
    throw new TuttiError('HOME_UNUSABLE', `the home ${settings.home} cannot be made: ${messageOf(cause)}`, { cause })
  }
  const world = { clock, ids, random, liveness }
  const address = await findServer(settings)
  // Told of a server that is away, once there are runs to tell.
  const opened: { engine?: Engine } = {}
  const door =
    address === undefined
      ? await (await import('./embedded.ts')).embeddedDoor(settings, world)
      : (await import('./remote.ts')).remoteDoor(address, settings, world, (outage) => tellOfOutage(opened.engine, address, outage))
  opened.engine = createEngine({
    ...door,
    ...world,
    captureConsole,
    names: () => runName(random),
    settings: {
      taskConcurrency: settings.taskConcurrency,
      cancelGraceMs: settings.cancelGraceMs,
      settleGraceMs: settings.settleGraceMs,
      leaseExpiryMs: settings.leaseExpiryMs,
      waitInProcessMs: settings.waitInProcessMs,
    },
  })
  return opened.engine
}

/** Runs wait for a server that is away; each says so in its log, once. */
function tellOfOutage(engine: Engine | undefined, address: ServerAddress, outage: Outage): void {
  const server = address.socketPath ?? address.url
  const text =
    outage.type === 'away'
      ? `the server ${server} does not answer (${outage.reason}); the run waits for it`
      : `the server ${server} answers again after ${(outage.awayMs / 1000).toFixed(1)} s`
  for (const run of engine?.active.values() ?? []) run.log.warn(text)
}

/** From the first secret on what runs print, and what is printed of an error that ends the process, is looked through. */
function hideSecrets(): () => void {
  const begin = (): void => {
    captureConsole(consoleLine)
    printCrashes(maskedCrash)
  }
  if (knowsSecrets()) begin()
  return onSecret(begin)
}

/** Ctrl-C, an empty event loop and `process.exit()` end the runs of this process with that reason instead of leaving them Running. */
function handleProcess(engine: Engine, settings: Settings): () => void {
  let tidied = false
  return listenToProcess({
    onStop(signal, again) {
      const running = engine.active.size > 0
      // Whoever serves lets its runs end, and goes on with what comes after serving.
      if (engine.feeds.size > 0 && !again) {
        const held = engine.active.size
        if (held > 0)
          printOutsideRun('info', [`tutti: got ${signal}; ${held} runs are under way and go on to their ends (again: they are given up)`])
        for (const stop of engine.feeds) void stop()
        return
      }
      if (again || !running) {
        endAll(engine, `the process got ${signal}`, { onPurpose: true })
        return exitProcess(signal === 'SIGINT' ? 130 : 143)
      }
      void cancelAll(engine, `the process got ${signal}`).then(async () => {
        await engine.journal.idle()
        exitProcess(signal === 'SIGINT' ? 130 : 143)
      })
    },
    onIdle() {
      if (endAll(engine, 'the event loop is empty, so what the run waits for can never happen') > 0) setExitCode(1)
      else if (!tidied) void retainHourly(engine, settings).catch(tellOfTidying)
      // What is done here keeps the event loop busy, so that it becomes empty once more: the second time there is nothing left to do.
      tidied = true
    },
    onExit(code, thrown) {
      const why =
        thrown === undefined
          ? `with exit code ${code} while the run was running`
          : `because of an error that nobody caught: ${messageOf(thrown.error)}`
      endAll(engine, `the process ended ${why}`)
    },
  })
}

/** The runs have ended well or not; what could not be tidied now is tidied by a later process. */
function tellOfTidying(error: unknown): void {
  printOutsideRun('warn', [`tutti: old runs could not be deleted: ${messageOf(error)}`])
}

async function printRuns(engine: Engine, settings: Settings): Promise<void> {
  if (settings.log === 'quiet') return
  const { processReporter } = await import('../system/terminal.ts')
  engine.observers.add(processReporter({ format: settings.log, level: settings.logLevel, mask: maskSecrets }))
}
