// Bodies with one member each, for every member that the protocol's document lets a body have, however deep.
import { resolved } from './document.ts'

type Json = Readonly<Record<string, unknown>>

export interface Sample {
  /** `flow_runs.state.type.any_` */
  readonly at: string
  readonly body: unknown
}

const DEEPEST = 6

/** One sample for each leaf of a schema of objects. */
export function samplesOf(schema: Json, at: readonly string[] = []): readonly Sample[] {
  const options = alternatives(schema)
  return options.flatMap((option) => {
    const properties = option['properties'] as Readonly<Record<string, Json>> | undefined // of a schema of objects
    if (properties === undefined || at.length >= DEEPEST) return [{ at: at.join('.'), body: valueOf(option, at.at(-1) ?? '') }]
    return Object.entries(properties).flatMap(([name, member]) =>
      samplesOf(resolved(member), [...at, name]).map((sample) => ({ at: sample.at, body: { [name]: sample.body } })),
    )
  })
}

/** What a schema may be, without null. */
function alternatives(schema: Json): readonly Json[] {
  const any = (schema['anyOf'] ?? schema['oneOf'] ?? schema['allOf']) as readonly Json[] | undefined // lists of schemas
  if (any === undefined) return schema['type'] === 'null' ? [] : [schema]
  return any.flatMap((option) => alternatives(resolved(option)))
}

function valueOf(schema: Json, name: string): unknown {
  const choices = schema['enum'] as readonly unknown[] | undefined // a list, as JSON Schema has it
  if (choices !== undefined) return choices[0]
  if ('const' in schema) return schema['const']
  switch (schema['type']) {
    case 'array': {
      const pair = schema['prefixItems'] as readonly Json[] | undefined // as above
      if (pair !== undefined) return pair.map((item) => itemOf(resolved(item), name))
      const item = alternatives(resolved((schema['items'] ?? {}) as Json))[0] // a schema
      return item === undefined ? [] : [itemOf(item, name)]
    }
    case 'integer':
    case 'number':
      return Math.max(Number(schema['minimum'] ?? 1), 1)
    case 'boolean':
      return true
    case 'string':
      return textOf(schema)
    default:
      return {}
  }
}

function itemOf(item: Json, name: string): unknown {
  const sample = samplesOf(item, [name])[0]
  const nested = sample?.body
  return typeof nested === 'object' && nested !== null && 'properties' in item ? nested : valueOf(item, name)
}

function textOf({ format, pattern }: Json): string {
  if (format === 'uuid') return '019b76da-a800-7369-8fe5-29650854b38b'
  if (format === 'date-time') return '2026-01-01T00:00:00Z'
  return pattern === undefined ? 'text' : 'text-1'
}
