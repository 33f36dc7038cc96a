// What a condition looks like, for who chooses the way on which its rows are found.
import type { Condition } from '../core/condition.ts'

/** Fields that leave few runs: these are found first, and all else looked at then. */
const NARROW = new Set([
  'id',
  'flowRunId',
  'deploymentId',
  'parentTaskRunId',
  'idempotencyKey',
  'workQueueId',
  'childFlowRunId',
  'createdById',
])

/** Conditions that must all hold. */
export function conjuncts(condition: Condition): readonly Condition[] {
  if (condition.type === 'all') return condition.of.flatMap(conjuncts)
  // One of one.
  const [only, ...others] = condition.type === 'any' ? condition.of : []
  return only === undefined || others.length > 0 ? [condition] : conjuncts(only)
}

/** Few runs meet it, whatever else is asked. */
export function isNarrow(condition: Condition): boolean {
  switch (condition.type) {
    case 'all':
      return condition.of.some(isNarrow)
    case 'any':
      return condition.of.length > 0 && condition.of.every(isNarrow)
    case 'field':
      return NARROW.has(condition.field) && condition.test.is === 'in'
    case 'related':
      return true
    case 'not':
      return false
  }
}
