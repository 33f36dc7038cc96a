import { coerceCliParameters } from '../core/cli-parameters.ts'
import type { JsonSchema } from '../core/parameters.ts'
import type { OpenWait } from '../core/wait.ts'

/**
 * What was typed with `--input`, as JSON: one text of JSON, several `name=value`, or plain text where the wait is for text.
 *
 * @throws `INVALID_PARAMETERS`
 */
export function readInput(texts: readonly string[], { schema }: OpenWait): string | null {
  const [first, ...more] = texts
  if (first === undefined) return null
  const read = schemaOf(schema)
  if (more.length === 0 && read['type'] === 'string' && !first.startsWith('"')) return JSON.stringify(first)
  if (more.length === 0 && isJson(first)) return first
  return JSON.stringify(coerceCliParameters(texts, read))
}

/** The members that an input has, for people: `ok (boolean), by (string, optional)`; `undefined` when the schema does not tell. */
export function inputFields(schema: string): string | undefined {
  const { properties, required } = schemaOf(schema)
  if (typeof properties !== 'object' || properties === null) return undefined
  const needed = Array.isArray(required) ? (required as readonly unknown[]) : []
  return Object.entries(properties as Readonly<Record<string, JsonSchema>>) // as JSON Schema has it
    .map(([name, { type }]) => {
      const said = [...(typeof type === 'string' ? [type] : []), ...(needed.includes(name) ? [] : ['optional'])]
      return said.length === 0 ? name : `${name} (${said.join(', ')})`
    })
    .join(', ')
}

function schemaOf(schema: string | null): JsonSchema {
  const read: unknown = schema === null ? {} : JSON.parse(schema)
  return typeof read === 'object' && read !== null ? (read as JsonSchema) : {} // a schema may also be `true`
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
