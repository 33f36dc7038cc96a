import type { Condition } from './condition.ts'
import type { TaskRun } from './task-run.ts'

export interface TaskRunPageRequest {
  readonly where: Condition
  readonly limit: number
  /** Of an earlier answer to the same question. */
  readonly cursor: string | null
}

export interface TaskRunPage {
  /** Newest first. */
  readonly items: readonly TaskRun[]
  /** What comes next; `null`: nothing. */
  readonly cursor: string | null
}

export interface TaskRunPageOperations {
  /** Throws `INVALID_CURSOR`. */
  page(request: TaskRunPageRequest): Promise<TaskRunPage>
}
