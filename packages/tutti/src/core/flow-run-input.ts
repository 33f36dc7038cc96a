import type { Instant } from './time.ts'

/** A text that somebody handed to a flow run, under a key of its own. */
export interface FlowRunInput {
  readonly id: string
  readonly flowRunId: string
  readonly key: string
  readonly value: string
  /** Who sent it, as they say. */
  readonly sender: string | null
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

export type NewFlowRunInput = Pick<FlowRunInput, 'flowRunId' | 'key' | 'value' | 'sender'>

export interface InputQuery {
  /** Of the key. */
  readonly prefix: string
  readonly excludeKeys: readonly string[]
  readonly limit: number
}

export interface FlowRunInputOperations {
  /** Throws `NOT_FOUND` when there is no such run, `ALREADY_EXISTS` when the key is taken. */
  create(input: NewFlowRunInput): Promise<void>
  /** Oldest first. */
  list(flowRunId: string, query: InputQuery): Promise<readonly FlowRunInput[]>
  /** Throws `NOT_FOUND`. */
  read(flowRunId: string, key: string): Promise<FlowRunInput>
  /** Throws `NOT_FOUND`. */
  remove(flowRunId: string, key: string): Promise<void>
}
