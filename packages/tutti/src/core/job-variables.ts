import { schemaErrors, SchemaUnusable } from './json-schema.ts'
import type { SchemaOptions } from './json-schema.ts'
import type { JsonText } from './literal-json.ts'
import { isObject, variablesSchema } from './work-pool.ts'

/** What is wrong with the defaults of a pool's own variables, in words; those that name a block are known only when it is. */
export function defaultsProblem(template: JsonText): string | undefined {
  const schema = variablesSchema(template)
  const properties = isObject(schema?.['properties']) ? schema['properties'] : {}
  const defaults = Object.entries(properties).flatMap(([name, property]) =>
    isObject(property) && 'default' in property && !isReference(property['default']) ? [[name, property['default']] as const] : [],
  )
  const problem = problemOf(schema, Object.fromEntries(defaults), { ignoreRequired: true })
  return problem === undefined ? undefined : `Validation failed for work pool's job variable defaults: ${problem}`
}

/**
 * What is wrong with job variables that a deployment or a run gives, measured by the template of its pool. A deployment may leave
 * required ones to its runs.
 */
export function jobVariablesProblem(
  template: JsonText,
  variables: JsonText,
  { ignoreRequired }: Pick<SchemaOptions, 'ignoreRequired'>,
): string | undefined {
  return problemOf(variablesSchema(template), variables.plain(), { ...(ignoreRequired === undefined ? undefined : { ignoreRequired }) })
}

function problemOf(schema: unknown, values: unknown, options: SchemaOptions): string | undefined {
  if (schema === undefined) return undefined
  try {
    const [first] = schemaErrors(schema, values, { ...options, nullOptional: true })
    if (first === undefined) return undefined
    const where = first.path.length === 0 ? '' : ` for field '${first.path.join('.')}'`
    return `Validation failed${where}. Failure reason: ${first.message}`
  } catch (error) {
    if (error instanceof SchemaUnusable) return `The schema of the variables cannot be used: ${error.message}`
    throw error
  }
}

function isReference(value: unknown): boolean {
  return isObject(value) && '$ref' in value
}
