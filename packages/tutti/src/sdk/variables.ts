import type { StandardSchemaV1 } from '@standard-schema/spec'
import { TuttiError } from '../core/errors.ts'
import { schemaOutput } from '../core/parameters.ts'
import { dateFromInstant } from '../core/time.ts'
import { VARIABLE_VALUE_MAX, variableNameProblem, VARIABLES_PER_PAGE_MAX } from '../core/variable-access.ts'
import type { StoredVariable, VariableQuery } from '../core/variable-access.ts'
import { currentContext } from '../engine/context.ts'
import { recordedValue } from '../engine/recorded-value.ts'
import { secretIn } from '../engine/secret-values.ts'
import { engineHere } from './process-engine.ts'

export interface SetVariableOptions {
  /** Whether a variable of that name may be there already. Default `false`. */
  readonly overwrite?: boolean
  /** Default: those it has. */
  readonly tags?: readonly string[]
}

export interface ListVariablesOptions {
  /** All of them. */
  readonly tags?: readonly string[]
  /** What the name begins with. */
  readonly prefix?: string
  /** Default 200. */
  readonly limit?: number
}

export interface SavedVariable {
  readonly name: string
  readonly value: unknown
  readonly tags: readonly string[]
  readonly createdAt: Date
  readonly updatedAt: Date
}

const LIST_LIMIT = 200

/** The value of a variable; `undefined` when there is none. The type is what the caller says. */
function get<T = unknown>(name: string): Promise<T | undefined>
/** The value as a schema (zod, valibot, arktype) makes it; the schema decides about one that is missing. Throws `INVALID_VARIABLE`. */
function get<Output>(name: string, schema: StandardSchemaV1<unknown, Output>): Promise<Output>
/** The value, or another when there is none. */
function get<T>(name: string, fallback: T): Promise<T>
async function get(name: string, ...rest: readonly unknown[]): Promise<unknown> {
  const value = await read(checkedName(name))
  const [given] = rest
  if (!isSchema(given)) return value === undefined ? given : value
  const output = await schemaOutput(given, value, `value of the variable ${name}`)
  if ('value' in output) return output.value
  throw new TuttiError('INVALID_VARIABLE', output.problem, output.cause === undefined ? undefined : { cause: output.cause })
}

/**
 * Named plain values that people change without a deployment: limits, lists, switches. A value is anything JSON can say, up to 5000 characters.
 * Whoever may read variables sees them: what is secret is kept as a `Secret`.
 *
 * The body of a flow that reads a variable gets the same value again when its run is resumed; a task that is tried again reads it anew.
 *
 * @example
 * await variable.set('page-size', 500, { tags: ['etl'] })
 * const size = await variable.get('page-size', 100)
 * const limits = await variable.get('limits', z.object({ rows: z.number() }))
 */
export const variable = {
  get,

  /** Throws `ALREADY_EXISTS` without `overwrite`, and `INVALID_VARIABLE` for a name or a value that cannot be. */
  async set(name: string, value: unknown, { overwrite = false, tags }: SetVariableOptions = {}): Promise<void> {
    checkedName(name)
    const text = checkedValue(name, value)
    const { orchestrator, ids } = await engineHere()
    await orchestrator.variables.set({ id: ids.next(), name, value: text, tags: tags ?? null, overwrite })
  },

  /** Deletes a variable. `false`: there was none. */
  async unset(name: string): Promise<boolean> {
    const { orchestrator } = await engineHere()
    return orchestrator.variables.unset(name)
  },

  /** By name. */
  async list({ limit = LIST_LIMIT, ...query }: ListVariablesOptions = {}): Promise<readonly SavedVariable[]> {
    const { orchestrator } = await engineHere()
    const found: StoredVariable[] = []
    let cursor: string | null = null
    do {
      const size = Math.min(limit - found.length, VARIABLES_PER_PAGE_MAX)
      const asked: VariableQuery = { ...query, limit: size, ...(cursor === null ? undefined : { cursor }) }
      const page = await orchestrator.variables.page(asked)
      found.push(...page.items)
      cursor = page.cursor
    } while (cursor !== null && found.length < limit)
    return found.map(saved)
  },
} as const

async function read(name: string): Promise<unknown> {
  const context = currentContext()
  const engine = await engineHere()
  const look = async (): Promise<string> => (await engine.orchestrator.variables.find(name))?.value ?? ''
  const call = `variable.get('${name}')`
  const recorded = context !== undefined && context.task === null
  const text = recorded ? await recordedValue(context, { kind: 'variable', what: `the variable ${name}`, call }, look) : await look()
  return text === '' ? undefined : (JSON.parse(text) as unknown)
}

function checkedName(name: string): string {
  const problem = variableNameProblem(name)
  if (problem !== undefined) throw new TuttiError('INVALID_VARIABLE', `the name ${JSON.stringify(name)} of a variable ${problem}`)
  return name
}

function checkedValue(name: string, value: unknown): string {
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch (cause) {
    throw new TuttiError('INVALID_VARIABLE', `the value of the variable ${name} cannot be written as JSON`, { cause })
  }
  if (text === undefined) throw new TuttiError('INVALID_VARIABLE', `the value of the variable ${name} cannot be written as JSON`)
  if (text.length > VARIABLE_VALUE_MAX)
    throw new TuttiError(
      'INVALID_VARIABLE',
      `the value of the variable ${name} has ${text.length} characters as JSON, and ${VARIABLE_VALUE_MAX} are the most`,
    )
  const at = secretIn(value, 'value')
  if (at !== undefined)
    throw new TuttiError('INVALID_VARIABLE', `the variable ${name} holds a secret at ${at}, and variables are shown: save it as a Secret`)
  return text
}

function saved({ name, value, tags, createdAt, updatedAt }: StoredVariable): SavedVariable {
  return { name, value: JSON.parse(value) as unknown, tags, createdAt: dateFromInstant(createdAt), updatedAt: dateFromInstant(updatedAt) }
}

function isSchema(value: unknown): value is StandardSchemaV1 {
  return ((typeof value === 'object' && value !== null) || typeof value === 'function') && '~standard' in value
}
