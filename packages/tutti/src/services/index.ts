import type { ServerOrchestrator } from '../core/server-orchestrator.ts'
import { after } from '../core/time.ts'
import type { Clock, Instant } from '../core/time.ts'
import type { Tell, Told } from '../core/told.ts'
import type { Service } from './service.ts'

export { runServices } from './service.ts'

/** How often each service looks, and how long things are kept. */
export interface ServiceSettings {
  readonly schedulerMs: number
  readonly lateRunsMs: number
  readonly statusMs: number
  readonly cleanupMs: number
  readonly leasesMs: number
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

/** Runs made in advance: so many and so far, as the protocol has it. */
const AHEAD = { minRuns: 3, minTimeS: 3_600, maxRuns: 100, days: 100 } as const
const DAY_MS = 86_400_000
const BATCH = 100
const LATE_BATCH = 400
const PAUSE_BATCH = 200
const ROWS_PER_RETENTION = 5_000
/** A service of another server that has been silent for so many of its intervals has lost its turn. */
const TURN_INTERVALS = 3
/** Nobody told of work for so long: it may have been made elsewhere. */
const LOOK_ANYWAY_MS = 60_000

/** Every loop of a server. */
export function serverServices(options: ServicesOptions): ServerServices {
  const { orchestrator, clock, settings } = options
  const startedAt = clock.now()
  const late = new Alarm(clock)
  const pauses = new Alarm(clock)
  const changed = new Alarm(clock)
  const services: readonly Service[] = [
    {
      name: 'scheduler',
      everyMs: settings.schedulerMs,
      tick: () => makeRuns(options, null),
    },
    {
      // Schedules that were just changed do not wait for the scheduler's turn.
      name: 'recent-schedules',
      everyMs: settings.lateRunsMs,
      async tick() {
        if (!changed.isDue()) return false
        const since = changed.take(null)
        return makeRuns(options, since)
      },
    },
    {
      name: 'late-runs',
      everyMs: settings.lateRunsMs,
      async tick() {
        if (!late.isDue()) return false
        const marked = await orchestrator.services.markLate(LATE_BATCH)
        late.take(await orchestrator.services.nextLate())
        return marked === LATE_BATCH
      },
    },
    {
      name: 'pause-expiry',
      everyMs: settings.lateRunsMs,
      async tick() {
        if (!pauses.isDue()) return false
        const expired = await orchestrator.services.expirePauses(PAUSE_BATCH)
        pauses.take(await orchestrator.services.nextPauseExpiry())
        return expired === PAUSE_BATCH
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
      name: 'retention',
      everyMs: settings.retentionMs,
      tick: () => retain(options),
    },
  ]
  return {
    services: services.map((service) => inTurn(service, options)),
    tell(told) {
      if (told.some(isOfSchedules)) changed.ring()
      if (told.some(isWaiting)) late.ring()
      if (told.some(isPaused)) pauses.ring()
    },
  }
}

/** Only the server whose turn it is works; the others look whether it still does. */
function inTurn(service: Service, { orchestrator, holder }: ServicesOptions): Service {
  return {
    ...service,
    async tick(signal) {
      if (!(await orchestrator.services.takeTurn(service.name, holder, service.everyMs * TURN_INTERVALS))) return false
      return service.tick(signal)
    },
  }
}

async function makeRuns({ orchestrator: { deployments }, clock }: ServicesOptions, updatedSince: Instant | null): Promise<boolean> {
  const ids = await deployments.needingRuns(BATCH, updatedSince)
  let made = 0
  for (const id of ids) {
    const start = clock.now()
    made += await deployments.makeScheduledRuns(id, { ...AHEAD, start, end: after(start, AHEAD.days * DAY_MS) })
  }
  // A schedule that has ended needs runs for ever: more are looked for only where some were made.
  return ids.length === BATCH && made > 0
}

async function retain({ orchestrator, settings }: ServicesOptions): Promise<boolean> {
  const { keepFlowRunsDays: flowRunDays, keepLogsDays: logDays, keepEventsDays } = settings
  const rows = await orchestrator.maintenance.retain({ flowRunDays, logDays }, ROWS_PER_RETENTION)
  const events = await orchestrator.services.retainEvents(keepEventsDays, ROWS_PER_RETENTION)
  return rows >= ROWS_PER_RETENTION || events >= ROWS_PER_RETENTION
}

/** When there may be something to do again: at a known time, when somebody tells of work, or after a while in any case. */
class Alarm {
  readonly #clock: Clock
  #at: Instant
  #rung: Instant | undefined

  constructor(clock: Clock) {
    this.#clock = clock
    this.#at = clock.now()
  }

  ring(): void {
    this.#rung ??= this.#clock.now()
  }

  isDue(): boolean {
    return this.#rung !== undefined || this.#clock.now() >= this.#at
  }

  /** Sets it anew; tells since when there has been work. */
  take(next: Instant | null): Instant {
    const anyway = after(this.#clock.now(), LOOK_ANYWAY_MS)
    const since = this.#rung ?? this.#at
    this.#at = next === null ? anyway : Math.min(next, anyway)
    this.#rung = undefined
    return since
  }
}

function isOfSchedules(told: Told): boolean {
  return told.type === 'changed' && told.noun === 'deployments'
}

function isWaiting(told: Told): boolean {
  return (told.type === 'flow-run' && told.run.state.type === 'scheduled') || (told.type === 'changed' && told.noun === 'flow_runs')
}

function isPaused(told: Told): boolean {
  return told.type === 'flow-run' && told.run.state.type === 'paused'
}
