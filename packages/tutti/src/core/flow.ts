import type { JsonText } from './literal-json.ts'
import type { Instant } from './time.ts'

/** A function a user wrapped with `flow()`, known by its name. */
export interface Flow {
  readonly id: string
  readonly name: string
  readonly tags: readonly string[]
  readonly labels: JsonText
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

export interface NewFlow {
  readonly name: string
  readonly tags: readonly string[]
  readonly labels: JsonText
}

/** What the protocol asks of flows beyond `FlowOperations`. */
export interface ToldFlowOperations {
  /** The flow of that name; made when it is new. */
  ensure(flow: NewFlow): Promise<{ readonly flow: Flow; readonly isNew: boolean }>
  /** Throws `NOT_FOUND`. */
  read(id: string): Promise<Flow>
  readByName(name: string): Promise<Flow>
  setTags(id: string, tags: readonly string[]): Promise<void>
  /** With its deployments and runs. */
  remove(id: string): Promise<void>
}
