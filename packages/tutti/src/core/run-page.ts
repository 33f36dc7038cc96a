import type { Condition } from './condition.ts'
import type { FlowRunView } from './told-flow-run.ts'

export const RUN_SORTS = [
  'NEWEST',
  'OLDEST',
  'START_TIME_DESC',
  'START_TIME_ASC',
  'EXPECTED_START_TIME_DESC',
  'EXPECTED_START_TIME_ASC',
  'END_TIME_DESC',
  'DURATION_DESC',
  'DURATION_ASC',
] as const

export type RunSort = (typeof RUN_SORTS)[number]

export interface RunFilter {
  readonly where: Condition
  /** Stands in the parameters, as they are written, whatever its case. */
  readonly parametersText: string | null
}

export interface RunPageRequest extends RunFilter {
  readonly sort: RunSort
  readonly limit: number
  /** Of an earlier answer to the same question, in either direction. */
  readonly cursor: string | null
}

export interface RunPage {
  readonly items: readonly FlowRunView[]
  /** What comes next; `null`: nothing. A page may have fewer items than asked for, or none, and still not be the last. */
  readonly cursor: string | null
  /** What came before; `null`: nothing. */
  readonly prevCursor: string | null
  /** Of the deployments that the items are of, by id; one that is deleted is not among them. */
  readonly deploymentNames: ReadonlyMap<string, string>
  /** Only the newest runs that meet the filter were put in this order. */
  readonly isSampled: boolean
}

export interface RunPageOperations {
  /** Throws `INVALID_CURSOR`. */
  page(request: RunPageRequest): Promise<RunPage>
}
