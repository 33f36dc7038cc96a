import type { ServerOrchestrator } from '../core/server-orchestrator.ts'
import { isTerminal } from '../core/state.ts'
import { after } from '../core/time.ts'
import type { Clock } from '../core/time.ts'
import type { Tell, Told } from '../core/told.ts'
import { Alarm } from './alarm.ts'
import { makeRunsAhead } from './scheduler.ts'
import type { Service } from './service.ts'
import { Turn } from './turn.ts'

export { runServices } from './service.ts'

/** How often each service looks, and how long things are kept. */
export interface ServiceSettings {
  readonly schedulerMs: number
  readonly lateRunsMs: number
  readonly statusMs: number
  readonly cleanupMs: number
  readonly leasesMs: number
  readonly rollupsMs: number
  readonly retentionMs: number
  readonly leaseExpiryMs: number
  readonly keepFlowRunsDays: number
  readonly keepLogsDays: number
  readonly keepEventsDays: number
}

export interface ServicesOptions {
  readonly orchestrator: ServerOrchestrator
  readonly clock: Clock
  readonly settings: ServiceSettings
  /** Names this server among those that share a database. */
  readonly holder: string
}

export interface ServerServices {
  readonly services: readonly Service[]
  /** What is committed: services that have nothing to do sleep until they hear of work. */
  readonly tell: Tell
}

const BATCH = 100
/** Nothing is asked of the database unless a run has ended. */
const BACKFILLS_MS = 500
const DOWN_MIN_MS = 60_000
const LATE_BATCH = 400
const PAUSE_BATCH = 200
const ROWS_PER_RETENTION = 5_000
/** Thousands of task runs in each, where there are many: whoever waits for the lock waits for some of them. */
const QUARTERS_PER_ROLLUP = 16
/** A deployment is changed before others are told of it, and by servers whose clocks differ a little. */
const CHANGED_BEFORE_US = 10_000_000

/** Every loop of a server. */
export function serverServices(options: ServicesOptions): ServerServices {
  const { orchestrator, clock, settings, holder } = options
  const turn = new Turn(orchestrator.services, holder, clock)
  const startedAt = clock.now()
  const late = new Alarm(clock)
  const pauses = new Alarm(clock)
  const changed = new Alarm(clock)
  const backfilled = new Alarm(clock)
  const services: readonly Service[] = [
    {
      name: 'scheduler',
      everyMs: settings.schedulerMs,
      async tick(signal) {
        await orchestrator.services.catchUp(downAfterMs(settings))
        await makeRunsAhead({ deployments: orchestrator.deployments, clock, updatedSince: null }, signal)
        return false
      },
    },
    {
      // Schedules that were just changed do not wait for the scheduler's turn.
      name: 'recent-schedules',
      everyMs: settings.lateRunsMs,
      async tick(signal) {
        if (!changed.isDue()) return false
        const updatedSince = changed.hush() - CHANGED_BEFORE_US
        await makeRunsAhead({ deployments: orchestrator.deployments, clock, updatedSince }, signal)
        return false
      },
    },
    {
      name: 'late-runs',
      everyMs: settings.lateRunsMs,
      async tick() {
        if (!late.isDue()) return false
        late.hush()
        const next = await orchestrator.services.nextLate()
        late.set(next)
        // Almost always what was told of is not late yet, and then nothing is written.
        if (next === null || next > clock.now()) return false
        await orchestrator.services.markLate(LATE_BATCH)
        return true
      },
    },
    {
      // One run of a backfill has ended, so the next one may be made.
      name: 'backfills',
      everyMs: BACKFILLS_MS,
      async tick() {
        if (!backfilled.isDue()) return false
        backfilled.hush()
        const made = await orchestrator.backfills.advance()
        // There may be room for more than is made at once.
        if (made > 0) backfilled.ring()
        return made > 0
      },
    },
    {
      name: 'expired-runs',
      everyMs: settings.lateRunsMs,
      tick: async () => (await orchestrator.services.expireLate(LATE_BATCH)) === LATE_BATCH,
    },
    {
      name: 'pause-expiry',
      everyMs: settings.lateRunsMs,
      async tick() {
        if (!pauses.isDue()) return false
        pauses.hush()
        const next = await orchestrator.services.nextPauseExpiry()
        pauses.set(next)
        if (next === null || next > clock.now()) return false
        await orchestrator.services.expirePauses(PAUSE_BATCH)
        return true
      },
    },
    {
      name: 'cancellations',
      everyMs: settings.cleanupMs,
      tick: async () => (await orchestrator.services.cleanCancelled(BATCH)) === BATCH,
    },
    {
      name: 'status',
      everyMs: settings.statusMs,
      async tick() {
        await orchestrator.workers.sweep()
        await orchestrator.services.markNeglected()
        return false
      },
    },
    {
      name: 'concurrency-leases',
      everyMs: settings.leasesMs,
      tick: async () => (await orchestrator.concurrency.repossess(BATCH)) === BATCH,
    },
    {
      name: 'claims',
      everyMs: settings.leasesMs,
      tick: async () => (await orchestrator.claims.expire(BATCH)) === BATCH,
    },
    {
      name: 'leases',
      everyMs: settings.leasesMs,
      async tick() {
        // Whoever could not reach a server that was away gets one full lease to do so.
        if (clock.now() < after(startedAt, settings.leaseExpiryMs)) return false
        return (await orchestrator.flowRuns.recover(BATCH)).length === BATCH
      },
    },
    {
      // What quick counts and histories are made of.
      name: 'rollups',
      everyMs: settings.rollupsMs,
      tick: () => orchestrator.services.countRuns(QUARTERS_PER_ROLLUP),
    },
    {
      name: 'retention',
      everyMs: settings.retentionMs,
      tick: () => retain(options),
    },
  ]
  return {
    services: services.map((service) => inTurn(service, turn)),
    tell(told) {
      if (told.some(isOfSchedules)) changed.ring()
      if (told.some(isWaiting)) late.ring()
      if (told.some(isPaused)) pauses.ring()
      if (told.some(isOfBackfill)) backfilled.ring()
    },
  }
}

/** Servers take turns, start again and are slow for a while; what is shorter is no downtime that schedules catch up with. */
export function downAfterMs({ schedulerMs }: Pick<ServiceSettings, 'schedulerMs'>): number {
  return Math.max(2 * schedulerMs, DOWN_MIN_MS)
}

/** Only the server whose turn it is works. */
function inTurn(service: Service, turn: Turn): Service {
  return { ...service, tick: async (signal) => (await turn.isOurs()) && service.tick(signal) }
}

async function retain({ orchestrator, settings }: ServicesOptions): Promise<boolean> {
  const { keepFlowRunsDays: flowRunDays, keepLogsDays: logDays, keepEventsDays } = settings
  const rows = await orchestrator.maintenance.retain({ flowRunDays, logDays }, ROWS_PER_RETENTION)
  const events = await orchestrator.services.retainEvents(keepEventsDays, ROWS_PER_RETENTION)
  const aside = await orchestrator.deployments.deletePutAside(BATCH)
  return rows >= ROWS_PER_RETENTION || aside === BATCH || events >= ROWS_PER_RETENTION
}

function isOfSchedules(told: Told): boolean {
  return told.type === 'changed' && told.noun === 'deployments'
}

function isWaiting(told: Told): boolean {
  return (told.type === 'flow-run' && told.run.state.type === 'scheduled') || (told.type === 'changed' && told.noun === 'flow_runs')
}

function isOfBackfill(told: Told): boolean {
  return told.type === 'flow-run' && isTerminal(told.run.state.type) && told.run.dispatch?.createdBy?.type === 'BACKFILL'
}

function isPaused(told: Told): boolean {
  return told.type === 'flow-run' && told.run.state.type === 'paused'
}
