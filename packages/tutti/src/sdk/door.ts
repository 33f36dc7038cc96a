import type { Actor } from '../core/actor.ts'
import type { Ids, Random } from '../core/id.ts'
import type { Liveness, Orchestrator } from '../core/orchestrator.ts'
import type { ServerDoor } from '../core/server-door.ts'
import type { Clock } from '../core/time.ts'
import type { Beats } from '../engine/beat/beats.ts'

/** The way to state, near or far, and how leases are kept there. */
export interface Door {
  readonly orchestrator: Orchestrator
  readonly beats: Beats
  /** `null`: the database is opened by this process itself. */
  readonly server: ServerDoor | null
}

/** What of the real world a door is made of. */
export interface World {
  readonly clock: Clock
  readonly ids: Ids
  readonly random: Random
  readonly liveness: Liveness
  /** As whom this process asks. */
  readonly caller: Actor
}
