import { hydrate, isPlaceholder } from './hydration.ts'
import { schemaErrors } from './json-schema.ts'
import type { SchemaError } from './json-schema.ts'
import type { JsonText } from './literal-json.ts'

/** What is wrong with a value, laid out as the value is: texts of its own, and what is wrong with its members. */
export type SchemaErrorTree = readonly SchemaErrorNode[]

export type SchemaErrorNode =
  | string
  | { readonly property: string; readonly errors: SchemaErrorTree }
  | { readonly index: number; readonly errors: SchemaErrorTree }

const MISSING = /^'(.*)' is a required property$/s

/** Everything that is wrong with values that somebody fills in. What names variables is not known yet, so it is right. Throws `SchemaUnusable`. */
export function schemaErrorTree(schema: JsonText, values: JsonText): SchemaErrorTree {
  const hydrated = hydrate(values, null)
  if (hydrated.type === 'problem') return [hydrated.problem]
  const value = hydrated.value.plain()
  const errors = schemaErrors(schema.plain(), value, { nullOptional: true }).filter(({ path }) => !standsFor(value, path))
  return layer(errors.map(atItsField))
}

/** Whether the place, or what it lies in, stands for something else. */
function standsFor(value: unknown, [key, ...path]: SchemaError['path']): boolean {
  if (isPlaceholder(value)) return true
  if (key === undefined || typeof value !== 'object' || value === null) return false
  return standsFor((value as Readonly<Record<string | number, unknown>>)[key], path) // an object or a list
}

/** That a member is missing is told at its place, where a form shows it. */
function atItsField({ path, message }: SchemaError): SchemaError {
  const missing = MISSING.exec(message)?.[1]
  return { path: missing === undefined ? path : [...path, missing], message }
}

function layer(errors: readonly SchemaError[]): SchemaErrorTree {
  const own = errors.filter(({ path }) => path.length === 0).map(({ message }) => message)
  const inner = Map.groupBy(
    errors.filter(({ path }) => path.length > 0),
    ({ path }) => path[0]!,
  )
  const members = [...inner].map(([key, found]): SchemaErrorNode => {
    const below = layer(found.map(({ path, message }) => ({ path: path.slice(1), message })))
    return typeof key === 'number' ? { index: key, errors: below } : { property: key, errors: below }
  })
  return [...own, ...members]
}
