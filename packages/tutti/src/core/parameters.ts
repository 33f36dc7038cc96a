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
  let result: StandardSchemaV1.Result<Output>
  try {
    result = await schema['~standard'].validate(input)
  } catch (error) {
    throw new TuttiError(
      'INVALID_PARAMETERS',
      `the schema of the parameters failed: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    )
  }
  if (result.issues === undefined) return result.value
  throw new TuttiError('INVALID_PARAMETERS', describeIssues(result.issues, input))
}

function describeIssues(issues: readonly StandardSchemaV1.Issue[], input: unknown): string {
  const lines = issues.slice(0, ISSUES_MAX).map((issue) => `- ${describeIssue(issue, input)}`)
  if (issues.length > ISSUES_MAX) lines.push(`- and ${issues.length - ISSUES_MAX} more`)
  return ['the parameters are not valid:', ...lines].join('\n')
}

function describeIssue(issue: StandardSchemaV1.Issue, input: unknown): string {
  // A list of ours: some libraries have their own kind, whose `map` makes another of that kind.
  const keys: PropertyKey[] = Array.from(issue.path ?? [], (segment) => (typeof segment === 'object' ? segment.key : segment))
  const path = keys.length === 0 ? 'parameters' : formatPath(keys)
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
