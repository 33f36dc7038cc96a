// What the protocol's own dashboard asks: many small counts at once. The protocol's document leaves it out.
import { z } from 'zod'
import type { SchemaErrorTree } from '../core/schema-error-tree.ts'
import { STATE_TYPES } from '../core/state.ts'
import type { StateType } from '../core/state.ts'
import { endpoint } from './endpoint.ts'
import { joinedCondition, joinedShape } from './filters.ts'
import { flowRunSort, optionalBody } from './lists.ts'
import { PAGE_MAX, pageFields } from './page.ts'
import { count, idParams } from './shapes.ts'
import { taskRunWire } from './task-runs.ts'
import { instant, integerBetween, jsonObject, stateTypeText, uuid, wire } from './values.ts'

const ids = z.array(uuid).max(PAGE_MAX)
const perId = z.record(z.string(), count)

const nextRunWire = z.object({
  id: wire.uuid,
  flow_id: wire.uuid,
  name: z.string(),
  state_name: z.string(),
  state_type: wire.stateType,
  next_scheduled_start_time: wire.time,
})

const runPointWire = z.object({
  id: wire.uuid,
  state_type: wire.stateType,
  timestamp: wire.time,
  duration: wire.seconds,
  lateness: wire.seconds,
})

const POINTS_MAX = 1_000

/** How many there are of each type, also of those of which there is none. */
export function countsToWire(counts: ReadonlyMap<StateType, number>): Record<string, number> {
  return Object.fromEntries(STATE_TYPES.map((type) => [stateTypeText(type), counts.get(type) ?? 0]))
}

const dashboardShape = joinedShape('flows', 'flow_runs', 'task_runs', 'deployments', 'work_pools', 'work_queues')

/** The time that is looked at is a member of a filter, which must be there. */
const dashboardTime = z
  .object({ task_runs: z.object({ start_time: z.object({ after_: instant, before_: instant.nullish() }) }) })
  .transform(({ task_runs: { start_time: at } }) => ({ after: at.after_, before: at.before_ ?? null }))

const dashboardBody = z
  .intersection(z.object(dashboardShape), dashboardTime)
  .transform(({ after, before, ...filters }) => ({ after, before, where: joinedCondition('task-runs', filters) }))

const schemaErrorWire: z.ZodType<SchemaErrorTree[number]> = z.lazy(() =>
  z.union([
    z.string(),
    z.object({ property: z.string(), errors: z.array(schemaErrorWire) }),
    z.object({ index: z.int(), errors: z.array(schemaErrorWire) }),
  ]),
)

export const ui = {
  countDeployments: endpoint({
    method: 'POST',
    path: '/ui/flows/count-deployments',
    summary: 'How many deployments each flow has.',
    body: z.object({ flow_ids: ids }),
    output: perId,
  }),
  nextRuns: endpoint({
    method: 'POST',
    path: '/ui/flows/next-runs',
    summary: 'The run of each flow that begins next.',
    body: z.object({ flow_ids: ids }),
    output: z.record(z.string(), nextRunWire.nullable()),
  }),
  flowRunHistory: endpoint({
    method: 'POST',
    path: '/ui/flow_runs/history',
    summary: 'Flow runs as points of a chart.',
    body: optionalBody({
      ...joinedShape('flows', 'flow_runs', 'task_runs', 'deployments', 'work_pools'),
      sort: z.preprocess((value) => value ?? 'EXPECTED_START_TIME_DESC', flowRunSort),
      limit: z.preprocess((value) => value ?? POINTS_MAX, integerBetween(0, POINTS_MAX)),
      offset: pageFields.offset,
    }),
    output: z.array(runPointWire),
  }),
  countTaskRuns: endpoint({
    method: 'POST',
    path: '/ui/flow_runs/count-task-runs',
    summary: 'How many task runs each flow run has; those that stand for sub-flow runs do not count.',
    body: z.object({ flow_run_ids: ids }),
    output: perId,
  }),
  taskRunCounts: endpoint({
    method: 'POST',
    path: '/ui/task_runs/count',
    summary: 'How many task runs are in each type of state.',
    body: optionalBody(joinedShape('flows', 'flow_runs', 'task_runs', 'deployments')),
    output: z.record(z.string(), count),
  }),
  dashboard: endpoint({
    method: 'POST',
    path: '/ui/task_runs/dashboard/counts',
    summary: 'How many task runs completed and failed, in 20 equal parts of a time.',
    body: dashboardBody,
    output: z.array(z.object({ completed: count, failed: count })),
  }),
  taskRun: endpoint({
    method: 'GET',
    path: '/ui/task_runs/{id}',
    summary: 'One task run, with the name of its flow run.',
    params: idParams,
    output: taskRunWire.extend({ flow_run_name: z.string().nullable() }).meta({ id: 'UiTaskRun' }),
    errors: ['TASK_RUN_NOT_FOUND'],
  }),
  validate: endpoint({
    method: 'POST',
    path: '/ui/schemas/validate',
    summary: 'What is wrong with values, by a JSON Schema, laid out as the values are.',
    body: z.object({ schema: jsonObject, values: jsonObject }),
    output: z.object({ errors: z.array(schemaErrorWire), valid: z.boolean() }),
    errors: ['INVALID_REQUEST'],
  }),
}
