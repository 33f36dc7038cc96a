import type { JsonText } from './literal-json.ts'
import type { Instant } from './time.ts'

/** A fact that happened; never changed. */
export interface Event {
  readonly id: string
  /** `prefect.flow-run.Completed`; users choose any name of at most 1,024 characters. */
  readonly name: string
  readonly occurredAt: Instant
  /** What it happened to: labels, among them `prefect.resource.id`. */
  readonly resource: ResourceLabels
  /** What else had a part in it, each with `prefect.resource.id` and `prefect.resource.role`. */
  readonly related: readonly ResourceLabels[]
  readonly payload: JsonText
  /** The event that came before it, when that matters for their order. */
  readonly follows: string | null
  readonly receivedAt: Instant
}

export type ResourceLabels = Readonly<Record<string, string>>

export const RESOURCE_ID = 'prefect.resource.id'
export const RESOURCE_ROLE = 'prefect.resource.role'
export const RESOURCE_NAME = 'prefect.resource.name'
