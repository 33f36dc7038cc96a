import type { Condition, Listing } from './condition.ts'
import type { JsonText } from './literal-json.ts'
import type { Instant } from './time.ts'

/** A named plain value that flows can read. */
export interface Variable {
  readonly id: string
  readonly name: string
  readonly value: JsonText
  readonly tags: readonly string[]
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

export type NewVariable = Pick<Variable, 'name' | 'value' | 'tags'>

export type VariableRef = { readonly id: string } | { readonly name: string }

/** A variable that is not there is `NOT_FOUND`. */
export interface VariableOperations {
  /** Throws `ALREADY_EXISTS`. */
  create(variable: NewVariable): Promise<Variable>
  read(ref: VariableRef): Promise<Variable>
  list(listing: Listing): Promise<readonly Variable[]>
  count(where: Condition): Promise<number>
  update(ref: VariableRef, changes: Partial<NewVariable>): Promise<void>
  remove(ref: VariableRef): Promise<void>
}
