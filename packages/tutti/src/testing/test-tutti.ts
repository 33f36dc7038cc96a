import { answerWait } from '../core/answer.ts'
import { TuttiError } from '../core/errors.ts'
import type { Orchestrator } from '../core/orchestrator.ts'
import { instantFromDate, parseInstant } from '../core/time.ts'
import type { Instant } from '../core/time.ts'
import { callFlow, continueCall, rerunCall } from '../engine/call-flow.ts'
import { runOutside } from '../engine/context.ts'
import type { RunFuture } from '../engine/future.ts'
import type { RunState } from '../engine/run-state.ts'
import { cancelRun } from '../sdk/cancel.ts'
import type { RerunOptions, RetryOptions } from '../sdk/connection.ts'
import type { Flow } from '../sdk/flow.ts'
import { clearProcessEngine, setProcessEngine } from '../sdk/process-engine.ts'
import { Faults } from './faults.ts'
import { testClock } from './test-clock.ts'
import type { TestClock } from './test-clock.ts'
import { startProcess } from './test-process.ts'
import type { TestProcess } from './test-process.ts'
import { recordedRun, unrecordedRun } from './test-run.ts'
import type { TestRun } from './test-run.ts'
import { openWorld } from './world.ts'
import type { World } from './world.ts'

export interface TestTuttiOptions {
  /** What ids, names and jitter are made from. The same seed, the same run. Default 1. */
  readonly seed?: number
  /** When it is. Default 2026-01-01T00:00:00Z. */
  readonly start?: string | Date
  /**
   * `virtual` (default): time jumps to the next delay, timeout or retry as soon as nothing else is left to do. `manual`: time stands still until
   * `clock.advance`. `system`: the real time.
   */
  readonly clock?: 'virtual' | 'manual' | 'system'
  /** A database file that outlives this. Default: in memory. */
  readonly path?: string
}

/** The parameters of a flow, left out where it takes none. */
export type CallArguments<In> = undefined extends In ? [parameters?: In] : object extends In ? [parameters?: In] : [parameters: In]

/** A run that waits for somebody. */
export interface PausedRun {
  readonly id: string
  /** As it was given to `pause` or `waitForInput`. */
  readonly key: string | null
  readonly description: string | null
  /** The JSON Schema of what it waits for; `null`: to be resumed, with nothing. */
  readonly schema: unknown
}

type RunReference = string | { readonly id: string }

/** Tutti for a test: a store in memory, a clock that waits for nobody, ids from a seed. Flows that are called directly run here too. */
export interface TestTutti extends AsyncDisposable {
  readonly clock: TestClock
  /** Lets chosen store calls of this process go wrong. */
  readonly faults: Faults
  /** Everything that is recorded, read past all faults. */
  readonly orchestrator: Orchestrator
  /** Runs a flow to its end. Never throws: a failure is a state of the run, and so is a crash. */
  run<In, Result>(flow: Flow<In, Result>, ...parameters: CallArguments<In>): Promise<TestRun<Result>>
  resume<In, Result>(flow: Flow<In, Result>, run: RunReference): Promise<TestRun<Result>>
  retry<In, Result>(flow: Flow<In, Result>, run: RunReference, options?: RetryOptions): Promise<TestRun<Result>>
  /** Runs a run that ended again, as a new run; a refusal is the error of what is answered. */
  rerun<In, Result>(flow: Flow<In, Result>, run: RunReference, options?: RerunOptions): Promise<TestRun<Result>>
  cancel(run: RunReference, message?: string): Promise<void>
  /** The next run that waits for somebody (`pause`, `waitForInput`), as soon as it does. */
  paused(): Promise<PausedRun>
  /** Gives a run what it waits for. Throws `INVALID_INPUT` or `NOT_WAITING`, and the run waits on. */
  answer(run: RunReference, input?: unknown): Promise<void>
  /**
   * Kills the process, as far as Tutti can see: what it had in memory is gone, what it does from now on reaches nothing. A new process
   * has opened the store when this resolves. JavaScript that is under way cannot be stopped: let tasks wait for something a test never gives them.
   */
  crash(): Promise<void>
  /** A second process on the same store and clock. */
  another(): TestTutti
  close(): Promise<void>
}

/** Makes Tutti for a test: `await using tutti = await testTutti()`. */
export function testTutti(options: TestTuttiOptions = {}): Promise<TestTutti> {
  return openSession(options)
}

/** Changes what the engine of the first process gets; `kill` ends that process. */
export type FirstOrchestrator = (orchestrator: Orchestrator, kill: () => void) => Orchestrator

/** @internal */
export async function openSession(options: TestTuttiOptions, first?: FirstOrchestrator): Promise<TestTutti> {
  const { seed = 1, clock = 'virtual', path = ':memory:', start = '2026-01-01T00:00:00Z' } = options
  const world = await openWorld({ seed, clock, path, start: startOf(start) })
  const session = new Session(world, { owner: true, first })
  await world.orchestrator.flowRuns.recover(RECOVER_MAX)
  return session
}

const RECOVER_MAX = 1_000

function startOf(start: string | Date): Instant {
  const instant = typeof start === 'string' ? parseInstant(start) : instantFromDate(start)
  if (instant === undefined || Number.isNaN(instant))
    throw new TuttiError('INVALID_OPTION', `testTutti: start: ${String(start)} is not a time`)
  return instant
}

class Session implements TestTutti {
  readonly clock: TestClock
  readonly faults = new Faults()
  readonly orchestrator: Orchestrator
  readonly #world: World
  /** Opens and closes the world; flows that are called directly run in its process. */
  readonly #owner: boolean
  readonly #known = new Set<string>()
  #process: TestProcess
  #restarted: Promise<unknown> = Promise.resolve()
  /** Runs that wait and that no test has asked for, and tests that have asked. */
  readonly #pausedIds: string[] = []
  readonly #askers: ((id: string) => void)[] = []
  #closed = false

  constructor(world: World, { owner, first }: { readonly owner: boolean; readonly first?: FirstOrchestrator | undefined }) {
    this.#world = world
    this.#owner = owner
    this.clock = testClock(world)
    this.orchestrator = world.orchestrator
    this.#process = this.#start(first)
  }

  run<In, Result>(flow: Flow<In, Result>, ...parameters: CallArguments<In>): Promise<TestRun<Result>> {
    const { engine } = this.#process
    const call = (): RunFuture<unknown> => runOutside(() => callFlow(flow.definition, parameters[0], () => engine))
    return this.#follow(flow.flowName, call) as Promise<TestRun<Result>> // the engine works on unknown values; the flow's type says which
  }

  resume<In, Result>(flow: Flow<In, Result>, run: RunReference): Promise<TestRun<Result>> {
    return this.#continue(flow, run, 'resume')
  }

  retry<In, Result>(flow: Flow<In, Result>, run: RunReference, options: RetryOptions = {}): Promise<TestRun<Result>> {
    if (options.from === undefined && options.results === undefined) return this.#continue(flow, run, 'retry')
    const { engine, recorder } = this.#process
    const id = idOf(run)
    recorder.forget(id)
    const call = (): RunFuture<unknown> => rerunCall(flow.definition, id, { ...options, how: 'retry' }, () => engine)
    return this.#follow(flow.flowName, call, id) as Promise<TestRun<Result>> // as above
  }

  rerun<In, Result>(flow: Flow<In, Result>, run: RunReference, options: RerunOptions = {}): Promise<TestRun<Result>> {
    const { engine } = this.#process
    const call = (): RunFuture<unknown> => rerunCall(flow.definition, idOf(run), { ...options, how: 'new run' }, () => engine)
    return this.#follow(flow.flowName, call) as Promise<TestRun<Result>> // as above
  }

  cancel(run: RunReference, message?: string): Promise<void> {
    return cancelRun(idOf(run), () => this.#process.engine, message)
  }

  async paused(): Promise<PausedRun> {
    const id = this.#pausedIds.shift() ?? (await new Promise<string>((resolve) => this.#askers.push(resolve)))
    const wait = await this.orchestrator.waits.open(id)
    const schema = wait?.schema ?? null
    return {
      id,
      key: wait?.key ?? null,
      description: wait?.description ?? null,
      schema: schema === null ? null : (JSON.parse(schema) as unknown),
    }
  }

  async answer(run: RunReference, input?: unknown): Promise<void> {
    await answerWait(this.#process.engine.orchestrator.waits, idOf(run), input === undefined ? null : JSON.stringify(input))
  }

  async crash(): Promise<void> {
    this.#process.kill()
    await this.#restarted
  }

  another(): TestTutti {
    return new Session(this.#world, { owner: false })
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    clearProcessEngine(this.#process.engine)
    this.#process.kill()
    if (!this.#owner) return
    this.#world.virtual?.close()
    await this.#world.store.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #start(first?: FirstOrchestrator): TestProcess {
    const process = startProcess(this.#world, { faults: this.faults, onDeath: () => this.#restart(), changed: first })
    process.engine.observers.add({
      flowRun: ({ id, state }) => {
        if (state.type !== 'paused') return
        const asker = this.#askers.shift()
        if (asker === undefined) this.#pausedIds.push(id)
        else asker(id)
      },
    })
    if (this.#owner) setProcessEngine(process.engine)
    return process
  }

  #restart(): void {
    if (this.#closed) return
    this.#process = this.#start()
    this.#restarted = this.#world.orchestrator.flowRuns.recover(RECOVER_MAX)
  }

  #continue<In, Result>(flow: Flow<In, Result>, run: RunReference, how: 'resume' | 'retry'): Promise<TestRun<Result>> {
    const { engine, recorder } = this.#process
    const id = idOf(run)
    recorder.forget(id)
    const call = (): RunFuture<unknown> => continueCall(flow.definition, id, how, () => engine)
    return this.#follow(flow.flowName, call, id) as Promise<TestRun<Result>> // as above
  }

  #follow(flowName: string, call: () => RunFuture<unknown>, id?: string): Promise<TestRun> {
    const run = this.#toEnd(flowName, call, id)
    // A test may leave a run behind that hangs; whoever awaits it is told all the same.
    run.catch(() => undefined)
    return run
  }

  /** Waits for the end of a call, or of the process it was made in, and reads what was recorded. */
  async #toEnd(flowName: string, call: () => RunFuture<unknown>, id: string | undefined): Promise<TestRun> {
    const process = this.#process
    if (process.engine.active.size === 0) this.#world.virtual?.forget()
    const future = call()
    const end = await Promise.race([future.state(), process.died])
    await Promise.race([process.engine.journal.idle(), process.died])
    if (this.#closed) throw new TuttiError('TEST_CLOSED', `testTutti was closed while flow ${flowName} was running`)
    await this.#restarted
    return this.#read(flowName, future.id ?? id ?? (await this.#newest(flowName, end)), process, end ?? undefined)
  }

  async #read(flowName: string, id: string | null, process: TestProcess, end: RunState | undefined): Promise<TestRun> {
    if (id === null) return unrecordedRun(flowName, end)
    this.#known.add(id)
    const calls = process.recorder.calls(id)
    return recordedRun(this.orchestrator, id, { end, calls })
  }

  /** A process that died before it was told of its run may have recorded it all the same. */
  async #newest(flowName: string, end: RunState | void): Promise<string | null> {
    if (end !== undefined) return null
    const { items } = await this.orchestrator.flowRuns.list({ flowName, level: 'roots', limit: 1 })
    const id = items[0]?.id
    return id === undefined || this.#known.has(id) ? null : id
  }
}

function idOf(run: RunReference): string {
  return typeof run === 'string' ? run : run.id
}
