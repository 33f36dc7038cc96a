import type { Json } from './json.ts'
import type { JsonText } from './literal-json.ts'

/** What it takes to start a run that is due: where its code is, and what its infrastructure is made from. */
export interface RunJob {
  readonly flowName: string
  /** For people: `flow/deployment`; `null` for a run without one. */
  readonly deployment: string | null
  /** `file:flow`, from `path` or from where the code was pulled to. */
  readonly entrypoint: string | null
  readonly path: string | null
  /** How the code is got, in order. */
  readonly pullSteps: JsonText
  /** The commit that the run has begun on; a run that goes on does so with the same code. */
  readonly commit: string | null
  /** The pool's `job_configuration`, filled in with the values of pool, deployment and run; `{}` without a pool. */
  readonly configuration: JsonText
}

/** The label under which a run keeps the commit of its code. */
export const COMMIT_LABEL = 'tutti.commit'

const WHOLE = /^\{\{\s*([\w.-]+)\s*\}\}$/
const PART = /\{\{\s*([\w.-]+)\s*\}\}/g

/**
 * The `job_configuration` of a base job template with the values of its variables. A text that is one placeholder becomes the value itself,
 * whatever its type; one that is not given takes its key away. Placeholders of blocks and variables of the workspace are left as they are.
 *
 * @param layers - values of the variables, the later ones over the earlier.
 */
export function fillTemplate(template: Json, layers: readonly Json[]): Readonly<Record<string, Json>> {
  if (!isObject(template)) return {}
  const { job_configuration: configuration = {}, variables } = template
  const values: Record<string, Json> = { ...defaultsOf(variables) }
  for (const layer of layers) {
    if (!isObject(layer)) continue
    for (const [name, value] of Object.entries(layer)) {
      const former = values[name]
      // Environment variables and the like add up: a run that sets one more has the others all the same.
      values[name] = isObject(former) && isObject(value) ? { ...former, ...value } : value
    }
  }
  const filled = fill(configuration, values)
  return isObject(filled) ? filled : {}
}

function defaultsOf(variables: Json | undefined): Readonly<Record<string, Json>> {
  const properties = isObject(variables) && isObject(variables['properties']) ? variables['properties'] : {}
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, property]) =>
      isObject(property) && property['default'] !== undefined ? [[name, property['default']] as const] : [],
    ),
  )
}

function fill(value: Json, values: Readonly<Record<string, Json>>): Json | undefined {
  if (typeof value === 'string') {
    const whole = WHOLE.exec(value)?.[1]
    if (whole !== undefined && !whole.startsWith('prefect.')) return values[whole]
    return value.replaceAll(PART, (placeholder, name: string) => {
      if (name.startsWith('prefect.')) return placeholder
      const given = values[name]
      return given === undefined || given === null ? '' : typeof given === 'string' ? given : JSON.stringify(given)
    })
  }
  if (Array.isArray(value)) return (value as readonly Json[]).map((each) => fill(each, values) ?? null) // narrowed from readonly to mutable
  if (!isObject(value)) return value
  const filled: Record<string, Json> = {}
  for (const [key, each] of Object.entries(value)) {
    const result = fill(each, values)
    if (result !== undefined) filled[key] = result
  }
  return filled
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
