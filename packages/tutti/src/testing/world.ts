import { createIds } from '../core/id.ts'
import type { Ids, Random } from '../core/id.ts'
import type { LeaseHolder } from '../core/lease.ts'
import type { Liveness, Orchestrator } from '../core/orchestrator.ts'
import type { SecretBox } from '../core/secret-box.ts'
import type { Clock, Instant } from '../core/time.ts'
import { createOrchestrator, resultFiles } from '../orchestrator/index.ts'
import type { ResultFiles } from '../orchestrator/results.ts'
import type { Store } from '../store/port.ts'
import { createSecretBox } from '../store/secrets.ts'
import { openSqlite } from '../store/sqlite.ts'
import { systemClock } from '../system/clock.ts'
import { eventLoop } from '../system/event-loop.ts'
import { systemLiveness } from '../system/liveness.ts'
import { seededRandom } from './seeded-random.ts'
import { VirtualClock } from './virtual-clock.ts'

/** What outlives the processes of a test: the store, the time, and who is alive. */
export interface World {
  readonly store: Store
  readonly files: ResultFiles
  readonly secrets: SecretBox
  /** Looks at the store past all faults. */
  readonly orchestrator: Orchestrator
  readonly clock: Clock
  /** `undefined` where the real clock is used. */
  readonly virtual: VirtualClock | undefined
  readonly random: Random
  readonly ids: Ids
  readonly processes: Set<LivingProcess>
  readonly liveness: Liveness
  nextPid(): number
}

/** A process of the world, as the others see it. */
export interface LivingProcess {
  readonly holder: LeaseHolder
  beat(): void
}

export interface WorldOptions {
  readonly path: string
  readonly seed: number
  readonly start: Instant
  readonly clock: 'virtual' | 'manual' | 'system'
}

/** The host of every process that is only played. */
export const TEST_HOST = 'tutti-testing'

export async function openWorld(options: WorldOptions): Promise<World> {
  const real = systemClock()
  const processes = new Set<LivingProcess>()
  // Whoever waits for another process's lock waits in real time.
  const store = await openSqlite({ path: options.path, clock: real })
  const { start, rows } = await continued(store, options.start)
  const onJump = (): void => {
    for (const process of processes) process.beat()
  }
  const virtual =
    options.clock === 'system' ? undefined : new VirtualClock({ start, loop: eventLoop(), jumps: options.clock === 'virtual', onJump })
  const clock = virtual ?? real
  // A file that holds runs already must not see the same ids again.
  const random = seededRandom(options.seed + rows * 7_919)
  const ids = createIds(() => clock.now(), random)
  const liveness = livenessOf(processes)
  const secrets = createSecretBox(new Uint8Array(32), random)
  const files = resultFiles({ store, clock }, options.path === ':memory:' ? null : `${options.path}-results`)
  const orchestrator = createOrchestrator({ store, clock, ids, liveness, secrets, resultsFolder: null, files })
  let pid = 0
  return { store, files, secrets, orchestrator, clock, virtual, random, ids, processes, liveness, nextPid: () => (pid += 1) }
}

/** Time in a file goes on where it stood. */
async function continued(store: Store, start: Instant): Promise<{ start: Instant; rows: number }> {
  const { rows } = await store.info()
  const page = await store.read(() => store.tables.flowRuns.list({ limit: 1 }))
  const newest = page.items[0]
  const last = newest === undefined ? start : Math.max(newest.state.timestamp, newest.createdAt) + 1_000_000
  return { start: Math.max(start, last), rows: Object.values(rows).reduce((sum, count) => sum + count, 0) }
}

function livenessOf(processes: ReadonlySet<LivingProcess>): Liveness {
  const system = systemLiveness()
  return {
    self: () => system.self(),
    of(holder) {
      if (holder.host !== TEST_HOST) return system.of(holder)
      return [...processes].some((process) => process.holder.pid === holder.pid && process.holder.processStart === holder.processStart)
        ? 'alive'
        : 'dead'
    },
  }
}
