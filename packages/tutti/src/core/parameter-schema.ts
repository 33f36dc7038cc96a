import { schemaErrors, SchemaUnusable } from './json-schema.ts'
import type { JsonText } from './literal-json.ts'

/** What is wrong with parameters, by the JSON Schema of their flow; `undefined` when nothing is. */
export function parametersProblem(
  schema: JsonText,
  parameters: JsonText,
  options: { readonly ignoreRequired: boolean },
): { readonly type: 'schema' | 'values'; readonly problem: string } | undefined {
  try {
    const [first] = schemaErrors(schema.plain(), parameters.plain(), { ...options, nullOptional: true })
    if (first === undefined) return undefined
    const where = first.path.length === 0 ? '' : ` for field '${first.path.join('.')}'`
    return { type: 'values', problem: `Validation failed${where}. Failure reason: ${first.message}` }
  } catch (error) {
    if (error instanceof SchemaUnusable) return { type: 'schema', problem: `The schema of the parameters cannot be used: ${error.message}` }
    throw error
  }
}
