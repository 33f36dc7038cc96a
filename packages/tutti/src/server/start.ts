import { TuttiError } from '../core/errors.ts'
import type { Tell } from '../core/told.ts'
import type { Settings } from '../settings/load.ts'
import { downAfterMs, runServices, serverServices } from '../services/index.ts'
import { shownSettings } from '../settings/shown.ts'
import { systemClock } from '../system/clock.ts'
import { socketPathOf } from '../system/local-server.ts'
import { measureProcess } from '../system/process-stats.ts'
import { systemIds, systemRandom } from '../system/random.ts'
import type { StoreOutage } from '../store/open.ts'
import { upgradeTeller } from './upgrade-teller.ts'
import { createApp } from './app.ts'
import { createCallers } from './callers.ts'
import type { Callers } from './callers.ts'
import { BUILT_DASHBOARD, createDashboard } from './dashboard.ts'
import { createGuard, isLoopbackAddress } from './guard.ts'
import type { Guard } from './guard.ts'
import { guarded } from './guarded.ts'
import { listenOnPort, listenOnSocket, listenOnUsualPort } from './listen.ts'
import type { Listener } from './listen.ts'
import { openOrchestrator } from './open-orchestrator.ts'
import { createServerLog, errorFields } from './log.ts'
import type { ServerLog } from './log.ts'
import { createMetrics } from './metrics.ts'
import { watchRequests } from './requests.ts'
import { claimHome } from './running.ts'
import { withBodies } from './body.ts'
import { createHub } from './hub.ts'
import { eventsIn } from './sockets-in.ts'
import { logsOut } from './sockets-logs.ts'
import { eventsOut } from './sockets-out.ts'
import { scheduledTaskRuns } from './sockets-tasks.ts'
import { createSockets } from './sockets.ts'
import { createTaskQueue } from './task-queue.ts'
import { createWake } from './wake.ts'

export interface ServerOptions {
  readonly settings: Settings
  readonly host: string
  /** 0: any free one; `undefined`: the usual one, or the next that is free. */
  readonly port: number | undefined
  /** Others may reach the address although nobody is asked for an auth string. */
  readonly unprotected?: boolean
  /** `false`: the loops run in other servers of the same database. */
  readonly services?: boolean
  /** Of this program. */
  readonly version: string
  /** Takes the lines of the server's log. */
  readonly writeLog: (line: string) => void
  /** Nothing can be written any more: the process must end. */
  readonly onLost: (error: Error) => void
}

export interface RunningServer {
  /** Up to and including `/api`. */
  readonly url: string
  /** Stops taking requests, ends those under way, lets go of the store. */
  close(): Promise<void>
}

/** Puts a server together: settings → store → orchestrator → app → listen. What it stops, it stops in reverse. */
export async function startServer({
  settings,
  host,
  port,
  unprotected = false,
  version,
  services: withServices = true,
  writeLog,
  onLost,
}: ServerOptions): Promise<RunningServer> {
  const guard = guardOf(settings, host, unprotected)
  const clock = systemClock()
  const claim = await claimHome(settings.home)
  const log = createServerLog({ clock, level: settings.serverLogLevel, write: writeLog })
  const ids = systemIds(clock)
  const measured = { metrics: createMetrics(), process: measureProcess() }
  const { createServer, onError, onRoute } = watchRequests({
    clock,
    newId: () => ids.next(),
    log,
    metrics: measured.metrics,
    limits: {
      requestsMax: settings.serverRequestsMax,
      timeoutMs: settings.serverRequestTimeoutMs,
      slowMs: settings.serverSlowRequestMs,
    },
  })
  const wake = createWake(clock)
  const hub = createHub()
  let tellServices: Tell = () => undefined
  const tell: Tell = (told) => {
    wake.tell(told)
    hub.tell(told)
    tellServices(told)
  }
  const onOutage = (outage: StoreOutage): void => tellOfOutage(log, outage)
  const onUpgrade = upgradeTeller(log, clock)
  const callers = createCallers()
  const onLocked = (documents: Readonly<Record<string, number>>): void =>
    log.write('warn', 'blocks are sealed with keys that this server does not have: see `tutti secrets status`', { documents })
  const { orchestrator, watch } = await openOrchestrator({ settings, clock, tell, callers, onOutage, onUpgrade, onLocked, onLost }).catch(
    (error: unknown) => {
      claim.release()
      throw error
    },
  )
  // Before anybody can take a run: what was due while no server was there is run or left out first.
  const prepare = async (): Promise<void> => {
    await orchestrator.blockTypes.install()
    if (withServices) await asService('scheduler', callers, () => orchestrator.services.catchUp(downAfterMs(settings)))
  }
  await prepare().catch(async (error: unknown) => {
    await orchestrator.close()
    claim.release()
    throw error
  })
  hub.connect(watch)
  const tasks = createTaskQueue({ taskRuns: orchestrator.taskRuns, hub, clock })
  const dashboard = createDashboard(BUILT_DASHBOARD)
  const shown = shownSettings(settings)
  const app = createApp(orchestrator, { clock, wake, hub, tasks, settings: shown, measured, version, dashboard, callers, onError, onRoute })
  const sockets = createSockets({
    guard,
    auth: settings.apiAuthString,
    conversations: {
      '/events/in': eventsIn(orchestrator.events, clock),
      '/events/out': eventsOut(orchestrator.events, hub, clock),
      '/logs/out': logsOut(hub),
      '/task_runs/subscriptions/scheduled': scheduledTaskRuns(tasks, clock),
    },
    clock,
    onError: (error, path) => log.write('error', 'socket failed', { path, ...errorFields(error) }),
  })
  const holder = ids.next()
  const { services, tell: hear } = serverServices({ orchestrator, clock, settings, holder })
  tellServices = hear
  const random = systemRandom()
  const named = services.map((service) => ({
    ...service,
    tick: (signal: AbortSignal) => asService(service.name, callers, () => service.tick(signal)),
  }))
  const running = runServices(withServices ? named : [], {
    clock,
    random: () => random.next(),
    onError: (error, service) => log.write('error', 'service failed', { service, ...errorFields(error) }),
  })
  const listeners: Listener[] = []
  const stop = async (): Promise<void> => {
    log.write('info', 'stopping')
    wake.close()
    sockets.close()
    await Promise.all(listeners.map((listener) => listener.close(settings.serverStopGraceMs)))
    await running.stop()
    if (withServices) await orchestrator.services.endTurns(holder)
    // Last: whatever was acknowledged is in it.
    await orchestrator.close()
    claim.release()
    log.write('info', 'stopped')
  }
  let stopping: Promise<void> | undefined
  const close = (): Promise<void> => (stopping ??= stop())
  try {
    const answer = withBodies(app.fetch, settings.serverBodyMaxBytes)
    const open = createServer(guarded(answer, guard))
    const listener = port === undefined ? await listenOnUsualPort(open, host, clock) : await listenOnPort(open, host, port, clock)
    listeners.push(listener)
    sockets.attach(listener.server)
    // Scripts of this home find the server here; nobody else can open the file.
    listeners.push(await listenOnSocket(createServer(answer), socketPathOf(settings.home), clock))
    const url = `http://${host.includes(':') ? `[${host}]` : host}:${listener.port}/api`
    claim.listening(url)
    log.write('info', 'ready', { url })
    return { url, close }
  } catch (error) {
    await close()
    throw error
  }
}

function asService<T>(name: string, callers: Callers, work: () => T): T {
  return callers.run({ kind: 'service', name }, work)
}

function tellOfOutage(log: ServerLog, { place: database, ...outage }: StoreOutage): void {
  if (outage.type === 'away') log.write('warn', 'the database does not answer and is waited for', { database, reason: outage.reason })
  else log.write('info', 'the database answers again', { database, awayMs: Math.round(outage.awayMs) })
}

/** @throws `UNPROTECTED` where others would reach a server that asks nobody who they are. */
function guardOf({ apiAuthString: auth, serverHosts: hosts, serverOrigins: origins }: Settings, host: string, unprotected: boolean): Guard {
  if (auth === '' && !unprotected && !isLoopbackAddress(host))
    throw new TuttiError('UNPROTECTED', `others may reach the server at ${host}, and it would ask nobody for an auth string`)
  return createGuard({ auth, hosts: isLoopbackAddress(host) ? hosts : [...hosts, host], origins, unprotected })
}
