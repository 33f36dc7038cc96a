import type { FlowRun } from '../core/flow-run.ts'
import type { StateType } from '../core/state.ts'
import { elapsedMs } from '../core/time.ts'
import type { Clock, Instant } from '../core/time.ts'
import type { Tell, Told } from '../core/told.ts'
import { createBell } from './bell.ts'

/** Wakes requests that wait for work when something was changed that may have made some. */
export interface Wake {
  readonly tell: Tell
  /** A run of the deployment is being written that will be due at once: one of those who would take it asks for it behind that write. */
  announce(deploymentId: string): void
  /**
   * Everything that is told from now on is heard.
   *
   * @param wants - of a run that has just become due: whether the listener would take it. One of those who would is told to.
   */
  listen(wants?: (of: DueOf) => boolean): Listener
  /** How many listen. */
  readonly listeners: number
  /** Grows with everything that was told of pools, queues, deployments and limits. */
  readonly changes: number
  /** The server ends: nobody waits any longer. */
  close(): void
  /** Aborts when it does. */
  readonly ended: AbortSignal
}

export interface Listener {
  /**
   * Resolves when something was told since the last call, when it is time, when the signal aborts or the server ends. `given`: a run that
   * this listener wants has become due, and it is the one that was told to take it.
   */
  heardOr(until: Instant, signal: AbortSignal): Promise<'given' | 'heard'>
  stop(): void
  /** Whether it is worth waiting: the server goes on. */
  readonly isOpen: boolean
}

export function createWake(clock: Clock): Wake {
  const listeners = new Set<Hearing>()
  const ended = new AbortController()
  let changes = 0
  /** Of deployments whose runs were told of last: where the next one will be. */
  const queues = new Map<string, string | null>()
  /** Deployments of which somebody asks for a run that was not told of yet. */
  const announced = new Set<string>()

  return {
    tell(told) {
      if (!told.some(mayMakeWork)) return
      for (const each of told) {
        if (each.type === 'changed') changes += 1
        if (each.type === 'flow-run' && isDue(each.run, clock.now())) becameDue(each.run)
      }
      for (const { hear } of listeners) hear()
    },

    announce(deploymentId) {
      if (give({ deploymentId, workQueueId: queues.get(deploymentId) ?? null })) announced.add(deploymentId)
    },

    get changes() {
      return changes
    },

    ended: ended.signal,

    get listeners() {
      return listeners.size
    },

    close() {
      ended.abort()
      for (const { hear } of listeners) hear()
    },

    listen(wants) {
      const bell = createBell(clock)
      const hearing: Hearing = { hear: bell.ring, wants, isGiven: false }
      listeners.add(hearing)
      return {
        get isOpen() {
          return !ended.signal.aborted
        },
        stop: () => void listeners.delete(hearing),
        async heardOr(until, signal) {
          await bell.heardOr(Math.max(0, elapsedMs(clock.now(), until)), signal)
          const { isGiven } = hearing
          hearing.isGiven = false
          return isGiven ? 'given' : 'heard'
        },
      }
    },
  }

  function becameDue({ dispatch }: FlowRun): void {
    const { deploymentId = null, workQueueId = null } = dispatch ?? {}
    if (deploymentId !== null) {
      queues.delete(deploymentId)
      queues.set(deploymentId, workQueueId)
      if (queues.size > QUEUES_MAX) queues.delete(queues.keys().next().value ?? '')
      if (announced.delete(deploymentId)) return
    }
    give({ deploymentId, workQueueId })
  }

  /** To one of those who want it, who need not look first; the others look as they do after everything. */
  function give(of: DueOf): boolean {
    for (const hearing of listeners) {
      if (hearing.isGiven || hearing.wants?.(of) !== true) continue
      hearing.isGiven = true
      hearing.hear()
      return true
    }
    return false
  }
}

const QUEUES_MAX = 1_000

/** Where a run is asked for. */
export interface DueOf {
  readonly deploymentId: string | null
  readonly workQueueId: string | null
}

interface Hearing {
  readonly hear: () => void
  readonly wants: ((of: DueOf) => boolean) | undefined
  isGiven: boolean
}

function isDue({ state }: FlowRun, now: Instant): boolean {
  return state.type === 'scheduled' && state.scheduledFor <= now
}

const TAKES_ROOM: ReadonlySet<StateType> = new Set(['pending', 'running'])

/** A run became due, or one ended and left room, or a pool, a queue or a limit was changed. */
function mayMakeWork(told: Told): boolean {
  switch (told.type) {
    case 'flow-run':
      return told.run.state.type === 'scheduled' || (told.from !== null && !TAKES_ROOM.has(told.run.state.type))
    case 'changed':
      return told.noun !== 'workers' && told.noun !== 'artifacts'
    case 'task-run':
    case 'logs':
    case 'event':
      return false
  }
}
