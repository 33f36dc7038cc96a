import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec'
import { TuttiError } from './errors.ts'

/** Issues named in an error; the rest is counted. */
const ISSUES_MAX = 50
const SHOWN_MAX = 60

/**
 * Checks the parameters of a call with the flow's schema.
 *
 * @returns the schema's output: coerced, with defaults.
 * @throws `INVALID_PARAMETERS`, with one line for each bad field: `- repos[0].name: expected string, got 5`.
 */
export async function validateParameters<Output>(schema: StandardSchemaV1<unknown, Output>, input: unknown): Promise<Output> {
  const read = await schemaOutput(schema, input, 'parameters')
  if ('value' in read) return read.value
  const { problem, cause } = read
  throw new TuttiError('INVALID_PARAMETERS', problem, cause === undefined ? undefined : { cause })
}

/**
 * What a schema makes of a value, or what is wrong with it.
 *
 * @param what - names the value as a whole: `parameters`, `input`.
 */
export async function schemaOutput<Output>(
  schema: StandardSchemaV1<unknown, Output>,
  input: unknown,
  what: string,
): Promise<{ readonly value: Output } | { readonly problem: string; readonly cause?: unknown }> {
  let result: StandardSchemaV1.Result<Output>
  try {
    result = await schema['~standard'].validate(input)
  } catch (cause) {
    return { problem: `the schema of the ${what} failed: ${cause instanceof Error ? cause.message : String(cause)}`, cause }
  }
  if (result.issues === undefined) return { value: result.value }
  const lines = result.issues.slice(0, ISSUES_MAX).map((issue) => `- ${describeIssue(issue, input, what)}`)
  if (result.issues.length > ISSUES_MAX) lines.push(`- and ${result.issues.length - ISSUES_MAX} more`)
  return { problem: [`the ${what} ${what.endsWith('s') ? 'are' : 'is'} not valid:`, ...lines].join('\n') }
}

function describeIssue(issue: StandardSchemaV1.Issue, input: unknown, what: string): string {
  // A list of ours: some libraries have their own kind, whose `map` makes another of that kind.
  const keys: PropertyKey[] = Array.from(issue.path ?? [], (segment) => (typeof segment === 'object' ? segment.key : segment))
  const path = keys.length === 0 ? what : formatPath(keys)
  // Some libraries begin the message with the path.
  const message = issue.message.startsWith(`${path} `) ? issue.message.slice(path.length + 1) : issue.message
  const got = shown(valueAt(input, keys), keys.at(-1))
  return got === undefined || message.includes(got) ? `${path}: ${message}` : `${path}: ${message}, got ${got}`
}

function formatPath(keys: readonly PropertyKey[]): string {
  return keys.reduce<string>((path, key) => {
    if (typeof key === 'number') return `${path}[${key}]`
    if (typeof key === 'symbol' || !/^[\w$]+$/.test(key)) return `${path}[${typeof key === 'symbol' ? String(key) : JSON.stringify(key)}]`
    return path === '' ? key : `${path}.${key}`
  }, '')
}

function valueAt(input: unknown, keys: readonly PropertyKey[]): unknown {
  return keys.reduce<unknown>((value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined), input)
}

const SECRET = /pass|secret|token|credential|api_?key/i

/** The bad value, when it says something, is short, and is not likely to be a secret. */
function shown(value: unknown, key: PropertyKey | undefined): string | undefined {
  if (value === undefined || (key !== undefined && SECRET.test(String(key)))) return undefined
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object'
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text
}

/* ── JSON Schema ─────────────────────────────────────────────────────────────────────── */

export type JsonSchema = Readonly<Record<string, unknown>>

/**
 * The JSON Schema of what a flow takes, for libraries that can tell (zod, arktype). `undefined`: anything goes.
 * What JSON Schema cannot say is left open; a date is text in the form of one.
 */
export function parametersJsonSchema(schema: StandardSchemaV1): JsonSchema | undefined {
  const standard: StandardSchemaV1.Props & Partial<StandardJSONSchemaV1.Props> = schema['~standard']
  if (standard.jsonSchema === undefined) return undefined
  try {
    return standard.jsonSchema.input({ target: 'draft-2020-12', libraryOptions: LIBRARY_OPTIONS[standard.vendor] })
  } catch {
    // A type that the library refuses to describe. Calls are still checked by the schema itself.
    return undefined
  }
}

const DATE = { type: 'string', format: 'date-time' }

/** The part of zod's and arktype's own options that is used here. */
interface ZodNode {
  readonly zodSchema: { readonly _zod: { readonly def: { readonly type: string } } }
  readonly jsonSchema: Record<string, unknown>
}

interface ArkNode {
  readonly code: string
  readonly base: Record<string, unknown>
}

const LIBRARY_OPTIONS: Readonly<Record<string, Record<string, unknown>>> = {
  zod: {
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }: ZodNode) => {
      if (zodSchema._zod.def.type === 'date') Object.assign(jsonSchema, DATE)
    },
  },
  arktype: {
    fallback: ({ code, base }: ArkNode) => (code === 'date' ? { ...base, ...DATE } : base),
  },
}
