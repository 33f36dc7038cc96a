import { dateFromInstant, formatInstant, parseInstant } from '../core/time.ts'
import { madeBySchedule } from '../core/run-context.ts'
import { TuttiError } from '../core/errors.ts'
import { currentContext } from './context.ts'
import type { RunContext } from './context.ts'
import { hashBytes } from './hash.ts'
import type { RunLog } from './log.ts'
import { createRunLog } from './log.ts'
import { recordedValue } from './recorded-value.ts'

/** What code inside a run can ask about it. */
export interface RunAccess {
  readonly flowRunId: string
  readonly flowRunName: string
  readonly flowName: string
  /** The task run this code is in; `null` in the body of a flow. */
  readonly taskRunId: string | null
  readonly taskRunName: string | null
  /** Which attempt this is, from 1: of the task inside a task, else of the flow run. */
  readonly attempt: number
  /** After validation. */
  readonly parameters: unknown
  /** When the run was due: the schedule's time for scheduled runs, else the moment it was made. */
  readonly scheduledFor: Date
  /**
   * What the run is about: the time its schedule or backfill says, however late, moved or spread the run is. Of other runs the moment they
   * were due.
   */
  readonly logicalDate: Date
  readonly tags: readonly string[]
  /** Aborts when the run is cancelled, its time is up, or the task's time is up. Hand it to `fetch` and friends. */
  readonly signal: AbortSignal
  readonly log: RunLog
  /** The same over all attempts of this task run (or flow run): the thing to hand to a payment API. */
  readonly idempotencyKey: string
  /**
   * A key for one of several things that are done here: the same over all attempts, whatever else is done before or at the same time. Asked
   * again for the same thing it answers the key of its second time, and so on.
   */
  keyFor(what: string): string
  /** The time, committed before it is handed out: the same again when the run is resumed. */
  now(): Promise<Date>
  /** A number in [0, 1), the same again when the run is resumed. */
  random(): number
  /** A UUID, the same again when the run is resumed. */
  uuid(): string
}

/** No task is called like this. */
const COUNTED_AS = '\nkey'

/** The run this code is in. Throws `NOT_IN_A_RUN` outside of one. */
export function runAccess(): RunAccess {
  const context = currentContext()
  if (context === undefined) throw new TuttiError('NOT_IN_A_RUN', 'run() was called outside of a flow or task')
  return new Access(context)
}

class Access implements RunAccess {
  readonly #context: RunContext
  constructor(context: RunContext) {
    this.#context = context
  }

  get flowRunId(): string {
    return this.#context.active.run.id
  }
  get flowRunName(): string {
    return this.#context.active.run.name
  }
  get flowName(): string {
    return this.#context.active.run.flowName
  }
  get taskRunId(): string | null {
    return this.#context.task?.record.id ?? null
  }
  get taskRunName(): string | null {
    return this.#context.task?.record.name ?? null
  }
  get attempt(): number {
    return this.#context.task?.record.runCount ?? this.#context.active.run.attempt
  }
  get parameters(): unknown {
    return this.#context.active.parameters
  }
  get scheduledFor(): Date {
    return dateFromInstant(this.#context.active.run.expectedAt)
  }
  get logicalDate(): Date {
    const { dispatch, expectedAt } = this.#context.active.run
    return dateFromInstant(madeBySchedule(dispatch?.context).logicalDate ?? expectedAt)
  }
  get tags(): readonly string[] {
    const { active, task, tags } = this.#context
    return [...new Set([...(task?.record.identity.tags ?? active.run.tags), ...tags])]
  }
  get signal(): AbortSignal {
    return this.#context.task?.signal() ?? this.#context.active.controller.signal
  }
  get log(): RunLog {
    return logOf(this.#context)
  }
  get idempotencyKey(): string {
    return this.#derive('idempotency').toString('hex').slice(0, 32)
  }

  keyFor(what: string): string {
    const occurrence = this.#context.scope.nextOccurrence(COUNTED_AS, what)
    return this.#derive(`key:${what}:${occurrence}`).toString('hex').slice(0, 32)
  }

  async now(): Promise<Date> {
    const read = (): string => formatInstant(this.#context.active.engine.clock.now())
    const text = await recordedValue(this.#context, { kind: 'now', what: 'the time', call: 'run().now()' }, read)
    return dateFromInstant(parseInstant(text) ?? 0)
  }

  random(): number {
    const bytes = this.#derive(`draw:${this.#context.scope.nextDraw()}`)
    return (bytes.readUInt32BE(0) * 0x20_0000 + (bytes.readUInt32BE(4) >>> 11)) / 2 ** 53
  }

  uuid(): string {
    const bytes = this.#derive(`draw:${this.#context.scope.nextDraw()}`)
    // RFC 9562 version 8: the content is this program's own.
    bytes[6] = (bytes[6]! & 0x0f) | 0x80
    bytes[8] = (bytes[8]! & 0x3f) | 0x80
    const hex = bytes.toString('hex')
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`
  }

  /** Bytes that follow from where the call stands, not from when or how often it ran. */
  #derive(what: string): Buffer {
    const { active, scope } = this.#context
    return hashBytes(`${active.run.id}\n${scope.prefix}\n${what}`)
  }
}

/** The log of the run or task run the context stands in. */
export function logOf(context: RunContext): RunLog {
  const { active, task } = context
  return task === null ? active.log : createRunLog(active.engine, active.run.id, task.record.id, task.taskName)
}
