import { TuttiError } from '../core/errors.ts'
import type { JournalAnswer, JournalOperation } from '../core/orchestrator.ts'
import type { ActiveRun } from './active-run.ts'
import type { TaskRecord } from './task-record.ts'

/** A call that is a task run in the journal: of a task, or a wait. */
export interface RecordedCall {
  readonly record: TaskRecord
  /** Names the call in an error. */
  readonly what: string
  /** The store has answered a write, whatever it says. */
  answered?(): void
  /**
   * A write was not taken: nothing more is written of this call.
   *
   * @param isRowAlone - the store cannot take this row, and takes others.
   */
  notRecorded(error: unknown, isRowAlone: boolean): void
  done(): void
}

/** Writes how things stand; a later write of this call replaces one that is still queued. */
export function recordStanding(active: ActiveRun, call: RecordedCall, then?: () => void): void {
  const { record } = call
  const { sequence } = record
  active.engine.journal.push({
    build: () => (record.sequence === sequence ? { type: 'checkpoint', checkpoint: record.checkpoint() } : undefined),
    settle: (answer, failure) => {
      if (isTaken(call, answer, failure)) then?.()
    },
  })
}

/** Writes the end and hands it to user code once the store has acknowledged it, in the order of the run's results. */
export function recordEnd(active: ActiveRun, call: RecordedCall, deliver: () => void): void {
  const { record } = call
  active.engine.journal.push({
    build: (): JournalOperation => {
      record.number = active.takeNumber()
      return { type: 'checkpoint', checkpoint: record.checkpoint() }
    },
    settle: (answer, failure) => {
      if (!isTaken(call, answer, failure)) return
      active.delivery.offer({
        number: record.number!, // taken when the flush was built
        ready: true,
        deliver: () => {
          deliver()
          call.done()
        },
      })
    },
  })
}

function isTaken(call: RecordedCall, answer: JournalAnswer | undefined, failure: unknown): boolean {
  call.answered?.()
  if (answer === undefined) {
    call.notRecorded(failure, false)
    return false
  }
  if (answer.type !== 'refused') return true
  const { code, reason } = answer
  call.notRecorded(new TuttiError(code, `${call.what} (${call.record.id}) could not be recorded: ${reason}`), code === 'STORE_FAILED')
  return false
}
