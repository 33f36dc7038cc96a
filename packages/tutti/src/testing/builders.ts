import type { FlowRun, FlowRunFacts } from '../core/flow-run.ts'
import type { Lease, LeaseHolder } from '../core/lease.ts'
import { defaultStateName } from '../core/state.ts'
import type { State, StateType } from '../core/state.ts'
import type { OwnTaskRun } from '../core/task-run.ts'
import type { Instant } from '../core/time.ts'

/** 2026-01-01T00:00:00Z: the moment at which whatever these builders make began. */
export const T0: Instant = 1_767_225_600_000_000

/** A flow run that is running, with what a test cares about changed. */
export function aFlowRun(changes: Partial<FlowRun> = {}): FlowRun {
  const id = changes.id ?? '019b7600-0000-7000-8000-000000000001'
  return {
    id,
    flowId: '019b7600-0000-7000-8000-00000000000f',
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
    state: aState('running'),
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
}

/** A task run that completed, with what a test cares about changed. */
export function aTaskRun(changes: Partial<OwnTaskRun> = {}): OwnTaskRun {
  return {
    id: '019b7600-0000-7000-8000-000000000101',
    flowRunId: '019b7600-0000-7000-8000-000000000001',
    taskKey: 'fetch-page',
    dynamicKey: 'aaaaaaaaaaaaaaaa',
    ordinal: 0,
    name: 'fetch-page-0',
    kind: 'task',
    tags: [],
    parentTaskRunId: null,
    childFlowRunId: null,
    upstream: [],
    sequence: 2,
    attempt: 1,
    state: aState('completed'),
    history: [],
    runCount: 1,
    failures: 0,
    number: 1,
    createdAt: T0,
    startedAt: T0,
    endedAt: T0,
    outcome: { format: 'json', text: '1' },
    ...changes,
  }
}

export function aState(
  type: StateType,
  changes: { readonly timestamp?: Instant; readonly name?: string; readonly scheduledFor?: Instant } = {},
): State {
  const { timestamp = T0, scheduledFor = timestamp, name = defaultStateName(type) } = changes
  const stamp = { id: '019b7600-0000-7000-8000-0000000000aa', name, timestamp, message: null }
  return type === 'scheduled' ? { ...stamp, type, scheduledFor } : { ...stamp, type }
}

export function aHolder(changes: Partial<LeaseHolder> = {}): LeaseHolder {
  return { host: 'here', bootId: 'boot-1', pid: 4711, processStart: '100', ...changes }
}

export function aLease(changes: Partial<Lease> = {}): Lease {
  return { holder: aHolder(), until: T0 + 45_000_000, ...changes }
}

export function facts(changes: Partial<FlowRunFacts> = {}): FlowRunFacts {
  return { holder: 'alive', stateId: '019b7600-0000-7000-8000-0000000000ff', ...changes }
}
