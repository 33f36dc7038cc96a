import { formatDuration } from '../../core/duration.ts'
import { isTuttiError } from '../../core/errors.ts'
import { levelName } from '../../core/log.ts'
import type { LogLevel, LogRecord } from '../../core/log.ts'
import type { FlowRunEvent, TaskRunEvent } from '../../core/observer.ts'
import { dateFromInstant, elapsedMs } from '../../core/time.ts'
import type { Instant } from '../../core/time.ts'
import type { Colour, Paint } from './paint.ts'
import type { Progress } from './progress.ts'

const LEVEL_COLOURS = { debug: 'gray', info: 'cyan', warn: 'yellow', error: 'red' } as const satisfies Record<LogLevel, Colour>

/** Frames of a stack that say nothing about the user's code. */
const INTERNAL = /\(?(?:file:\/\/)?[^()]*(?:\/packages\/tutti\/(?:src|dist)\/|\/node_modules\/tutti\/)|\(?node:/
const FRAMES_MAX = 8
const CAUSES_MAX = 5

/** How runs are said in words: one event, one text of one or more lines. */
export class RunText {
  readonly #paint: Paint

  constructor(paint: Paint) {
    this.#paint = paint
  }

  log(record: LogRecord): string {
    const level = levelName(record.level)
    const head = `${this.#time(record.timestamp)} ${this.#paint(LEVEL_COLOURS[level], level.padEnd(5))} ${this.#paint('gray', record.logger)}`
    return `${head}  ${indented(record.message)}`
  }

  begun({ id, name, flowName, attempt, replaying, state }: FlowRunEvent): string {
    const what = `flow run ${this.#paint('bold', name)} of ${flowName} ${this.#paint('gray', `(${id})`)}`
    if (attempt === 1) return `${this.#time(state.timestamp)} ${what} started`
    return `${this.#time(state.timestamp)} ${what} goes on, attempt ${attempt}: ${onRecord(replaying)}`
  }

  /** A flow run that waits for its next attempt. */
  waits({ name, state }: FlowRunEvent): string {
    return `${this.#time(state.timestamp)} ${this.#paint('yellow', 'retry')} flow run ${name} failed: ${indented(state.message ?? '')}; it is tried again${inTime(state)}`
  }

  /** Somebody, or its time, has ended what it waited for. */
  woken({ name, state }: FlowRunEvent): string {
    return `${this.#time(state.timestamp)} flow run ${this.#paint('bold', name)} goes on`
  }

  /** It has given its process back. */
  left({ id, name, state }: FlowRunEvent): string {
    return `${this.#time(state.timestamp)} ${this.#paint('yellow', state.name)} ${this.#paint('bold', name)} ${this.#paint('gray', `(${id})`)}: ${indented(state.message ?? '')}; a worker goes on with it`
  }

  task({ name, state, error }: TaskRunEvent): string {
    const time = this.#time(state.timestamp)
    switch (state.type) {
      case 'scheduled':
        return `${time} ${this.#paint('yellow', 'retry')} task ${name} failed: ${indented(state.message ?? '')}; it is tried again${inTime(state)}`
      case 'failed':
        return `${time} ${this.#paint('red', 'error')} task ${name} failed: ${indented(state.message ?? '')}${isTuttiError(error) ? ` [${error.code}]` : ''}`
      default:
        return `${time} ${this.#paint('gray', 'debug')} task ${name}: ${state.name}`
    }
  }

  ended({ id, name, state, error, parentFlowRunId }: FlowRunEvent, progress: Progress): string {
    const { timestamp } = state
    const time = `${formatDuration(elapsedMs(progress.since, timestamp))} · ${progress.work()}`
    if (parentFlowRunId !== null)
      return `${this.#time(timestamp)} ${this.#paint('red', state.name)} sub-flow run ${name}: ${indented(state.message ?? '')}`
    if (state.type === 'completed')
      return `${this.#time(timestamp)} ${this.#paint('green', state.name)} ${this.#paint('bold', name)} in ${time}`

    const colour = state.type === 'cancelled' ? 'yellow' : 'red'
    const lines = [
      `${this.#time(timestamp)} ${this.#paint(colour, state.name)} ${this.#paint('bold', name)} after ${time}${state.message === null ? '' : `: ${indented(state.message)}`}`,
      ...(state.type === 'failed' ? this.#errorLines(error) : []),
      `    Continue it with: tutti flow-run ${state.type === 'failed' ? 'retry' : 'resume'} ${id}`,
    ]
    return lines.join('\n')
  }

  #errorLines(error: unknown): readonly string[] {
    const lines: string[] = []
    let at = error
    for (let depth = 0; at instanceof Error && depth < CAUSES_MAX; depth++) {
      if (depth > 0) lines.push(`    caused by ${at.name}: ${indented(at.message)}`)
      const frames = (at.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line) && !INTERNAL.test(line))
      lines.push(...frames.slice(0, FRAMES_MAX).map((line) => this.#paint('gray', `    ${line.trim()}`)))
      if (isTuttiError(at)) lines.push(`    ${at.fix} [${at.code}]`)
      at = at.cause
    }
    return lines
  }

  #time(instant: Instant): string {
    const date = dateFromInstant(instant)
    const two = (value: number): string => String(value).padStart(2, '0')
    const millis = String(date.getMilliseconds()).padStart(3, '0')
    return this.#paint('gray', `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${millis}`)
  }
}

/** Further lines of a message are seen to belong to the first. */
function indented(message: string): string {
  return message.replaceAll('\n', '\n    ')
}

function onRecord(count: number): string {
  return count === 1 ? '1 task run is on record' : `${count.toLocaleString('en')} task runs are on record`
}

function inTime(state: FlowRunEvent['state']): string {
  if (state.type !== 'scheduled' || state.scheduledFor <= state.timestamp) return ' now'
  return ` in ${formatDuration(elapsedMs(state.timestamp, state.scheduledFor))}`
}
