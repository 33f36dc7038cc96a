// What a task run did over time, read from its states: attempts, and the waits between them.
import type { TaskRunRow } from '../../queries/task-runs.ts'
import { isTerminal, toneOf } from '../../states.ts'
import type { Tone } from '../../states.ts'

/** `run`: its code ran. `wait`: it stood still, for a slot, a retry, somebody or its time. `mark`: it took no time at all. */
export interface Segment {
  readonly kind: 'run' | 'wait' | 'mark'
  readonly tone: Tone
  /** Milliseconds since the epoch, with the microseconds of the wire as a fraction. */
  readonly from: number
  /** `null`: still going on. */
  readonly to: number | null
  /** In words, for who points at it. */
  readonly label: string
}

/** A task run as the views draw it. */
export interface Task {
  readonly id: string
  readonly row: TaskRunRow
  readonly tone: Tone
  /** How it stands, in one word. */
  readonly word: string
  readonly segments: readonly Segment[]
  /** When it was called. */
  readonly called: number
  /** Beginning of its first attempt, or of what stands for it. */
  readonly from: number
  /** `null`: still going on. */
  readonly to: number | null
}

/** Shorter than this nobody waited: the time between a call and its first line. */
const WAIT_MIN_MS = 5

/** `2026-11-28T08:38:51.599528Z` with its microseconds, which `Date` drops. */
export function parseTime(text: string): number {
  const ms = Date.parse(text)
  const fraction = /\.\d{3}(\d{3})/.exec(text)?.[1]
  return fraction === undefined ? ms : ms + Number(fraction) / 1_000
}

interface Moment {
  readonly type: string
  readonly name: string
  readonly at: number
}

/** How it stands, and how it came to that. `runCount`: attempts of the flow run. */
export function standingOf(
  row: Pick<TaskRunRow, 'state_type' | 'state_name' | 'run_count' | 'flow_run_attempt'>,
  runCount: number,
): { readonly tone: Tone; readonly word: string } {
  const tone = toneOf(row.state_type, row.state_name)
  if (row.state_type === 'COMPLETED') {
    if (row.flow_run_attempt > 0 && row.flow_run_attempt < runCount) return { tone: 'replayed', word: 'Replayed' }
    if (tone === 'completed' && row.run_count > 1) return { tone: 'retried', word: 'Retried' }
  }
  return { tone, word: spaced(row.state_name) }
}

/** `runCount`: attempts of the flow run; what an earlier one has completed was replayed by the latest. */
export function taskOf(row: TaskRunRow, runCount: number): Task {
  const called = parseTime(row.created)
  const moments: Moment[] = row.history.map(({ type, name, timestamp }) => ({ type, name, at: parseTime(timestamp) }))
  const stateAt = parseTime(row.state_timestamp)
  moments.push({ type: row.state_type, name: row.state_name, at: stateAt })
  const { tone, word } = standingOf(row, runCount)
  const segments = segmentsOf(moments, called, tone)
  const isEnded = isTerminal(row.state_type)
  const firstRun = segments.find(({ kind }) => kind !== 'wait' || segments.length === 1)
  return {
    id: row.id,
    row,
    tone,
    word,
    segments,
    called,
    from: firstRun?.from ?? segments[0]?.from ?? called,
    to: isEnded ? Math.max(stateAt, segments[0]?.from ?? stateAt) : null,
  }
}

function segmentsOf(moments: readonly Moment[], called: number, tone: Tone): readonly Segment[] {
  const segments: Segment[] = []
  const first = moments[0]!
  if (first.at - called > WAIT_MIN_MS && !isTerminal(first.type))
    segments.push({ kind: 'wait', tone: 'pending', from: called, to: first.at, label: 'waited to start' })
  let attempt = 0
  for (const [index, moment] of moments.entries()) {
    const next = moments[index + 1]
    if (isTerminal(moment.type)) continue
    const to = next?.at ?? null
    if (moment.type === 'RUNNING') {
      attempt += 1
      const outcome = outcomeOf(next, tone)
      segments.push({ kind: 'run', tone: outcome, from: moment.at, to, label: attemptLabel(attempt, outcome, moments) })
    } else segments.push({ kind: 'wait', tone: waitTone(moment), from: moment.at, to, label: waitLabel(moment, to === null) })
  }
  const last = moments.at(-1)!
  if (segments.every(({ kind }) => kind === 'wait') && isTerminal(last.type) && !moments.some(({ name }) => WAITS.has(name)))
    segments.push({ kind: 'mark', tone, from: last.at, to: last.at, label: spaced(last.name).toLowerCase() })
  return segments
}

/** How an attempt ended, by what came after it. */
function outcomeOf(next: Moment | undefined, tone: Tone): Tone {
  if (next === undefined) return 'running'
  if (next.type === 'SCHEDULED' && next.name === 'AwaitingRetry') return 'failed'
  // It began again without having ended: its process had gone away.
  if (next.type === 'RUNNING') return next.name === 'Retrying' ? 'failed' : 'crashed'
  return isTerminal(next.type) && tone !== 'running'
    ? toneOf(next.type, next.name) === 'completed'
      ? tone
      : toneOf(next.type, next.name)
    : 'running'
}

function attemptLabel(attempt: number, outcome: Tone, moments: readonly Moment[]): string {
  const isOnly = moments.filter(({ type }) => type === 'RUNNING').length === 1
  const how =
    outcome === 'running'
      ? 'runs'
      : outcome === 'crashed'
        ? 'was cut off'
        : outcome === 'failed'
          ? 'failed'
          : outcome === 'cancelled'
            ? 'was called off'
            : 'ended well'
  return isOnly ? how : `attempt ${attempt} ${how}`
}

const WAITS = new Set(['Sleeping', 'AwaitingInput', 'Paused', 'Suspended'])

function waitTone({ type, name }: Moment): Tone {
  if (WAITS.has(name)) return 'paused'
  if (name === 'AwaitingConcurrencySlot') return 'late'
  return toneOf(type, name)
}

function waitLabel({ name, type }: Moment, isNow: boolean): string {
  const verb = isNow ? 'waits' : 'waited'
  switch (name) {
    case 'AwaitingRetry':
      return `${verb} for its next attempt`
    case 'Sleeping':
      return isNow ? 'sleeps' : 'slept'
    case 'AwaitingInput':
      return `${verb} for input`
    case 'AwaitingConcurrencySlot':
      return `${verb} for a slot of a limit`
    case 'Paused':
    case 'Suspended':
      return `${verb} for somebody`
    default:
      return type === 'PENDING' ? `${verb} to start` : `${verb} (${spaced(name).toLowerCase()})`
  }
}

/** `AwaitingRetry` → `Awaiting retry`. */
function spaced(name: string): string {
  return name.replaceAll(/([a-z])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`)
}

/** How long it took, or has been at it. */
export function tookMs({ from, to }: Pick<Task, 'from' | 'to'>, now: number): number {
  return Math.max(0, (to ?? now) - from)
}
