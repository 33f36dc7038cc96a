import { assertNever } from './assert.ts'
import type { Condition, Test } from './condition.ts'

/** Whether values that are at hand meet a condition, as the database would say of a row of them. Related rows are never at hand. */
export function meets(condition: Condition, fields: Readonly<Record<string, string | number | null>>): boolean {
  switch (condition.type) {
    case 'all':
      return condition.of.every((each) => meets(each, fields))
    case 'any':
      return condition.of.some((each) => meets(each, fields))
    case 'not':
      return !meets(condition.of, fields)
    case 'field':
      return passes(condition.test, fields[condition.field] ?? null)
    case 'related':
      return false
    default:
      return assertNever(condition)
  }
}

function passes(test: Test, value: string | number | null): boolean {
  if (test.is === 'null') return value === null
  if (value === null) return false
  const text = String(value).toLowerCase()
  switch (test.is) {
    case 'in':
      return test.values.includes(value)
    case 'like':
    case 'contains':
      return text.includes(test.text.toLowerCase())
    case 'prefix':
      return text.startsWith(test.text.toLowerCase())
    case 'at-least':
      return Number(value) >= test.value
    case 'at-most':
      return Number(value) <= test.value
    // Lists: what is looked at here has none.
    case 'has-all':
    case 'has-any':
    case 'empty':
      return false
    default:
      return assertNever(test)
  }
}
