import type { Json } from '../json.ts'
import type { Schedule } from './schedule.ts'

/** A schedule as code says it should be. */
export interface ScheduleDefinition {
  readonly schedule: Schedule
  /** Tells it from others of its deployment, so that it keeps its runs when it is written again. */
  readonly slug: string | null
  readonly active: boolean
  /** On top of those of the deployment. */
  readonly parameters: Readonly<Record<string, Json>>
}
