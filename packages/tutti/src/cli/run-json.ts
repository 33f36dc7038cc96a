import type { FlowRun } from '../core/flow-run.ts'
import { levelName } from '../core/log.ts'
import type { LogRecord } from '../core/log.ts'
import type { State } from '../core/state.ts'
import type { TaskRun } from '../core/task-run.ts'
import { formatInstant } from '../core/time.ts'
import { timeOrNull } from './moment.ts'

/** What `--json` prints. Names and meanings of these fields stay as they are; new ones may join. */

export function stateJson(state: Pick<State, 'type' | 'name' | 'timestamp'> & { readonly message?: string | null }): object {
  return { type: state.type, name: state.name, message: state.message ?? null, timestamp: formatInstant(state.timestamp) }
}

export function flowRunJson(run: FlowRun): object {
  return {
    id: run.id,
    name: run.name,
    flowName: run.flowName,
    state: stateJson(run.state),
    version: run.version,
    entrypoint: run.entrypoint,
    tags: run.tags,
    idempotencyKey: run.idempotencyKey,
    rootId: run.rootId,
    parentTaskRunId: run.parentTaskRunId,
    attempt: run.attempt,
    runCount: run.runCount,
    failures: run.failures,
    createdAt: formatInstant(run.createdAt),
    startedAt: timeOrNull(run.startedAt),
    endedAt: timeOrNull(run.endedAt),
    totalRunMs: run.totalRunMs,
    heldBy: run.lease === null ? null : { host: run.lease.holder.host, pid: run.lease.holder.pid },
  }
}

export function taskRunJson(run: TaskRun): object {
  return {
    id: run.id,
    name: run.name,
    flowRunId: run.flowRunId,
    kind: run.kind,
    state: stateJson(run.state),
    taskKey: run.taskKey,
    dynamicKey: run.dynamicKey,
    tags: run.tags,
    parentTaskRunId: run.parentTaskRunId,
    childFlowRunId: run.childFlowRunId,
    upstream: run.upstream,
    attempt: run.attempt,
    runCount: run.runCount,
    failures: run.failures,
    createdAt: formatInstant(run.createdAt),
    startedAt: timeOrNull(run.startedAt),
    endedAt: timeOrNull(run.endedAt),
  }
}

export function logJson(record: LogRecord): object {
  return {
    id: record.id,
    flowRunId: record.flowRunId,
    taskRunId: record.taskRunId,
    timestamp: formatInstant(record.timestamp),
    level: levelName(record.level),
    logger: record.logger,
    message: record.message,
  }
}
