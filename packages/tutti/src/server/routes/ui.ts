import { inList, joinedCondition, nullTest } from '../../api/filters.ts'
import { estimatedRunS, latenessS } from '../../api/flow-runs.ts'
import { taskRunToWire } from '../../api/task-runs.ts'
import { countsToWire, ui } from '../../api/ui.ts'
import { stateTypeText, timeText } from '../../api/values.ts'
import type { Condition } from '../../core/condition.ts'
import { isTuttiError, TuttiError } from '../../core/errors.ts'
import type { HistoryRequest } from '../../core/listing-operations.ts'
import { SchemaUnusable } from '../../core/json-schema.ts'
import { schemaErrorTree } from '../../core/schema-error-tree.ts'
import type { ServerOrchestrator } from '../../core/server-orchestrator.ts'
import { STATE_TYPES } from '../../core/state.ts'
import type { StateType } from '../../core/state.ts'
import type { Clock, Instant } from '../../core/time.ts'
import type { Mount } from '../mount.ts'

export function mountUi(mount: Mount, { flowRuns, taskRuns, listings }: ServerOrchestrator, clock: Clock): void {
  mount(ui.countDeployments, ({ body }) => forEach(body.flow_ids, (id) => listings.count('deployments', ofFlow(id))))

  mount(ui.nextRuns, ({ body }) =>
    forEach(body.flow_ids, async (id) => {
      const where = all(ofFlow(id), inList('stateType', ['scheduled']))
      const [view] = await listings.flowRuns({ where, sort: 'NEXT_SCHEDULED_START_TIME_ASC', limit: 1, offset: 0 })
      if (view?.run.state.type !== 'scheduled') return null
      const { name, state } = view.run
      return {
        id: view.run.id,
        flow_id: id,
        name,
        state_name: state.name,
        state_type: stateTypeText(state.type),
        next_scheduled_start_time: timeText(state.scheduledFor),
      }
    }),
  )

  mount(ui.flowRunHistory, async ({ body: { sort, limit, offset, ...filters } }) => {
    const now = clock.now()
    const found = await listings.flowRuns({ where: joinedCondition('flow-runs', filters), sort, limit, offset })
    return found.map(({ run }) => ({
      id: run.id,
      state_type: stateTypeText(run.state.type),
      timestamp: timeText(run.startedAt ?? run.expectedAt),
      duration: estimatedRunS(run, now),
      lateness: latenessS(run, now),
    }))
  })

  mount(ui.countTaskRuns, ({ body }) =>
    forEach(body.flow_run_ids, (id) => listings.count('task-runs', all(inList('flowRunId', [id]), nullTest('childFlowRunId', true)))),
  )

  mount(ui.taskRunCounts, async ({ body }) => {
    const where = joinedCondition('task-runs', body)
    const counts = new Map<StateType, number>()
    for (const type of STATE_TYPES) counts.set(type, await listings.count('task-runs', all(where, inList('stateType', [type]))))
    return countsToWire(counts)
  })

  mount(ui.dashboard, async ({ body: { after, before, where } }) => {
    const request = partsOf(after, before ?? clock.now())
    const parts = Array.from({ length: PARTS }, () => ({ completed: 0, failed: 0 }))
    for (const { bucket, stateType, runs } of await listings.taskRunHistory(where, request)) {
      const part = parts[bucket]
      if (part === undefined) continue
      if (stateType === 'completed') part.completed += runs
      else if (stateType === 'failed' || stateType === 'crashed') part.failed += runs
    }
    return parts
  })

  mount(ui.taskRun, async ({ params }) => {
    const run = await taskRuns.get(params.id)
    return { ...taskRunToWire(run, clock.now()), flow_run_name: run.flowRunId === null ? null : await nameOf(run.flowRunId) }
  })

  mount(ui.validate, async ({ body: { schema, values } }) => {
    try {
      const errors = schemaErrorTree(schema, values)
      return { errors: [...errors], valid: errors.length === 0 }
    } catch (cause) {
      if (cause instanceof SchemaUnusable) throw new TuttiError('INVALID_REQUEST', `the schema cannot be used: ${cause.message}`, { cause })
      throw cause
    }
  })

  /** A task run may be known before its flow run. */
  async function nameOf(flowRunId: string): Promise<string | null> {
    try {
      return (await flowRuns.get(flowRunId)).name
    } catch (error) {
      if (isTuttiError(error, 'FLOW_RUN_NOT_FOUND')) return null
      throw error
    }
  }
}

const PARTS = 20

/** Equal parts of a time, in whole microseconds. */
function partsOf(start: Instant, end: Instant): HistoryRequest {
  const intervalUs = Math.max(1, Math.ceil((end - start) / PARTS))
  return { start, end: start + PARTS * intervalUs, intervalUs }
}

function ofFlow(id: string): Condition {
  return { type: 'related', noun: 'flows', where: inList('id', [id]) }
}

function all(...of: readonly Condition[]): Condition {
  return { type: 'all', of }
}

async function forEach<T>(ids: readonly string[], find: (id: string) => Promise<T>): Promise<Record<string, T>> {
  const found: Record<string, T> = {}
  for (const id of new Set(ids)) found[id] = await find(id)
  return found
}
