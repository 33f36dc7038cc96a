import { TuttiError } from '../core/errors.ts'
import { LOG_LEVELS } from '../core/log.ts'
import { callTask } from '../engine/call-task.ts'
import { currentContext, runInContext } from '../engine/context.ts'
import type { RunContext } from '../engine/context.ts'
import type { TaskDefinition } from '../engine/definition.ts'
import { Transaction } from '../engine/transaction.ts'
import { engineOfProcess } from './process-engine.ts'

/** What the body of a transaction gets. */
export interface TransactionScope {
  /** Keeps a value for other code of this transaction. */
  set(key: string, value: unknown): void
  get(key: string): unknown
}

/**
 * Runs a group of tasks as one: when the body returns, the `onCommit` of its tasks run; when it throws, their `onRollback` run, both newest
 * first, and the error goes on. Hooks are task runs of their own, so a crash in the middle of an undo does not undo twice. What was undone
 * is called again when the run is retried. A transaction inside another one is committed with the outer one.
 */
export async function transaction<T>(body: (tx: TransactionScope) => Promise<T> | T): Promise<T> {
  const context = currentContext()
  if (context === undefined) throw new TuttiError('NOT_IN_A_RUN', 'transaction() was called outside of a flow or task')
  const inner = new Transaction(context.transaction)
  let result: T
  try {
    result = await runInContext({ ...context, transaction: inner }, () => body(inner))
  } catch (error) {
    // A run that was stopped keeps what is done: it goes on from there when it is resumed.
    if (context.active.halt === undefined) await undo(inner, context)
    throw error
  }
  if (context.transaction === null) for (const step of inner.steps()) await callHook(step.definition, 'onCommit', [step.result])
  else context.transaction.join(inner)
  return result
}

async function undo(transaction: Transaction, { active, task }: RunContext): Promise<void> {
  for (const step of transaction.steps()) {
    const { definition, result } = step
    if (definition.onRollback === null) continue
    try {
      // A resumed run finds what was undone before the crash; a retried one, or a retried task, undoes anew what it has done anew.
      await callHook(definition, 'onRollback', [result, active.run.replayFailedFrom, task?.record.failures ?? 0])
      step.withdraw()
    } catch (error) {
      // The rest must still be undone; the failed hook stands as a failed task run.
      active.log.at(LOG_LEVELS.error, 'transaction', `the rollback of task ${definition.name} failed:`, error)
    }
  }
}

async function callHook(definition: TaskDefinition, which: 'onCommit' | 'onRollback', args: readonly unknown[]): Promise<void> {
  const hook = definition[which]
  if (hook === null) return
  const name = `${definition.name} ${which === 'onCommit' ? 'commit' : 'rollback'}`
  const identified = {
    ...definition.identified,
    name,
    taskKey: name,
    key: null,
    waitFor: [],
    runName: (_args: readonly unknown[], ordinal: number) => `${name}-${ordinal}`,
  }
  const step: TaskDefinition = {
    ...definition,
    name,
    taskKey: name,
    fn: (value) => hook(value),
    identified,
    key: null,
    waitFor: [],
    cache: null,
    onCommit: null,
    onRollback: null,
    onRunning: [],
    onCompletion: [],
    onFailure: [],
  }
  await callTask(step, args, engineOfProcess)
}
