import { z } from 'zod'
import type { FlowRun } from '../core/flow-run.ts'
import { inputsOf } from '../core/run-graph.ts'
import type { TaskRun } from '../core/task-run.ts'
import { endpoint } from './endpoint.ts'
import { logWire } from './logs.ts'
import { idParams } from './shapes.ts'
import { stateWire } from './states.ts'
import { stateTypeText, timeText, wire } from './values.ts'

/** What a live view of a flow run is told, one after the other; each message is the data of one server-sent event. */
export const liveMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('state'), state: stateWire }),
  z.object({ type: z.literal('log'), log: logWire }),
  /** The run has ended and its log has been told. */
  z.object({ type: z.literal('end') }),
])

export type LiveMessage = z.output<typeof liveMessage>

const changedRunWire = z
  .object({
    id: wire.uuid,
    flow_id: wire.uuid,
    deployment_id: wire.uuid.nullable(),
    parent_task_run_id: wire.uuid.nullable(),
    state_type: wire.stateType,
    state_name: z.string(),
  })
  .meta({ id: 'ChangedFlowRun' })

/** What a live view of everything is told; each message is the data of one server-sent event. */
export const changesMessage = z.discriminatedUnion('type', [
  /** First on each connection: what happened before is not told, so whatever is shown is asked for again. */
  z.object({ type: z.literal('hello') }),
  z.object({
    type: z.literal('changes'),
    /** Flow runs that entered a state since the last message, each as it is now. */
    flow_runs: z.array(changedRunWire),
    /** What else changed, as it stands in paths: `deployments`, `work_pools`, `events`; `flow_runs`: some that are not named; `logs` for who asked for them. */
    nouns: z.array(z.string()),
    /** There were more flow runs than are told. */
    more: z.boolean(),
  }),
])

export type ChangesMessage = z.output<typeof changesMessage>
export type ChangedFlowRun = z.output<typeof changedRunWire>

export function changedRunToWire(run: FlowRun): ChangedFlowRun {
  return {
    id: run.id,
    flow_id: run.flowId,
    deployment_id: run.dispatch?.deploymentId ?? null,
    parent_task_run_id: run.parentTaskRunId,
    state_type: stateTypeText(run.state.type),
    state_name: run.state.name,
  }
}

const taskRunRowWire = z
  .object({
    id: wire.uuid,
    name: z.string(),
    task_key: z.string(),
    dynamic_key: z.string(),
    /** `flow`: stands for a sub-flow run. */
    kind: z.enum(['task', 'flow']),
    state_type: wire.stateType,
    state_name: z.string(),
    state_message: z.string().nullable(),
    state_timestamp: wire.time,
    created: wire.time,
    start_time: wire.time.nullable(),
    end_time: wire.time.nullable(),
    /** When a retry, or a wait, is due. */
    expected_start_time: wire.time.nullable(),
    run_count: z.int(),
    failures: z.int(),
    /** The attempt of the flow run that wrote last: what an older one wrote was replayed. */
    flow_run_attempt: z.int(),
    /** Counts its writes: of two rows of one task run the later one counts. */
    sequence: z.int(),
    /** Task runs whose results it took or waited for. */
    upstream: z.array(wire.uuid),
    parent_task_run_id: wire.uuid.nullable(),
    child_flow_run_id: wire.uuid.nullable(),
    child_flow_run_name: z.string().nullable(),
    tags: z.array(z.string()),
    /** Former states, oldest first, shortened to the newest 20. */
    history: z.array(z.object({ type: wire.stateType, name: z.string(), timestamp: wire.time })),
  })
  .meta({ id: 'TaskRunRow' })

/** What a live view of the task runs of a flow run is told; each message is the data of one server-sent event. */
export const taskRunsMessage = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('task_runs'),
    /** At most 1,000. */
    task_runs: z.array(taskRunRowWire),
    /** Not all of what there was when the connection began has been told yet. */
    more: z.boolean(),
    /** How many there were when it began; `null` where one message tells them all, before they were counted, and of what changes. */
    total: z.int().nullable(),
  }),
  /** The flow run has ended and all its task runs have been told. */
  z.object({ type: z.literal('end') }),
])

export type TaskRunsMessage = z.output<typeof taskRunsMessage>
export type TaskRunRow = z.output<typeof taskRunRowWire>

const ROW_HISTORY_MAX = 20

export function taskRunRow(run: TaskRun, childName: string | null): TaskRunRow {
  const { state } = run
  const { parents, encapsulating } = inputsOf(run)
  return {
    id: run.id,
    name: run.name,
    task_key: run.taskKey,
    dynamic_key: run.dynamicKey,
    kind: run.childFlowRunId === null ? run.kind : 'flow',
    state_type: stateTypeText(state.type),
    state_name: state.name,
    state_message: state.message,
    state_timestamp: timeText(state.timestamp),
    created: timeText(run.createdAt),
    start_time: timeText(run.startedAt),
    end_time: timeText(run.endedAt),
    expected_start_time: state.type === 'scheduled' ? timeText(state.scheduledFor) : null,
    run_count: run.runCount,
    failures: run.failures,
    flow_run_attempt: run.told?.flowRunRunCount ?? run.attempt,
    sequence: run.sequence,
    upstream: [...parents],
    parent_task_run_id: encapsulating[0] ?? run.parentTaskRunId,
    child_flow_run_id: run.childFlowRunId,
    child_flow_run_name: childName,
    tags: [...run.tags],
    history: run.history
      .slice(-ROW_HISTORY_MAX)
      .map(({ type, name, timestamp }) => ({ type: stateTypeText(type), name, timestamp: timeText(timestamp) })),
  }
}

export const live = {
  flowRun: endpoint({
    method: 'GET',
    path: '/live/flow_runs/{id}',
    summary:
      'The states and the log of a flow run as server-sent events, until it has ended: from the beginning, or its log from a cursor of the log on; `Last-Event-ID` goes on after an earlier one.',
    params: idParams,
    query: z.object({ after: z.string().optional() }),
    output: z.instanceof(ReadableStream),
    media: 'text/event-stream',
    errors: ['FLOW_RUN_NOT_FOUND', 'INVALID_CURSOR'],
  }),
  taskRuns: endpoint({
    method: 'GET',
    path: '/live/flow_runs/{id}/task_runs',
    summary:
      'All task runs of a flow run as server-sent events, at most 1,000 a message, then what changes of them until the run has ended; `Last-Event-ID` goes on after an earlier one.',
    params: idParams,
    output: z.instanceof(ReadableStream),
    media: 'text/event-stream',
    errors: ['FLOW_RUN_NOT_FOUND', 'OVERLOADED'],
  }),
  changes: endpoint({
    method: 'GET',
    path: '/live/changes',
    summary:
      'What changes on this server as server-sent events, at most four a second: flow runs that enter a state, and the nouns of all else; `logs=true`: also that lines of logs were written.',
    query: z.object({ logs: z.enum(['true', 'false']).optional() }),
    output: z.instanceof(ReadableStream),
    media: 'text/event-stream',
    errors: ['OVERLOADED'],
  }),
}
