import type { StandardSchemaV1 } from '@standard-schema/spec'
import { parametersJsonSchema } from '../core/parameters.ts'
import type { JsonSchema } from '../core/parameters.ts'

/** valibot's own converter, which users install beside it when they want it. */
const VALIBOT_CONVERTER = '@valibot/to-json-schema'

/** The JSON Schema of what a flow takes; `undefined` where its library cannot tell, which means that anything goes. */
export async function flowJsonSchema(schema: StandardSchemaV1): Promise<JsonSchema | undefined> {
  const known = parametersJsonSchema(schema)
  if (known !== undefined || schema['~standard'].vendor !== 'valibot') return known
  try {
    const converter: unknown = await import(VALIBOT_CONVERTER)
    return isConverter(converter) ? converter.toJsonSchema(schema, { errorMode: 'ignore', typeMode: 'input' }) : undefined
  } catch {
    // It is not installed, or meets a schema it cannot describe.
    return undefined
  }
}

interface ValibotConverter {
  toJsonSchema(schema: unknown, options: { readonly errorMode: 'ignore'; readonly typeMode: 'input' }): JsonSchema
}

function isConverter(module: unknown): module is ValibotConverter {
  return typeof module === 'object' && module !== null && 'toJsonSchema' in module && typeof module.toJsonSchema === 'function'
}
