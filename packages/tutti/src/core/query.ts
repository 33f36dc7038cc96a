import type { StateType } from './state.ts'
import type { Instant } from './time.ts'

/** A list is always a page. `cursor` is opaque and continues where the page ended; `null` at the end. */
export interface Page<T> {
  readonly items: readonly T[]
  readonly cursor: string | null
}

export const PAGE_LIMIT_MAX = 1000

interface PageQuery {
  /** 1 to 1000. */
  readonly limit: number
  readonly cursor?: string
}

/** Newest first. Every condition given must hold. */
export interface FlowRunQuery extends PageQuery {
  readonly flowName?: string
  readonly states?: readonly StateType[]
  /** All of them. */
  readonly tags?: readonly string[]
  /** Created at or after. */
  readonly since?: Instant
  readonly until?: Instant
  /** Part of the run's name. */
  readonly nameContains?: string
  /** `roots`: without sub-flow runs. */
  readonly level?: 'all' | 'roots'
  readonly parentTaskRunId?: string
}

/** In the order in which the task runs began. */
export interface TaskRunQuery extends PageQuery {
  readonly flowRunId?: string
  readonly states?: readonly StateType[]
  readonly taskKey?: string
}

/** Oldest first; `order: 'newest'` pages from the end. */
export interface LogQuery extends PageQuery {
  readonly flowRunId: string
  readonly taskRunId?: string
  readonly levelMin?: number
  readonly order?: 'oldest' | 'newest'
}
