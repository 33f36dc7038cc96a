// What Prefect 3's own server says of its answers (`prefect-3.json`: operations, statuses and shapes of its OpenAPI document, without its
// texts), held against what ours answers.
import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { ValidateFunction } from 'ajv/dist/2020.js'

type Json = Readonly<Record<string, unknown>>

interface ProtocolOperation {
  readonly body?: Json
  /** By status; null where the answer has no body. */
  readonly answers: Readonly<Record<string, Json | null>>
}

interface ProtocolDocument {
  readonly operations: Readonly<Record<string, ProtocolOperation>>
  readonly $defs: Readonly<Record<string, Json>>
}

export interface GivenAnswer {
  readonly method: string
  /** Below `/api`, without a query. */
  readonly path: string
  readonly status: number
  readonly text: string
}

const document = JSON.parse(readFileSync(new URL('prefect-3.json', import.meta.url), 'utf8')) as ProtocolDocument // made for this type

/** `POST /flows/`, `GET /flows/{id}` and so on. */
export const operationNames: readonly string[] = Object.keys(document.operations)

/**
 * Statuses of good answers that the document leaves out: a row that was made is told apart from one that was there (201), and a template
 * that can be read needs no answer (204).
 */
const ALSO_GOOD: Readonly<Record<string, readonly number[]>> = {
  'POST /flows/': [201],
  'POST /flow_runs/': [201],
  'POST /task_runs/': [201],
  'POST /deployments/': [201],
  'POST /artifacts/': [201],
  'POST /concurrency_limits/': [201],
  'PUT /saved_searches/': [201],
  'POST /deployments/{id}/create_flow_run': [201],
  'POST /flow_runs/{id}/set_state': [201],
  'POST /task_runs/{id}/set_state': [201],
  'POST /flow_runs/{id}/resume': [201],
  'POST /block_schemas/': [200],
  'POST /templates/validate': [204],
  'POST /automations/templates/validate': [204],
}

/** Answered as text, whatever the document says. */
const TEXTS: readonly string[] = ['GET /flow_runs/{id}/logs/download', 'GET /flow_runs/{id}/input/{key}']

const ajv = new Ajv2020({ strict: false, allErrors: true })
ajv.addFormat('uuid', /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
// In UTC, with microseconds or without a fraction.
ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?Z$/)
for (const name of ['uri', 'duration', 'time-delta', 'password', 'json-string', 'binary', 'path', 'email']) ajv.addFormat(name, true)
ajv.addSchema({ $id: 'prefect-3', $defs: whole(document.$defs) })

const validators = new Map<string, ValidateFunction>()

/** What is wrong with an answer, in sentences; nothing for paths that are not the protocol's. */
export function answerProblems({ method, path, status, text }: GivenAnswer): readonly string[] {
  const name = operationOf(method, path)
  if (name === undefined || status >= 400) return []
  const { answers } = document.operations[name]!
  const known = Object.keys(answers)
  if (!known.includes(String(status)) && ALSO_GOOD[name]?.includes(status) !== true)
    return [`${name} answered ${status}, which is none of ${known.join(', ')}`]
  if (status === 204) return text === '' ? [] : [`${name} answered 204 with a body`]

  if (TEXTS.includes(name)) return []

  const schema = answers[String(status)] ?? answers[known[0]!]!
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return [`${name} answered what is no JSON: ${text.slice(0, 100)}`]
  }
  const validate = validatorOf(name, schema)
  if (validate(body)) return []
  return (validate.errors ?? []).map(({ instancePath, message }) => `${name} ${status}: ${instancePath} ${message}`)
}

function validatorOf(name: string, schema: Json): ValidateFunction {
  const compiled = validators.get(name) ?? ajv.compile(located(schema) as Json) // an object's copy
  validators.set(name, compiled)
  return compiled
}

/** Answers name every member, also those that are null: clients of the protocol index them. */
function whole(schemas: ProtocolDocument['$defs']): Record<string, Json> {
  const entries = Object.entries(schemas).map(([name, schema]) => {
    const { properties } = schema
    return [name, typeof properties === 'object' && properties !== null ? { ...schema, required: Object.keys(properties) } : schema]
  })
  return Object.fromEntries(entries) as Record<string, Json> // by name, as above
}

/** References lead into the document. */
function located(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(located)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, each]: [string, unknown]) => [
      key,
      key === '$ref' && typeof each === 'string' ? `prefect-3${each}` : located(each),
    ]),
  )
}

const routes = operationNames
  .map((name) => {
    const [method, path] = name.split(' ') as [string, string] // as they are spelled
    const pattern = path
      .replace(/\/$/, '')
      .split('/')
      .map((part) => (part.startsWith('{') ? '[^/]+' : part.replaceAll('.', String.raw`\.`)))
      .join('/')
    return { name, method, pattern: new RegExp(`^${pattern}/?$`), parameters: path.split('{').length - 1 }
  })
  // `/artifacts/latest/filter` goes before `/artifacts/{key}/filter`.
  .toSorted((one, other) => one.parameters - other.parameters)

/** The schema of what an operation is sent, with the references of the document resolved one step at a time by `resolved`. */
export function bodySchemaOf(name: string): Json | undefined {
  const body = document.operations[name]?.body
  return body === undefined ? undefined : resolved(body)
}

/** A schema itself, where it is a reference to one. */
export function resolved(schema: Json): Json {
  const reference = schema['$ref']
  return typeof reference === 'string' ? document.$defs[reference.replace('#/$defs/', '')]! : schema
}

/** The operation of the protocol that a request is for. */
export function operationOf(method: string, path: string): string | undefined {
  return routes.find((route) => route.method === method && route.pattern.test(path))?.name
}
