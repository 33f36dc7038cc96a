// How many rows meet a condition, without looking at each of millions.
import type { Condition, ConditionNoun } from '../core/condition.ts'
import { conjuncts } from './condition-shape.ts'
import { listedSql, nouns, toSql } from './conditions.ts'
import { sql } from './kysely.ts'
import { quickTallies } from './run-tallies.ts'
import type { Script } from './script.ts'
import { selectSql } from './statements.ts'

/** Runs planned after a moment that are counted one by one, to be taken from all. */
const LATER_MAX = 10_000

export function* countRows(noun: ConditionNoun, where: Condition): Script<number> {
  const { until, rest } = noun === 'flow-runs' ? untilMoment(where) : { until: undefined, rest: where }
  if (until === undefined) return yield* countOf(noun, where)
  // Almost all have started by now, which is what is asked most: those that have not are few, and found by their time.
  const later = sql`select id from flow_runs where coalesce(started_at, expected_at) > ${until} limit ${LATER_MAX}`
  const [all] = yield* selectSql(sql`select count(*) as found from (${later}) as later`)
  const few = Number(all?.['found'] ?? 0)
  if (few === LATER_MAX) return yield* countOf(noun, where)
  const total = yield* countOf(noun, rest)
  if (few === 0) return total
  const [some] = yield* selectSql(sql`select count(*) as found from flow_runs where id in (${later}) and ${toSql(noun, rest)}`)
  return Math.max(0, total - Number(some?.['found'] ?? 0))
}

function* countOf(noun: ConditionNoun, where: Condition): Script<number> {
  if (noun === 'flow-runs' || noun === 'task-runs') {
    const tallies = yield* quickTallies({ noun, where, from: null, to: null, now: 0 })
    if (tallies !== undefined) return tallies.reduce((sum, tally) => sum + tally.runs, 0)
  }
  const [row] = yield* selectSql(sql`select count(*) as found from ${sql.table(nouns[noun].table)} where ${listedSql(noun, where)}`)
  return Number(row?.['found'] ?? 0)
}

/** The moment by which runs have started, or were to, and what else is asked; `undefined`: no such moment is. */
function untilMoment(where: Condition): { readonly until: number | undefined; readonly rest: Condition } {
  const conditions = conjuncts(where)
  for (const [at, each] of conditions.entries())
    if (each.type === 'field' && each.field === 'startedOrExpected' && each.test.is === 'at-most')
      return { until: each.test.value, rest: { type: 'all', of: conditions.toSpliced(at, 1) } }
  return { until: undefined, rest: where }
}
