/** What must hold of the rows a list shows, as data: the wire's filters are turned into it, the store turns it into SQL. */
export type Condition =
  | { readonly type: 'all'; readonly of: readonly Condition[] }
  | { readonly type: 'any'; readonly of: readonly Condition[] }
  | { readonly type: 'not'; readonly of: Condition }
  | { readonly type: 'field'; readonly field: string; readonly test: Test }
  /** Some row of another noun belongs to this one and meets the condition. */
  | { readonly type: 'related'; readonly noun: ConditionNoun; readonly where: Condition }

export type Test =
  /** An empty list is met by nothing. */
  | { readonly is: 'in'; readonly values: readonly (string | number)[] }
  | { readonly is: 'null' }
  /** Contains, without regard to case; `%` and `_` are wildcards. */
  | { readonly is: 'like'; readonly text: string }
  | { readonly is: 'prefix'; readonly text: string }
  /** As `like`, without wildcards. */
  | { readonly is: 'contains'; readonly text: string }
  | { readonly is: 'at-least'; readonly value: number }
  | { readonly is: 'at-most'; readonly value: number }
  /** Lists (tags): all of them, one of them, none at all. */
  | { readonly is: 'has-all'; readonly values: readonly string[] }
  | { readonly is: 'has-any'; readonly values: readonly string[] }
  | { readonly is: 'empty' }

export type ConditionNoun =
  | 'flows'
  | 'flow-runs'
  | 'task-runs'
  | 'deployments'
  | 'work-pools'
  | 'work-queues'
  | 'logs'
  | 'variables'
  | 'artifacts'
  | 'artifact-collections'
  | 'block-types'
  | 'block-schemas'
  | 'block-documents'
  /** The task run that stands for a flow run inside its parent. */
  | 'parent-task-runs'

/** Always true. */
export const ANYTHING: Condition = { type: 'all', of: [] }

/** One page of a list as the protocol asks for it. */
export interface Listing {
  readonly where: Condition
  /** One of the noun's sorts, as the wire spells them: `START_TIME_ASC`. */
  readonly sort: string
  readonly limit: number
  readonly offset: number
}
