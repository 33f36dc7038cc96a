// Lists of runs in some states, in parts that an index has in the order of the list.
import type { Condition, ConditionNoun } from '../core/condition.ts'
import { conjuncts, isNarrow } from './condition-shape.ts'
import { toSql } from './conditions.ts'
import { sql } from './kysely.ts'
import type { RawBuilder } from './kysely.ts'

/** Sorts for which runs that did not end well, and those whose state has a name of its own, have indexes. */
const SORTS: Readonly<Partial<Record<ConditionNoun, readonly string[]>>> = {
  'flow-runs': ['ID_DESC', 'START_TIME_ASC', 'START_TIME_DESC', 'EXPECTED_START_TIME_ASC', 'EXPECTED_START_TIME_DESC'],
  'task-runs': ['ID_DESC'],
}
const NOT_WELL = ['failed', 'crashed', 'cancelled']
/** Names that only say the type: almost all runs have one of them. The words are those of the indexes. */
const PLAIN_NAMES = ['Scheduled', 'Pending', 'Running', 'Paused', 'Cancelling', 'Completed', 'Failed', 'Crashed', 'Cancelled']

/** Each is a part of the query, of which SQLite takes 500; more names are looked for as everything else is. */
const NAMES_MAX = 100

interface States {
  readonly types: readonly unknown[]
  readonly names: readonly unknown[]
}

/**
 * A condition that names states, in parts that are each found in the order of the list and have no run in common: rare states by an index of
 * their own, the common one by going through all runs, those that have not ended by their state, names that say more than the type by an
 * index of names. `undefined`: the list is of another kind.
 */
export function partsByState(noun: ConditionNoun, where: Condition, sort: string): readonly RawBuilder<boolean>[] | undefined {
  if (SORTS[noun]?.includes(sort) !== true || isNarrow(where)) return undefined
  const conditions = conjuncts(where)
  for (const [at, each] of conditions.entries()) {
    const states = statesOf(each)
    if (states === undefined || (states.names.length > 0 && !isNamed(noun, states.names))) continue
    const rest = toSql(noun, { type: 'all', of: conditions.toSpliced(at, 1) })
    return [...partsOfTypes(states.types), ...partsOfNames(states)].map((part) => sql<boolean>`${part} and ${rest}`)
  }
  return undefined
}

/** The states that a condition asks for, one of which a run must have; `undefined`: it asks for something else. */
function statesOf(condition: Condition): States | undefined {
  if (condition.type === 'any') {
    const each = condition.of.map(statesOf)
    if (each.length === 0 || !each.every((states) => states !== undefined)) return undefined
    return { types: each.flatMap(({ types }) => types), names: each.flatMap(({ names }) => names) }
  }
  if (condition.type !== 'field' || condition.test.is !== 'in' || condition.test.values.length === 0) return undefined
  if (condition.field === 'stateType') return { types: condition.test.values, names: [] }
  return condition.field === 'stateName' ? { types: [], names: condition.test.values } : undefined
}

function isNamed(noun: ConditionNoun, names: readonly unknown[]): boolean {
  return noun === 'flow-runs' && names.length <= NAMES_MAX && names.every((name) => !PLAIN_NAMES.includes(String(name)))
}

function partsOfTypes(types: readonly unknown[]): readonly RawBuilder<boolean>[] {
  const unfinished = types.filter((type) => type !== 'completed' && !NOT_WELL.includes(String(type)))
  return [
    // In words that keep from the index of states, which holds almost all runs in another order.
    ...[...NOT_WELL, 'completed'].filter((type) => types.includes(type)).map((type) => sql<boolean>`(state_type || '') = ${sql.lit(type)}`),
    ...(unfinished.length === 0 ? [] : [sql<boolean>`state_type in (${sql.join(unfinished)})`]),
  ]
}

function partsOfNames({ types, names }: States): readonly RawBuilder<boolean>[] {
  const plain = sql.join(PLAIN_NAMES.map((name) => sql.lit(name)))
  const others = types.length === 0 ? sql`` : sql` and state_type not in (${sql.join(types)})`
  // Whoever asks for a name twice has its runs once.
  return [...new Set(names)].map((name) => sql<boolean>`state_name = ${name} and state_name not in (${plain})${others}`)
}
