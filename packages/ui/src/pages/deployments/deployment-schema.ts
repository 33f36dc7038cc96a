import { validateAgainst } from '../../parts/schema-form/index.ts'
import type { Deployment } from '../../queries.ts'

const ANYTHING = { type: 'object' }

/** The schema of its parameters; anything that is an object where it has none. */
export function schemaOf({ parameter_openapi_schema: schema }: Deployment): object {
  return typeof schema === 'object' && schema !== null && Object.keys(schema).length > 0 ? schema : ANYTHING
}

/** Whether it can be run without asking for anything. */
export function isReadyToRun(deployment: Deployment): boolean {
  return Object.keys(validateAgainst(schemaOf(deployment), deployment.parameters)).length === 0
}
