import { taskRunRow } from '../api/live.ts'
import type { TaskRunsMessage } from '../api/live.ts'
import { isTuttiError } from '../core/errors.ts'
import type { FlowRun } from '../core/flow-run.ts'
import type { ServerOrchestrator } from '../core/server-orchestrator.ts'
import { isTerminal } from '../core/state.ts'
import type { CallKey, TaskRun } from '../core/task-run.ts'
import type { TaskRunsOfFlowRun } from '../core/told-task-run-operations.ts'
import { elapsedMs } from '../core/time.ts'
import type { Clock, Instant } from '../core/time.ts'
import { createBell } from './bell.ts'
import type { StreamedEvent } from './event-stream.ts'
import type { Hub } from './hub.ts'
import type { TaskRunReaders } from './task-run-readers.ts'

const PAGE = 1_000
/** Whoever looks is not to look more often. */
const REST_MS = 250
/** How often the database is asked for what nobody told: other servers and programs write to it too. */
const LOOK_MS = 2_000
/** States get their times where they are entered, and are written later: so much later, or by clocks that differ so much. */
const OVERLAP_MS = 5_000
/** What came later still is found when everything is read again. */
const READ_ALL_MS = 60_000
/** Without a word for so long, whatever stands between may take the connection for dead. */
const SILENT_MS = 15_000
/** Foreign clients tell of task runs beside their run: the last may come after its end. */
const SETTLE_MS = 3_000
/** More than a reader takes between two messages; instead of keeping them, everything is read again. */
const HEARD_MAX = 5_000

export interface FollowingTaskRuns {
  readonly orchestrator: Pick<ServerOrchestrator, 'flowRuns' | 'taskRuns'>
  readonly hub: Pick<Hub, 'subscribe'>
  readonly readers: TaskRunReaders
  readonly clock: Clock
  readonly id: string
  /** The id of the last event that was received; empty: from the beginning. */
  readonly after: string
  readonly signal: AbortSignal
}

/**
 * All task runs of a flow run, then what changes of them until it has ended. What is told of is passed on as it is, without asking the
 * database; what nobody told is found by the times of states, and at last by reading everything once more.
 */
export async function* followTaskRuns({
  orchestrator: { flowRuns, taskRuns },
  hub,
  readers,
  clock,
  id,
  after,
  signal,
}: FollowingTaskRuns): AsyncGenerator<StreamedEvent, void> {
  const bell = createBell(clock)
  const rest = createBell(clock)
  const heard = new Map<string, TaskRun>()
  const childNames = new Map<string, string>()
  let isRunTold = false
  let isMuchTold = false
  let isForeign = false
  const stop = hub.subscribe(
    (told) => {
      if (told.type === 'flow-run' && told.run.id === id) isRunTold = true
      else if (told.type === 'task-run' && told.run.flowRunId === id) {
        heard.set(told.run.id, told.run)
        if (heard.size > HEARD_MAX) {
          heard.clear()
          isMuchTold = true
        }
      } else return
      bell.ring()
    },
    { details: true },
  )

  const reader = readers.open(after)
  const { had } = reader
  let messages = reader.messages
  const event = (data: TaskRunsMessage): StreamedEvent => ({ id: reader.idOf((messages += 1)), data })

  /** Whether the reader does not have this yet. */
  function isNews({ id: runId, sequence, state, name, told }: TaskRun): boolean {
    isForeign ||= told !== undefined
    const last = had.get(runId)
    if (last !== undefined) {
      if (sequence < last.sequence || (sequence === last.sequence && state.timestamp < last.timestamp)) return false
      if (sequence === last.sequence && state.id === last.stateId && name === last.name) return false
    }
    // It is told with the next message.
    had.set(runId, { sequence, timestamp: state.timestamp, stateId: state.id, name, message: messages + 1 })
    return true
  }

  function rowsOf(
    runs: readonly TaskRun[],
    { more, total }: Pick<TaskRunsTold, 'more' | 'total'> = { more: false, total: null },
  ): TaskRunsTold {
    const rows = runs.map((run) => taskRunRow(run, childNames.get(run.childFlowRunId ?? '') ?? null))
    return { type: 'task_runs', task_runs: rows, more, total }
  }

  function taken({ runs, childNames: names }: TaskRunsOfFlowRun): readonly TaskRun[] {
    for (const [childId, name] of names) childNames.set(childId, name)
    return runs
  }

  /** Of everything there is, in the order of the calls, what the reader does not have. */
  async function* pages(): AsyncGenerator<{ readonly news: readonly TaskRun[]; readonly more: boolean }, void> {
    for (let last: CallKey | null = null; !signal.aborted;) {
      const runs: readonly TaskRun[] = taken(await taskRuns.ofFlowRun(id, { after: last, limit: PAGE }))
      const more = runs.length === PAGE
      yield { news: runs.filter(isNews), more }
      if (!more) return
      last = runs.at(-1) ?? null
    }
  }

  /** Counted once the first page has been told: whoever waits has something to see, and most runs have no second page. */
  async function* readFirst(): AsyncGenerator<StreamedEvent, void> {
    let total: number | null = null
    for await (const { news, more } of pages()) {
      // A reader waits for the last: that there is nothing is said too.
      if (news.length > 0 || !more) yield event(rowsOf(news, { more, total }))
      if (more) total ??= sum(await taskRuns.countByState(id))
    }
  }

  async function* readAgain(): AsyncGenerator<StreamedEvent, void> {
    for await (const { news } of pages()) if (news.length > 0) yield event(rowsOf(news))
  }

  async function* tellHeard(): AsyncGenerator<StreamedEvent, void> {
    while (heard.size > 0) {
      const runs = [...heard.values()].slice(0, PAGE)
      for (const run of runs) heard.delete(run.id)
      const news = runs.filter(isNews)
      for (const { childFlowRunId } of news) {
        if (childFlowRunId === null || childNames.has(childFlowRunId)) continue
        const child = await found(flowRuns, childFlowRunId)
        if (child !== undefined) childNames.set(childFlowRunId, child.name)
      }
      if (news.length > 0) yield event(rowsOf(news))
    }
  }

  try {
    const beganAt = clock.now()
    let [lookedAt, readAllAt, saidAt] = [beganAt, beganAt, beganAt]
    const before = await found(flowRuns, id)
    yield* readFirst()
    // Most that are looked at had ended long ago: nothing has changed since they were read.
    if (before === undefined || hasSettled(before, isForeign, beganAt)) return yield event({ type: 'end' })
    for (let isFirst = true; !signal.aborted; isFirst = false) {
      const now = clock.now()
      let said = 0
      for await (const each of tellHeard()) {
        said += 1
        yield each
      }
      if (isFirst || isRunTold || isMuchTold || elapsedMs(lookedAt, now) >= LOOK_MS) {
        isRunTold = false
        // The run before its task runs: when it has ended, they are whole.
        const run = await found(flowRuns, id)
        const isOver = run === undefined || hasSettled(run, isForeign, now)
        const changed =
          isOver || isMuchTold ? undefined : taken(await taskRuns.changedSince(id, { since: lookedAt - OVERLAP_MS * 1_000, limit: PAGE }))
        lookedAt = now
        if (changed === undefined || changed.length === PAGE || elapsedMs(readAllAt, now) >= READ_ALL_MS) {
          isMuchTold = false
          readAllAt = now
          for await (const each of readAgain()) {
            said += 1
            yield each
          }
        } else {
          const news = changed.filter(isNews)
          if (news.length > 0) {
            said += 1
            yield event(rowsOf(news))
          }
        }
        if (isOver) return yield event({ type: 'end' })
      }
      if (said > 0) saidAt = now
      else if (elapsedMs(saidAt, now) >= SILENT_MS) {
        saidAt = now
        yield null
      }
      await rest.heardOr(REST_MS, signal)
      await bell.heardOr(LOOK_MS, signal)
    }
  } finally {
    stop()
    reader.close()
  }
}

type TaskRunsTold = Extract<TaskRunsMessage, { readonly type: 'task_runs' }>

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((all, each) => all + each, 0)
}

async function found(flowRuns: Pick<ServerOrchestrator['flowRuns'], 'get'>, id: string): Promise<FlowRun | undefined> {
  try {
    return await flowRuns.get(id)
  } catch (error) {
    // It was deleted meanwhile.
    if (isTuttiError(error, 'FLOW_RUN_NOT_FOUND')) return undefined
    throw error
  }
}

function hasSettled({ state }: FlowRun, isForeign: boolean, now: Instant): boolean {
  return isTerminal(state.type) && (!isForeign || elapsedMs(state.timestamp, now) >= SETTLE_MS)
}
