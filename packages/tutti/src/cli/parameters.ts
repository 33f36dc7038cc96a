import { coerceCliParameters } from '../core/cli-parameters.ts'
import { TuttiError } from '../core/errors.ts'
import type { JsonSchema } from '../core/parameters.ts'
import { suggestion } from '../core/suggestion.ts'
import { flowJsonSchema } from '../engine/parameters-schema.ts'
import type { FlowLike } from './flow-file.ts'
import { didYouMean } from './parse.ts'
import type { World } from './world.ts'

export interface GivenParameters {
  /** `name=value` texts. */
  readonly pairs: readonly string[]
  /** A file of JSON, or `-` for what is piped in. */
  readonly file: string | undefined
}

/**
 * What a flow is called with: a JSON file, changed by `name=value`. A flow that checks its parameters gets an object even when nothing is
 * given, so that its defaults apply.
 *
 * @throws `INVALID_PARAMETERS`
 */
export async function readParameters(world: World, flow: FlowLike, { pairs, file }: GivenParameters): Promise<unknown> {
  const { parameters: checker, name } = flow.definition
  const schema = checker === null ? undefined : await flowJsonSchema(checker)
  const base = file === undefined ? undefined : await readJson(world, file)
  if (pairs.length === 0) return base === undefined && checker !== null ? {} : base

  const typed = coerceCliParameters(pairs, schema)
  checkNames(`flow ${name}`, Object.keys(typed), schema)
  if (base === undefined) return typed
  if (typeof base !== 'object' || base === null || Array.isArray(base))
    throw new TuttiError('INVALID_PARAMETERS', 'the parameters given with --params are no object, so --param cannot change a member of it')
  return { ...base, ...typed }
}

export async function readJson(world: World, file: string): Promise<unknown> {
  const where = file === '-' ? 'the standard input' : file
  const text = file === '-' ? await world.readInput() : world.readFile(file)
  if (text === undefined) throw new TuttiError('INVALID_PARAMETERS', `there is no file ${file} to read parameters from`)
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    throw new TuttiError('INVALID_PARAMETERS', `the parameters in ${where} are not JSON`, { cause: error })
  }
}

/** Schemas drop what they do not know without a word; a mistyped name should not pass as a default. */
export function checkNames(what: string, names: readonly string[], schema: JsonSchema | undefined): void {
  const properties = schema?.['properties']
  const others = schema?.['additionalProperties']
  if (typeof properties !== 'object' || properties === null || (others !== undefined && others !== false)) return
  const known = Object.keys(properties)
  const unknown = names.find((name) => !known.includes(name))
  if (unknown === undefined) return
  const choices = known.length === 0 ? 'it takes none' : `it takes ${known.join(', ')}`
  throw new TuttiError('INVALID_PARAMETERS', `${what} has no parameter ${unknown}${didYouMean(suggestion(unknown, known))} (${choices})`)
}
