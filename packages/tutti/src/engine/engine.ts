import type { Ids, Random } from '../core/id.ts'
import type { Lease } from '../core/lease.ts'
import type { Liveness, Orchestrator } from '../core/orchestrator.ts'
import type { ServerDoor } from '../core/server-door.ts'
import { after } from '../core/time.ts'
import type { Clock } from '../core/time.ts'
import type { ActiveRun } from './active-run.ts'
import type { Beats } from './beat/beats.ts'
import type { RunEnd } from './end-run.ts'
import { Journal } from './journal.ts'
import { maskedOrchestrator } from './masked-orchestrator.ts'
import { createObservers } from './observer.ts'
import type { Observers } from './observer.ts'

export interface EngineSettings {
  /** Task runs of one flow run at once. */
  readonly taskConcurrency: number
  /** How long cancelled code may go on before it is given up. */
  readonly cancelGraceMs: number
  /** How long calls that nobody awaited may go on after their flow has ended. */
  readonly settleGraceMs: number
  readonly leaseExpiryMs: number
  /** A run of a deployment that only waits, and longer than this, gives its process back. */
  readonly waitInProcessMs: number
}

export const DEFAULT_ENGINE_SETTINGS: EngineSettings = {
  taskConcurrency: 100,
  cancelGraceMs: 10_000,
  settleGraceMs: 1_000,
  leaseExpiryMs: 45_000,
  waitInProcessMs: 60_000,
}

export interface EngineDeps {
  readonly orchestrator: Orchestrator
  readonly clock: Clock
  readonly ids: Ids
  readonly random: Random
  readonly liveness: Liveness
  readonly beats: Beats
  /** Where deployments are and due runs come from; `null`: there is no server. */
  readonly server: ServerDoor | null
  /** Runs `console` calls of user code through the engine; installed when the first flow asks for it. */
  readonly captureConsole: (toLog: ConsoleSink) => void
  /** A name for a run that was given none. */
  readonly names: () => string
  readonly settings: EngineSettings
}

/** Takes a console line; `false`: it is printed as usual, text: that is printed in its place. */
export type ConsoleSink = (level: number, args: readonly unknown[]) => boolean | string

/** Runs user code durably: what every run of this process shares. */
export interface Engine extends EngineDeps {
  readonly journal: Journal
  readonly observers: Observers
  /** Runs being executed here, by id. */
  readonly active: Map<string, ActiveRun>
  /** How the runs under way here end, over all their attempts. */
  readonly ends: Map<string, Promise<RunEnd>>
  /** What brings this process runs; each is told to bring no more when the process is to stop, and resolves when its runs are over. */
  readonly feeds: Set<() => Promise<void>>
  /** Runs whose crash could not be recorded, with the reason: the end of the process tries once more. */
  readonly abandoned: Map<string, string>
}

export function createEngine(deps: EngineDeps): Engine {
  const orchestrator = maskedOrchestrator(deps.orchestrator)
  return {
    ...deps,
    orchestrator,
    journal: new Journal(orchestrator.journal),
    observers: createObservers(),
    active: new Map(),
    ends: new Map(),
    feeds: new Set(),
    abandoned: new Map(),
  }
}

export function newLease(engine: Engine): Lease {
  return { holder: engine.liveness.self(), until: after(engine.clock.now(), engine.settings.leaseExpiryMs) }
}
