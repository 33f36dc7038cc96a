import type { LeaseHolder } from '../../src/core/lease.ts'
import type { Liveness, Orchestrator } from '../../src/core/orchestrator.ts'
import type { Clock } from '../../src/core/time.ts'
import { LocalBeats } from '../../src/engine/beat/local-beats.ts'
import { callFlow, continueCall } from '../../src/engine/call-flow.ts'
import { runOutside } from '../../src/engine/context.ts'
import { createEngine, DEFAULT_ENGINE_SETTINGS } from '../../src/engine/engine.ts'
import type { Engine } from '../../src/engine/engine.ts'
import type { RunState } from '../../src/engine/run-state.ts'
import { createOrchestrator } from '../../src/orchestrator/index.ts'
import type { FlowLike } from '../../src/engine/definition.ts'
import type { Store } from '../../src/store/port.ts'
import { captureConsole } from '../../src/system/console.ts'
import { systemIds, systemRandom } from '../../src/system/random.ts'

/** An engine of its own over a store, put together as `connect()` does, as if it were another process. */
export interface PlayedProcess {
  readonly engine: Engine
  readonly orchestrator: Orchestrator
  run(flow: FlowLike): Promise<RunState>
  resume(flow: FlowLike, id: string): Promise<RunState>
  retry(flow: FlowLike, id: string): Promise<RunState>
}

export function playProcess(
  store: Store,
  { holder, liveness, clock }: { holder: LeaseHolder; liveness: Liveness; clock: Clock },
): PlayedProcess {
  const ids = systemIds(clock)
  const own: Liveness = { self: () => holder, of: (other) => liveness.of(other) }
  const orchestrator = createOrchestrator({ store, clock, ids, liveness: own, resultsFolder: null })
  const engine = createEngine({
    orchestrator,
    clock,
    ids,
    random: systemRandom(),
    liveness: own,
    beats: new LocalBeats(orchestrator, clock, { beatMs: 15_000, expiryMs: 45_000, lookMs: 500 }),
    server: null,
    captureConsole,
    names: () => 'quiet-otter',
    settings: DEFAULT_ENGINE_SETTINGS,
  })
  return {
    engine,
    orchestrator,
    run: (flow) => runOutside(() => callFlow(flow.definition, undefined, () => engine)).state(),
    resume: (flow, id) => continueCall(flow.definition, id, 'resume', () => engine).state(),
    retry: (flow, id) => continueCall(flow.definition, id, 'retry', () => engine).state(),
  }
}
