// What somebody types for a block, without its code: its schema says what is a secret, what is another block, and what is right.
import { changeAt, isObject, secretPaths } from './block.ts'
import { coerceCliParameters } from './cli-parameters.ts'
import type { Json } from './json.ts'
import { schemaErrors, SchemaUnusable } from './json-schema.ts'
import { suggestion } from './suggestion.ts'

export type BlockData = Readonly<Record<string, unknown>>

/** The type of the block that a member holds, by the member. */
export function blockMembers(schema: BlockData): ReadonlyMap<string, string> {
  const references = isObject(schema['block_schema_references']) ? schema['block_schema_references'] : {}
  return new Map(
    Object.entries(references).flatMap(([member, reference]) => {
      const slug: unknown = isObject(reference) ? reference['block_type_slug'] : undefined
      return typeof slug === 'string' ? [[member, slug] as const] : []
    }),
  )
}

/** Secrets of the block itself that cannot be left out. */
export function requiredSecrets(schema: BlockData): readonly string[] {
  const required = Array.isArray(schema['required']) ? (schema['required'] as readonly unknown[]) : []
  return secretPaths(schema).filter((path) => required.includes(path))
}

/** `name=value`, read as the schema says. Text is taken as it stands for secrets and for names of other blocks. Throws `INVALID_PARAMETERS`. */
export function readBlockPairs(pairs: readonly string[], schema: BlockData): Readonly<Record<string, Json>> {
  const properties = isObject(schema['properties']) ? schema['properties'] : {}
  const members = blockMembers(schema)
  const asText = Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [
      name,
      secretPaths(schema).includes(name) || members.has(name) ? { type: 'string' } : property,
    ]),
  )
  return coerceCliParameters(pairs, { ...schema, properties: asText })
}

/** Secrets that stand in the data in plain: those that say where they are kept do not. */
export function plainSecrets(data: BlockData, schema: BlockData): readonly string[] {
  const found: string[] = []
  for (const path of secretPaths(schema))
    changeAt(data, path.split('.'), (value, at) => {
      if (typeof value === 'string' && !/^(?:env|file|gcp-secret):/.test(value)) found.push(at.join('.'))
      return value
    })
  return found
}

/** Everything that is wrong, a line each, and no value of a secret. What another block stands for is not looked at. */
export function blockProblems(data: BlockData, schema: BlockData, referred: readonly string[]): readonly string[] {
  const properties = isObject(schema['properties']) ? schema['properties'] : {}
  const required = Array.isArray(schema['required']) ? (schema['required'] as readonly unknown[]) : []
  const own = Object.fromEntries(Object.entries(data).filter(([member]) => !referred.includes(member)))
  const looked = { ...schema, required: required.filter((member) => !referred.includes(String(member))) }
  const unknown = schema['additionalProperties'] === true ? [] : Object.keys(data).filter((member) => !Object.hasOwn(properties, member))
  return [
    ...unknown.map((member) => {
      const near = suggestion(member, Object.keys(properties))
      return `${member}: is no field of it${near === undefined ? '' : `; did you mean ${near}?`}`
    }),
    ...errorsOf(looked, own, secretPaths(schema)),
  ]
}

const MISSING = /^'(.*)' is a required property$/s

function errorsOf(schema: BlockData, data: BlockData, secrets: readonly string[]): readonly string[] {
  try {
    return schemaErrors(schema, data, { nullOptional: true }).map(({ path, message }) => {
      const missing = MISSING.exec(message)?.[1]
      if (missing !== undefined) return `${[...path, missing].join('.')}: is missing`
      // What contains a secret is shown by what is wrong with it.
      const isShown = !secrets.some((secret) => overlap(secret.split('.'), path))
      return `${path.join('.') || 'fields'}: ${isShown ? message : 'is not what it has to be'}`
    })
  } catch (error) {
    // Whoever wrote the schema hears of it where the block is loaded.
    if (error instanceof SchemaUnusable) return []
    throw error
  }
}

function overlap(secret: readonly string[], path: readonly (string | number)[]): boolean {
  return secret.slice(0, path.length).every((step, at) => step === '*' || step === String(path[at]) || path[at] === undefined)
}
