import { Hono } from 'hono'
import { refusedLevel } from '../api/client-version.ts'
import type { ServerOrchestrator } from '../core/server-orchestrator.ts'
import type { Clock } from '../core/time.ts'
import type { Callers } from './callers.ts'
import type { Dashboard } from './dashboard.ts'
import { createHub } from './hub.ts'
import type { Hub } from './hub.ts'
import { createMetrics } from './metrics.ts'
import type { Mount } from './mount.ts'
import { notThere, route } from './route.ts'
import type { OnError } from './route.ts'
import { mountAdmin } from './routes/admin.ts'
import type { ShownSettings } from './routes/admin.ts'
import { mountArtifacts } from './routes/artifacts.ts'
import { mountAutomations } from './routes/automations.ts'
import { mountBackfills } from './routes/backfills.ts'
import { mountBlocks } from './routes/blocks.ts'
import { mountCalendars } from './routes/calendars.ts'
import { mountClaims } from './routes/claims.ts'
import { mountCollections } from './routes/collections.ts'
import { mountConcurrency } from './routes/concurrency.ts'
import { mountDeploys } from './routes/deploys.ts'
import { mountDeployments } from './routes/deployments.ts'
import { mountDocs } from './routes/docs.ts'
import { mountEngine } from './routes/engine.ts'
import { mountFlowPages } from './routes/flow-pages.ts'
import { mountFlowRuns } from './routes/flow-runs.ts'
import { mountFlows } from './routes/flows.ts'
import { mountFlowLists, mountFlowRunLists, mountLogLists, mountStateLists, mountTaskRunLists } from './routes/lists.ts'
import { mountInputs } from './routes/inputs.ts'
import { mountLive } from './routes/live.ts'
import { mountLogPages } from './routes/log-pages.ts'
import { mountLogs } from './routes/logs.ts'
import { mountMaintenance } from './routes/maintenance.ts'
import { mountMetrics } from './routes/metrics.ts'
import type { Measured } from './routes/metrics.ts'
import { mountNotYet } from './routes/not-yet.ts'
import { mountOutcomes } from './routes/outcomes.ts'
import { mountRoot } from './routes/root.ts'
import { mountRunPages } from './routes/run-pages.ts'
import { mountSchedules } from './routes/schedules.ts'
import { mountSavedSearches } from './routes/saved-searches.ts'
import { mountSlotHolders } from './routes/slot-holders.ts'
import { mountTaskRuns } from './routes/task-runs.ts'
import { mountEvents } from './routes/events.ts'
import { mountTaskWorkers } from './routes/task-workers.ts'
import { mountUi } from './routes/ui.ts'
import { mountVariables } from './routes/variables.ts'
import { mountWorkPools } from './routes/work-pools.ts'
import { mountWorkQueues } from './routes/work-queues.ts'
import { mountWorkers } from './routes/workers.ts'
import type { TaskQueue } from './task-queue.ts'
import { createWake } from './wake.ts'
import type { Wake } from './wake.ts'

export interface AppOptions {
  readonly clock: Clock
  /** Told of what is committed; absent: requests that wait for work look again from time to time. */
  readonly wake?: Wake
  /** Told of what is committed; absent: live views hear of nothing. */
  readonly hub?: Hub
  /** Absent: nobody serves background tasks. */
  readonly tasks?: Pick<TaskQueue, 'workers'>
  /** Told who asks for what is changed; absent: nobody knows. */
  readonly callers?: Callers
  readonly onError: OnError
  readonly onRoute?: (incoming: object, path: string) => void
  /** Of this program, for the reference of the API. */
  readonly version?: string
  /** What `/metrics` tells of. */
  readonly measured?: Measured
  /** What answers where nothing else does; absent: the root leads to the reference of the API. */
  readonly dashboard?: Dashboard
  /** What `/admin/settings` shows. */
  readonly settings?: ShownSettings
}

const EVERYTHING = '/api/*'

/** The whole server as a value: tests call it without opening a port. */
export function createApp(
  orchestrator: ServerOrchestrator,
  {
    clock,
    wake = createWake(clock),
    hub = createHub(),
    tasks = { workers: () => [] },
    settings = {},
    measured = unmeasured(),
    version = '',
    dashboard,
    callers,
    onError,
    onRoute,
  }: AppOptions,
): Hono {
  const app = new Hono({ strict: false })
  app.use(EVERYTHING, async (context, next) => {
    const refused = refusedLevel(context.req.header('x-prefect-api-version') ?? null)
    if (refused !== undefined) return context.json({ detail: refused }, 400)
    return next()
  })

  const mount: Mount = (endpoint, handler) => route(app, endpoint, handler, { onError, onRoute, callers })
  mountRoot(mount, orchestrator, clock)
  mountEngine(mount, orchestrator, clock)
  mountFlows(mount, orchestrator)
  mountFlowPages(mount, orchestrator)
  mountFlowRuns(mount, orchestrator, clock)
  mountRunPages(mount, orchestrator, clock)
  mountTaskRuns(mount, orchestrator, clock)
  mountLogPages(mount, orchestrator)
  mountOutcomes(mount, orchestrator)
  mountLogs(mount, orchestrator)
  mountDeploys(mount, orchestrator, clock)
  mountDeployments(mount, orchestrator, clock, wake)
  mountFlowLists(mount, orchestrator)
  mountFlowRunLists(mount, orchestrator, clock)
  mountTaskRunLists(mount, orchestrator, clock)
  mountLogLists(mount, orchestrator)
  mountStateLists(mount, orchestrator)
  mountEvents(mount, orchestrator, clock)
  mountTaskWorkers(mount, tasks)
  mountConcurrency(mount, orchestrator)
  mountSlotHolders(mount, orchestrator)
  mountCollections(mount)
  mountVariables(mount, orchestrator)
  mountSavedSearches(mount, orchestrator)
  mountCalendars(mount, orchestrator)
  mountSchedules(mount, orchestrator, clock)
  mountBackfills(mount, orchestrator)
  mountInputs(mount, orchestrator)
  mountArtifacts(mount, orchestrator)
  mountBlocks(mount, orchestrator)
  mountAdmin(mount, orchestrator, { settings, server: () => ({ version, uptime_seconds: measured.process().uptimeS }) })
  mountMaintenance(mount, orchestrator)
  mountUi(mount, orchestrator, clock)
  mountAutomations(mount)
  mountNotYet(mount)
  mountMetrics(mount, orchestrator, measured)
  mountDocs(app, version, { atRoot: dashboard === undefined })
  mountWorkPools(mount, orchestrator, clock)
  mountWorkQueues(mount, orchestrator, clock)
  mountWorkers(mount, orchestrator)
  mountClaims(mount, orchestrator, clock, wake)
  mountLive(mount, { orchestrator, clock, wake, hub })

  app.notFound(({ req }) => {
    if (dashboard !== undefined && isOfDashboard(req.method, req.path)) return dashboard(req.raw)
    const allowed = METHODS.filter((method) => isServed(app, method, req.path))
    if (allowed.length > 0) return Response.json({ detail: 'Method Not Allowed' }, { status: 405, headers: { Allow: allowed.join(', ') } })
    const { status, body } = notThere()
    return Response.json(body, { status })
  })
  return app
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** Whatever is no place of the API, of today or of tomorrow. */
function isOfDashboard(method: string, path: string): boolean {
  return (method === 'GET' || method === 'HEAD') && !/^\/(?:api|docs|metrics)(?:\/|$)/.test(path)
}

/** By more than what every request below `/api` passes. */
function isServed(app: Hono, method: string, path: string): boolean {
  return app.router.match(method, path)[0].some(([[, route]]) => route.path !== EVERYTHING)
}

/** Without a process of its own there is nothing to measure. */
function unmeasured(): Measured {
  const nothing = { residentBytes: 0, heapUsedBytes: 0, cpuS: 0, uptimeS: 0, eventLoopLagS: 0 }
  return { metrics: createMetrics(), process: () => nothing }
}
