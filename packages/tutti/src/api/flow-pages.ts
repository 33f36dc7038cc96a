// What the dashboard's pages of flows and deployments ask, beside the protocol.
import { z } from 'zod'
import { GRID_RUNS_MAX, GRID_TASKS_MAX } from '../core/flow-page.ts'
import type { FlowGrid, FlowOverview, FlowStats, NextRun, RunBar, RunsOverview, Spread } from '../core/flow-page.ts'
import { endpoint } from './endpoint.ts'
import { PAGE_MAX } from './page.ts'
import { count, idParams, queryLimit } from './shapes.ts'
import { countsToWire } from './ui.ts'
import { instant, stateTypeText, timeText, uuid, wire } from './values.ts'

const time = wire.time.nullable()

const gridWire = z
  .object({
    runs: z.array(
      z.object({
        id: wire.uuid,
        name: z.string(),
        state_type: wire.stateType,
        state_name: z.string(),
        start_time: time,
        end_time: time,
        expected_start_time: wire.time,
        total_run_time: wire.seconds,
        deployment_id: wire.uuid.nullable(),
      }),
    ),
    tasks: z.array(z.object({ task_key: z.string(), name: z.string(), count })),
    more_tasks: count,
    cells: z.array(
      z.object({
        flow_run_id: wire.uuid,
        task_key: z.string(),
        state_type: wire.stateType,
        state_name: z.string(),
        task_run_id: wire.uuid,
        count,
        failed: count,
        run_time_ms: z.number().nullable(),
        sampled: z.boolean(),
      }),
    ),
  })
  .meta({ id: 'FlowGrid' })

export function gridToWire({ runs, tasks, moreTasks, cells }: FlowGrid): z.input<typeof gridWire> {
  return {
    runs: runs.map(({ id, name, state, startedAt, endedAt, expectedAt, totalRunMs, dispatch }) => ({
      id,
      name,
      state_type: stateTypeText(state.type),
      state_name: state.name,
      start_time: timeText(startedAt),
      end_time: timeText(endedAt),
      expected_start_time: timeText(expectedAt),
      total_run_time: totalRunMs / 1000,
      deployment_id: dispatch?.deploymentId ?? null,
    })),
    tasks: tasks.map(({ taskKey, name, calls }) => ({ task_key: taskKey, name, count: calls })),
    more_tasks: moreTasks,
    cells: cells.map(({ flowRunId, taskKey, stateType, stateName, taskRunId, calls, failed, tookMs, isSampled }) => ({
      flow_run_id: flowRunId,
      task_key: taskKey,
      state_type: stateTypeText(stateType),
      state_name: stateName,
      task_run_id: taskRunId,
      count: calls,
      failed,
      run_time_ms: tookMs,
      sampled: isSampled,
    })),
  }
}

const seconds = wire.seconds.nullable()
const spreadWire = z.object({ p50: seconds, p95: seconds, p99: seconds, max: seconds }).meta({ id: 'Spread' })

function spreadToWire({ p50, p95, p99, max }: Spread): z.input<typeof spreadWire> {
  const inSeconds = (ms: number | null): number | null => (ms === null ? null : ms / 1000)
  return { p50: inSeconds(p50), p95: inSeconds(p95), p99: inSeconds(p99), max: inSeconds(max) }
}

const statsWire = z
  .object({
    runs: count,
    sampled: z.boolean(),
    states: z.record(z.string(), count),
    failure_rate: z.number().nullable(),
    run_time: spreadWire,
    lateness: spreadWire,
  })
  .meta({ id: 'FlowStats' })

export function statsToWire({ runs, isSampled, byState, failureRate, ranMs, lateMs }: FlowStats): z.input<typeof statsWire> {
  return {
    runs,
    sampled: isSampled,
    states: countsToWire(byState),
    failure_rate: failureRate,
    run_time: spreadToWire(ranMs),
    lateness: spreadToWire(lateMs),
  }
}

const barWire = z
  .object({
    id: wire.uuid,
    name: z.string(),
    state_type: wire.stateType,
    state_name: z.string(),
    expected_start_time: wire.time,
    start_time: time,
    end_time: time,
    total_run_time: wire.seconds,
  })
  .meta({ id: 'RunBar' })

const nextWire = z
  .object({
    id: wire.uuid,
    name: z.string(),
    state_name: z.string(),
    next_scheduled_start_time: wire.time,
    deployment_id: wire.uuid.nullable(),
  })
  .meta({ id: 'NextRun' })

const overviewWire = z.object({ last_runs: z.array(barWire), next_run: nextWire.nullable() }).meta({ id: 'RunsOverview' })
const flowOverviewWire = overviewWire.extend({ deployments: count }).meta({ id: 'FlowOverview' })

function barToWire({ id, name, stateType, stateName, expectedAt, startedAt, endedAt, ranMs }: RunBar): z.input<typeof barWire> {
  return {
    id,
    name,
    state_type: stateTypeText(stateType),
    state_name: stateName,
    expected_start_time: timeText(expectedAt),
    start_time: timeText(startedAt),
    end_time: timeText(endedAt),
    total_run_time: ranMs / 1000,
  }
}

function nextToWire({ id, name, stateName, scheduledFor, deploymentId }: NextRun): z.input<typeof nextWire> {
  return { id, name, state_name: stateName, next_scheduled_start_time: timeText(scheduledFor), deployment_id: deploymentId }
}

export function overviewToWire({ last, next }: RunsOverview): z.input<typeof overviewWire> {
  return { last_runs: last.map(barToWire), next_run: next === null ? null : nextToWire(next) }
}

export function flowOverviewToWire(overview: FlowOverview): z.input<typeof flowOverviewWire> {
  return { ...overviewToWire(overview), deployments: overview.deployments }
}

const ids = z.array(uuid).max(PAGE_MAX)

export const flowPages = {
  grid: endpoint({
    method: 'GET',
    path: '/flows/{id}/grid',
    summary: 'The last runs of a flow, and how each of its tasks went in them.',
    params: idParams,
    query: z.object({ runs: queryLimit(GRID_RUNS_MAX, 30), tasks: queryLimit(GRID_TASKS_MAX, 60), deployment_id: uuid.optional() }),
    output: gridWire,
    errors: ['NOT_FOUND'],
  }),
  stats: endpoint({
    method: 'GET',
    path: '/flows/{id}/stats',
    summary: 'How long runs of a flow took, how late they began and how many failed, of the newest 5,000 of a time.',
    params: idParams,
    query: z.object({ after: instant.optional(), before: instant.optional(), deployment_id: uuid.optional() }),
    output: statsWire,
    errors: ['NOT_FOUND'],
  }),
}

export const overviews = {
  flowOverview: endpoint({
    method: 'POST',
    path: '/ui/flows/overview',
    summary: 'Of each flow the last 20 runs, the one that begins next, and how many deployments it has.',
    body: z.object({ flow_ids: ids }),
    output: z.record(z.string(), flowOverviewWire),
  }),
  deploymentOverview: endpoint({
    method: 'POST',
    path: '/ui/deployments/overview',
    summary: 'Of each deployment the last 10 runs, and the one that begins next.',
    body: z.object({ deployment_ids: ids }),
    output: z.record(z.string(), overviewWire),
  }),
}
