import { runName } from '../core/names.ts'
import type { LeaseHolder } from '../core/lease.ts'
import type { Orchestrator } from '../core/orchestrator.ts'
import { formatInstant } from '../core/time.ts'
import type { Clock } from '../core/time.ts'
import { LocalBeats } from '../engine/beat/local-beats.ts'
import { createEngine, DEFAULT_ENGINE_SETTINGS } from '../engine/engine.ts'
import type { Engine } from '../engine/engine.ts'
import { provideSecretSources } from '../engine/secret-sources.ts'
import { createOrchestrator } from '../orchestrator/index.ts'
import { captureConsole } from '../system/console.ts'
import { systemSecretSources } from '../system/secret-sources.ts'
import type { Faults } from './faults.ts'
import { faultyStore } from './faulty-store.ts'
import { Recorder } from './recorder.ts'
import { TestBeats } from './test-beats.ts'
import { TEST_HOST } from './world.ts'
import type { LivingProcess, World } from './world.ts'

/** A process that is only played: an engine over the world's store, which can be killed. */
export interface TestProcess {
  readonly engine: Engine
  readonly recorder: Recorder
  readonly alive: boolean
  /** Resolves when the process has been killed. */
  readonly died: Promise<void>
  /** From here on nothing of it reaches the store, its timers are gone and its calls get no answer, as after `kill -9`. */
  kill(): void
}

export interface ProcessOptions {
  readonly faults: Faults
  /** Told within the call that killed it. */
  onDeath(): void
  /** What its engine gets instead of the plain orchestrator. */
  readonly changed?: ((orchestrator: Orchestrator, kill: () => void) => Orchestrator) | undefined
}

export function startProcess(world: World, { faults, onDeath, changed = (same) => same }: ProcessOptions): TestProcess {
  const death = Promise.withResolvers<void>()
  const stops = new Set<() => void>()
  let alive = true
  const holder: LeaseHolder = { host: TEST_HOST, bootId: '', pid: world.nextPid(), processStart: formatInstant(world.clock.now()) }
  const clock = ownTimers(world.clock, stops, () => alive)
  const store = faultyStore(world.store, faults, { alive: () => alive, crash: kill })
  const liveness = { self: () => holder, of: world.liveness.of }
  const near = createOrchestrator({
    store,
    clock,
    ids: world.ids,
    liveness,
    secrets: world.secrets,
    resultsFolder: null,
    files: world.files,
  })
  const beats =
    world.virtual === undefined
      ? new LocalBeats(world.orchestrator, clock, { beatMs: 15_000, expiryMs: 45_000, lookMs: 20 })
      : new TestBeats(world.orchestrator.flowRuns, clock)
  const known: LivingProcess = { holder, beat }
  const recorder = new Recorder()
  provideSecretSources(systemSecretSources)
  const engine = createEngine({
    orchestrator: changed(tellingBeats(near), kill),
    clock,
    ids: world.ids,
    random: world.random,
    liveness,
    beats,
    server: null,
    captureConsole,
    names: () => runName(world.random),
    settings: DEFAULT_ENGINE_SETTINGS,
  })
  engine.observers.add(recorder)
  world.processes.add(known)

  function kill(): void {
    if (!alive) return
    alive = false
    world.processes.delete(known)
    for (const stop of stops) stop()
    void beats.close()
    death.resolve()
    onDeath()
  }

  function beat(): void {
    // The store in memory does not fail by itself, and faults on cue are not for leases.
    if (beats instanceof TestBeats) void beats.tick()
  }

  /** A command may concern a run of any process: each looks at once, where a real one would with its next beat. */
  function tellingBeats(orchestrator: Orchestrator): Orchestrator {
    const { flowRuns } = orchestrator
    const thenBeat = async <T>(done: Promise<T>): Promise<T> => {
      const answer = await done
      for (const process of world.processes) process.beat()
      return answer
    }
    return {
      ...orchestrator,
      waits: { ...orchestrator.waits, wake: (id, input) => thenBeat(orchestrator.waits.wake(id, input)) },
      flowRuns: {
        ...flowRuns,
        command: (id, command) => thenBeat(flowRuns.command(id, command)),
        take: (id, how, lease) => thenBeat(flowRuns.take(id, how, lease)),
        delete: (id) => thenBeat(flowRuns.delete(id)),
      },
    }
  }

  return {
    engine,
    recorder,
    get alive() {
      return alive
    },
    died: death.promise,
    kill,
  }
}

/** The world's clock with timers that end with their process. */
function ownTimers(clock: Clock, stops: Set<() => void>, alive: () => boolean): Clock {
  function own(start: (fired: () => void) => () => void): () => void {
    if (!alive()) return () => undefined
    const stop = start(() => stops.delete(stop))
    stops.add(stop)
    return () => {
      stops.delete(stop)
      stop()
    }
  }

  const timer: Clock['timer'] = (delayMs, callback, options) =>
    own((fired) =>
      clock.timer(
        delayMs,
        () => {
          fired()
          callback()
        },
        options,
      ),
    )

  return {
    now: () => clock.now(),
    timer,
    sleep: (delayMs, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) return void reject(signal.reason)
        const onAbort = (): void => {
          stop()
          reject(signal?.reason)
        }
        const onTime = (): void => {
          signal?.removeEventListener('abort', onAbort)
          resolve()
        }
        const stop = timer(delayMs, onTime, { keepAlive: true })
        signal?.addEventListener('abort', onAbort, { once: true })
      }),
    hold: (work) => clock.hold?.(work) ?? work,
  }
}
