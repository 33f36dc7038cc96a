import type { FlowRun } from '../../src/core/flow-run.ts'
import { createIds } from '../../src/core/id.ts'
import type { Ids } from '../../src/core/id.ts'
import type { Lease, LeaseHolder } from '../../src/core/lease.ts'
import type { LogRecord } from '../../src/core/log.ts'
import { defaultStateName } from '../../src/core/state.ts'
import type { State, StateType } from '../../src/core/state.ts'
import type { Checkpoint } from '../../src/core/task-run.ts'
import type { Instant } from '../../src/core/time.ts'
import { seededRandom } from '../../src/testing/seeded-random.ts'

/** 2026-01-01T00:00:00.000001Z: odd in its last digit, so that a store which keeps milliseconds only is found out. */
export const T0: Instant = 1_767_225_600_000_001
export const SECOND = 1_000_000
export const HOUR = 3600 * SECOND
export const DAY = 24 * HOUR

/** Ids in the order of their making, the same in every run. */
export function seededIds(seed = 1): Ids {
  return createIds(() => T0, seededRandom(seed))
}

export function aHolder(changes: Partial<LeaseHolder> = {}): LeaseHolder {
  return { host: 'here', bootId: 'boot-1', pid: 4711, processStart: '100', ...changes }
}

export function aLease(changes: Partial<Lease> = {}): Lease {
  return { holder: aHolder(), until: T0 + 45 * SECOND, ...changes }
}

/** Records with ids of their own; a test names only what it is about. */
export interface Records {
  readonly ids: Ids
  state(type: StateType, timestamp?: Instant, changes?: Partial<Pick<State, 'name' | 'message'>>): State
  flowRun(changes?: Partial<FlowRun>): FlowRun
  checkpoint(changes: Partial<Checkpoint> & Pick<Checkpoint, 'flowRunId'>): Checkpoint
  log(flowRunId: string, changes?: Partial<LogRecord>): LogRecord
}

export function createRecords(seed = 1): Records {
  const ids = seededIds(seed)
  let calls = 0

  function state(type: StateType, timestamp: Instant = T0, changes: Partial<Pick<State, 'name' | 'message'>> = {}): State {
    const stamp = { id: ids.next(), name: defaultStateName(type), timestamp, message: null, ...changes }
    return type === 'scheduled' ? { ...stamp, type, scheduledFor: timestamp } : { ...stamp, type }
  }

  return {
    ids,
    state,
    flowRun(changes = {}) {
      const id = changes.id ?? ids.next()
      return {
        id,
        flowId: 'a-flow',
        flowName: 'sync',
        name: 'quiet-otter',
        version: null,
        entrypoint: null,
        tags: [],
        parameters: { format: 'json', text: '{}' },
        idempotencyKey: null,
        parentTaskRunId: null,
        rootId: id,
        policy: { retries: 0, crashRestarts: 0 },
        state: state('running'),
        runCount: 1,
        attempt: 1,
        failures: 0,
        replayFailedFrom: 0,
        lease: aLease(),
        createdAt: T0,
        expectedAt: T0,
        startedAt: T0,
        endedAt: null,
        totalRunMs: 0,
        outcome: null,
        ...changes,
      }
    },
    checkpoint(changes) {
      calls += 1
      return {
        id: ids.next(),
        taskKey: 'fetch-page',
        dynamicKey: `call-${String(calls).padStart(6, '0')}`,
        ordinal: calls - 1,
        name: `fetch-page-${calls - 1}`,
        kind: 'task',
        tags: [],
        parentTaskRunId: null,
        childFlowRunId: null,
        upstream: [],
        sequence: 2,
        attempt: 1,
        state: state('completed'),
        history: [],
        runCount: 1,
        failures: 0,
        number: calls,
        createdAt: T0,
        startedAt: T0,
        endedAt: T0,
        outcome: { format: 'json', text: '1' },
        cache: null,
        ...changes,
      }
    },
    log: (flowRunId, changes = {}) => ({
      id: ids.next(),
      flowRunId,
      taskRunId: null,
      logger: 'sync',
      level: 20,
      message: 'hello',
      timestamp: T0,
      ...changes,
    }),
  }
}
