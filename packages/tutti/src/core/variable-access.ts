import type { Page } from './query.ts'
import type { Instant } from './time.ts'

export interface StoredVariable {
  readonly id: string
  readonly name: string
  /** As JSON. */
  readonly value: string
  readonly tags: readonly string[]
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

export interface VariableToSet {
  /** What a new variable is known by, so that a request that is repeated sets once. `null`: it is given one. */
  readonly id: string | null
  readonly name: string
  /** As JSON. */
  readonly value: string
  /** `null`: those it has stay. */
  readonly tags: readonly string[] | null
  /** Whether a variable of that name may be there already. */
  readonly overwrite: boolean
}

/** By name. */
export interface VariableQuery {
  /** All of them. */
  readonly tags?: readonly string[]
  /** What the name begins with. */
  readonly prefix?: string
  /** 1 to 200. */
  readonly limit: number
  readonly cursor?: string
}

/** Variables as processes use them: by name. */
export interface VariableAccess {
  /** `null`: there is none. */
  find(name: string): Promise<StoredVariable | null>
  /** Throws `ALREADY_EXISTS`. */
  set(variable: VariableToSet): Promise<StoredVariable>
  /** `false`: there was none. */
  unset(name: string): Promise<boolean>
  page(query: VariableQuery): Promise<Page<StoredVariable>>
}

export const VARIABLES_PER_PAGE_MAX = 200
/** Characters of its JSON. */
export const VARIABLE_VALUE_MAX = 5_000
const NAME_MAX = 255

/** What is wrong with a name, as the end of a sentence; `undefined` when nothing is. */
export function variableNameProblem(name: string): string | undefined {
  if (name.length > NAME_MAX) return `is longer than ${NAME_MAX} characters`
  return /^[a-z0-9_-]+$/.test(name) ? undefined : 'has other characters than lowercase letters, numbers, dashes and underscores'
}
