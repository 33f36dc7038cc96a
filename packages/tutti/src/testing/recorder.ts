import type { FlowRunEvent, RunObserver, TaskRunEvent } from '../engine/observer.ts'
import type { StateType } from '../core/state.ts'

/** One call of a task as this process saw it. */
export interface TestCall {
  readonly task: string
  readonly taskRunId: string
  readonly flowRunId: string
  /** The task run's name. */
  readonly name: string
  readonly args: readonly unknown[]
  /** How often the function was started. */
  readonly attempts: number
  /** The result came from the journal of an earlier attempt. */
  readonly replayed: boolean
  /** The result came from the cache. */
  readonly cached: boolean
  readonly state: StateType
  readonly error: unknown
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

/** Writes down what the runs of a process do, in the order in which calls began. */
export class Recorder implements RunObserver {
  readonly #calls: Mutable<TestCall>[] = []
  readonly #byTaskRun = new Map<string, Mutable<TestCall>>()
  readonly #parents = new Map<string, string | null>()

  flowRun({ id, parentFlowRunId }: FlowRunEvent): void {
    this.#parents.set(id, parentFlowRunId)
  }

  taskRun(event: TaskRunEvent): void {
    const call = this.#byTaskRun.get(event.id) ?? this.#begin(event)
    call.state = event.state.type
    call.error = event.error
    if (event.state.type === 'running') call.attempts += 1
    if (event.replayed) call.replayed = true
    if (event.cached) call.cached = true
  }

  /** Calls of a flow run and of the sub-flow runs below it. */
  calls(flowRunId: string): readonly TestCall[] {
    return this.#calls.filter((call) => this.#isBelow(call.flowRunId, flowRunId))
  }

  /** A run that begins anew is told apart from what it did before. */
  forget(flowRunId: string): void {
    const gone = new Set(this.calls(flowRunId))
    for (const call of gone) this.#byTaskRun.delete(call.taskRunId)
    const kept = this.#calls.filter((call) => !gone.has(call))
    this.#calls.splice(0, this.#calls.length, ...kept)
  }

  #begin(event: TaskRunEvent): Mutable<TestCall> {
    const { id, flowRunId, taskName, name, state, args } = event
    const call = {
      task: taskName,
      taskRunId: id,
      flowRunId,
      name,
      args,
      attempts: 0,
      replayed: false,
      cached: false,
      state: state.type,
      error: undefined,
    }
    this.#byTaskRun.set(id, call)
    this.#calls.push(call)
    return call
  }

  #isBelow(flowRunId: string | null | undefined, root: string): boolean {
    for (let at = flowRunId; at !== null && at !== undefined; at = this.#parents.get(at)) if (at === root) return true
    return false
  }
}
