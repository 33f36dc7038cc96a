import type { StoredValue } from './json.ts'
import { isTerminal } from './state.ts'
import type { JournalEntry } from './task-run.ts'

/** What is asked of a run that ended: where it goes on from, and what differs. */
export interface RerunRequest {
  /**
   * `start`: nothing is reused. A task: its id, the beginning of one, the name of its task run, or the name of a task, which means the first
   * of its calls. `null`: what completed is reused when parameters or results are given, else nothing is.
   */
  readonly from: string | null
  /** Instead of those of the run. `merge`: a JSON object, laid over those of the run. */
  readonly parameters: { readonly type: 'merge'; readonly text: string } | { readonly type: 'replace'; readonly stored: StoredValue } | null
  /** Results that are taken for those of tasks, which are named as in `from`. */
  readonly results: readonly { readonly task: string; readonly stored: StoredValue }[]
  /** Of a run of a deployment: the code that it ran with, or what the deployment has now. */
  readonly code: 'same' | 'newest'
  /** Of the new run: whoever asks again because the answer was lost gets the same run. `null`: one is made up. */
  readonly id: string | null
  /** Of the new run; `null`: made from the one of the run. */
  readonly name: string | null
  /** `retry`: the same run goes on. It must have failed, crashed or been cancelled. */
  readonly how: 'new run' | 'retry'
}

export const PLAIN_RERUN: RerunRequest = { from: null, parameters: null, results: [], code: 'same', id: null, name: null, how: 'new run' }

/** The state of a task run whose result does not count any more, and that was not called again. */
export const SUPERSEDED = 'Superseded'

/** Tasks that a request may name. */
export const RESULTS_MAX = 100

export type RunsAgainBecause =
  | 'chosen'
  /** Its result was handed out after that of the chosen task. */
  | 'after'
  /** It took the result of one that runs again. */
  | 'depends'
  /** It was called inside one that runs again. */
  | 'inside'
  /** One that runs again is called inside it. */
  | 'around'
  | 'failed'
  | 'unfinished'
  /** Its result could not be stored. */
  | 'not kept'
  /** Its transaction has undone it. */
  | 'rolled back'

export interface PlannedTask {
  readonly taskRunId: string
  readonly name: string
  readonly taskKey: string
}

export interface RerunPlan {
  readonly how: RerunRequest['how']
  /** In the order in which their results are handed out. */
  readonly reused: readonly (PlannedTask & { readonly supplied: boolean })[]
  readonly again: readonly (PlannedTask & { readonly because: RunsAgainBecause })[]
}

export type PlannedRerun =
  | { readonly type: 'plan'; readonly plan: RerunPlan; readonly supplied: ReadonlyMap<string, StoredValue> }
  | { readonly type: 'refused'; readonly reason: string }

/** As the engine finds it in the journal. */
type Entry = Pick<
  JournalEntry,
  'id' | 'taskKey' | 'name' | 'state' | 'number' | 'ordinal' | 'upstream' | 'parentTaskRunId' | 'outcomeFormat'
>

/** As `engine/replay-book.ts` names the state of a task run whose effect was undone. */
const ROLLED_BACK = 'RolledBack'

/**
 * Which task runs of a run are reused, and which run again. Results are numbered in the order in which they reached user code, and replay
 * keeps that order: so whatever was handed out after the first one that differs runs again too, and what is reused comes first.
 */
export function planRerun(entries: readonly Entry[], { from, parameters, results, how }: RerunRequest): PlannedRerun {
  const supplied = new Map<string, StoredValue>()
  for (const { task, stored } of results) {
    const found = namedTasks(entries, task)
    const [first, another] = found
    if (first === undefined) return refused(unknown(entries, task))
    if (another !== undefined)
      return refused(
        `${found.length} task runs are called ${task}, and one result cannot be that of all: name one of ${listed(found.map(({ name }) => name))}`,
      )
    supplied.set(first.id, stored)
  }
  if (from === 'start' && supplied.size > 0) return refused('a run that begins anew reuses nothing, so a result cannot be supplied to it')
  if (from === 'start' || (from === null && supplied.size === 0 && parameters === null && how === 'new run'))
    return {
      type: 'plan',
      plan: { how, reused: [], again: entries.map((entry) => ({ ...plannedOf(entry), because: 'chosen' })) },
      supplied,
    }

  const chosen = from === null ? [] : namedTasks(entries, from)
  if (from !== null && chosen.length === 0) return refused(unknown(entries, from))
  const again = reasonsToRun(entries, { chosen, supplied, keepFailed: how === 'new run' && (from !== null || supplied.size > 0) })
  const plan: RerunPlan = {
    how,
    reused: entries
      .filter(({ id }) => !again.has(id))
      .toSorted(byNumber)
      .map((entry) => ({ ...plannedOf(entry), supplied: supplied.has(entry.id) })),
    again: entries.toSorted(byNumber).flatMap((entry) => {
      const because = again.get(entry.id)
      return because === undefined ? [] : [{ ...plannedOf(entry), because }]
    }),
  }
  return { type: 'plan', plan, supplied }
}

interface Marks {
  readonly chosen: readonly Entry[]
  readonly supplied: ReadonlyMap<string, StoredValue>
  /** Failures that were handed out before are handed out again, so that the flow takes the same branch. */
  readonly keepFailed: boolean
}

function reasonsToRun(entries: readonly Entry[], { chosen, supplied, keepFailed }: Marks): ReadonlyMap<string, RunsAgainBecause> {
  const again = new Map<string, RunsAgainBecause>()
  const mark = (id: string, because: RunsAgainBecause): boolean => {
    if (again.has(id) || supplied.has(id)) return false
    again.set(id, because)
    return true
  }
  for (const { id } of chosen) mark(id, 'chosen')
  const differing = entries.filter(({ id }) => again.has(id) || supplied.has(id))
  const firstNumber = Math.min(...differing.map(({ number }) => number ?? Infinity))
  for (const { id, number } of entries) if (number !== null && number > firstNumber) mark(id, 'after')
  spread(entries, again, supplied, mark)
  for (const entry of entries) {
    const because = supplied.has(entry.id) ? undefined : notReusable(entry, keepFailed)
    if (because !== undefined) mark(entry.id, because)
  }
  return again
}

/** What runs again takes with it what depends on it and what it calls; to be called at all, what stands around it runs too. */
function spread(
  entries: readonly Entry[],
  again: ReadonlyMap<string, RunsAgainBecause>,
  supplied: ReadonlyMap<string, StoredValue>,
  mark: (id: string, because: RunsAgainBecause) => boolean,
): void {
  const around = new Set<string>()
  const byId = new Map(entries.map((entry) => [entry.id, entry]))
  const isChanged = (id: string): boolean => supplied.has(id) || again.has(id)
  for (const entry of entries) {
    if (!isChanged(entry.id)) continue
    for (let above = entry.parentTaskRunId; above !== null && !around.has(above); above = byId.get(above)?.parentTaskRunId ?? null)
      around.add(above)
  }
  for (const id of around) mark(id, 'around')
  // Calls come after what they depend on, but nested ones may have ended before: until nothing is added any more.
  for (let added = true; added;) {
    added = false
    for (const { id, upstream, parentTaskRunId } of entries) {
      if (upstream.some(isChanged)) added = mark(id, 'depends') || added
      const above = parentTaskRunId === null ? undefined : again.get(parentTaskRunId)
      if (above !== undefined && runsInside(above)) added = mark(id, 'inside') || added
    }
  }
}

function notReusable({ state, number, outcomeFormat }: Entry, keepFailed: boolean): RunsAgainBecause | undefined {
  if (!isTerminal(state.type) || number === null || state.type === 'crashed' || state.type === 'cancelled') return 'unfinished'
  if (state.name === ROLLED_BACK) return 'rolled back'
  if (state.type === 'failed' && !keepFailed) return 'failed'
  return outcomeFormat === 'none' ? 'not kept' : undefined
}

/** Whether everything called inside one runs again with it; else what it had called before is as good as everything else before. */
function runsInside(because: RunsAgainBecause): boolean {
  return because === 'chosen' || because === 'depends' || because === 'inside'
}

/** Whether a task run that runs again in its own run is a new beginning, with nothing left of what it called. */
export function beginsAnew(because: RunsAgainBecause): boolean {
  return because !== 'failed' && because !== 'unfinished' && because !== 'not kept'
}

const ID_PREFIX_MIN = 8

/** The task runs that a text means: one by its id, the beginning of that, or its own name; else all of a task. */
function namedTasks(entries: readonly Entry[], text: string): readonly Entry[] {
  const lower = text.toLowerCase()
  const byId = entries.filter(({ id }) => id === lower || (lower.length >= ID_PREFIX_MIN && id.startsWith(lower)))
  if (byId.length > 0) return byId
  const ofTask = entries.filter(({ taskKey }) => taskKey === text || taskKey === `flow:${text}`)
  return ofTask.length > 0 ? ofTask : entries.filter(({ name }) => name === text)
}

function unknown(entries: readonly Entry[], text: string): string {
  const tasks = [...new Set(entries.map(({ taskKey }) => taskKey.replace(/^flow:/, '')))].toSorted()
  return tasks.length === 0
    ? `the run has no task runs, so none is called ${text}`
    : `no task run of it is called ${text}; its tasks are ${listed(tasks)}`
}

const NAMED_MAX = 10

function listed(names: readonly string[]): string {
  const shown = names.slice(0, NAMED_MAX).join(', ')
  return names.length > NAMED_MAX ? `${shown} and ${names.length - NAMED_MAX} more` : shown
}

function plannedOf({ id, name, taskKey }: Entry): PlannedTask {
  return { taskRunId: id, name, taskKey }
}

/** What never reached user code comes last, in the order of ids, which is that of the calls. */
function byNumber(one: Entry, other: Entry): number {
  if (one.number !== other.number) return (one.number ?? Infinity) - (other.number ?? Infinity)
  return one.id < other.id ? -1 : 1
}

function refused(reason: string): PlannedRerun {
  return { type: 'refused', reason }
}
