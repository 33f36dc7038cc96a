import type { JsonText } from './literal-json.ts'
import { historyEntry, NOTHING_TOLD } from './task-run-proposal.ts'
import type { State } from './state.ts'
import { HISTORY_MAX } from './task-run.ts'
import type { HistoryEntry, TaskRun, TaskRunPolicy } from './task-run.ts'
import type { Instant } from './time.ts'

/** What a client tells of a task run that it orchestrates itself: one state, and the run as it was with it. Absent: it said nothing of it. */
export interface TaskRunReport {
  readonly id: string
  readonly flowRunId: string | null
  readonly state: State
  readonly taskKey: string
  readonly dynamicKey: string
  readonly name?: string
  readonly tags?: readonly string[]
  readonly labels?: JsonText
  readonly taskInputs?: JsonText
  readonly cacheKey?: string
  readonly cacheExpiration?: Instant
  readonly taskVersion?: string
  readonly policy?: TaskRunPolicy
  readonly runCount?: number
  readonly flowRunRunCount?: number
  readonly expectedAt?: Instant
  readonly startedAt?: Instant
  readonly endedAt?: Instant
  readonly totalRunMs?: number
}

/** The task run after a report; `undefined` when it was known already. Reports come twice, late and in any order. */
export function withReport(run: TaskRun | undefined, report: TaskRunReport): TaskRun | undefined {
  const { state } = report
  if (run === undefined) return asReported(blank(report), report)
  if (run.state.id === state.id || run.history.some(({ id }) => id === state.id)) return undefined
  if (state.timestamp > run.state.timestamp)
    return asReported({ ...run, state, history: [...run.history, historyEntry(run.state)].slice(-HISTORY_MAX) }, report)
  // It came late: the run has gone on, only its history has a gap.
  return { ...run, history: [...run.history, historyEntry(state)].toSorted(byTime).slice(-HISTORY_MAX) }
}

function byTime(one: HistoryEntry, other: HistoryEntry): number {
  return one.timestamp - other.timestamp
}

/** What the report does not say stays as it is. */
function asReported(run: TaskRun, report: TaskRunReport): TaskRun {
  const told = run.told ?? NOTHING_TOLD
  return {
    ...run,
    name: report.name ?? run.name,
    tags: report.tags ?? run.tags,
    runCount: report.runCount ?? run.runCount,
    startedAt: report.startedAt ?? run.startedAt,
    endedAt: report.endedAt ?? run.endedAt,
    told: {
      cacheKey: report.cacheKey ?? told.cacheKey,
      cacheExpiration: report.cacheExpiration ?? told.cacheExpiration,
      taskVersion: report.taskVersion ?? told.taskVersion,
      policy: report.policy ?? told.policy,
      labels: report.labels ?? told.labels,
      taskInputs: report.taskInputs ?? told.taskInputs,
      flowRunRunCount: report.flowRunRunCount ?? told.flowRunRunCount,
      expectedAt: report.expectedAt ?? told.expectedAt,
      totalRunMs: report.totalRunMs ?? told.totalRunMs,
    },
  }
}

function blank({ id, flowRunId, state, taskKey, dynamicKey, expectedAt }: TaskRunReport): TaskRun {
  return {
    id,
    flowRunId,
    taskKey,
    dynamicKey,
    ordinal: 0,
    name: taskKey,
    kind: 'task',
    tags: [],
    parentTaskRunId: null,
    childFlowRunId: null,
    upstream: [],
    sequence: 0,
    attempt: 0,
    state,
    history: [],
    runCount: 0,
    failures: 0,
    number: null,
    createdAt: expectedAt ?? state.timestamp,
    startedAt: null,
    endedAt: null,
    outcome: null,
    told: NOTHING_TOLD,
  }
}
