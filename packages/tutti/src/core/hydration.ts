import { isRawNumber, JsonText, parseLiterally } from './literal-json.ts'

/** Values of parameters that stand for others: what they are made of, and the variables they name. */
const KIND = '__prefect_kind'

/** Names of variables that a value refers to. */
export function variablesIn(value: JsonText): readonly string[] {
  const names = new Set<string>()
  walk(value.toJSON(), (kind, object) => {
    if (kind === 'workspace_variable' && typeof object['variable_name'] === 'string') names.add(object['variable_name'])
    if (kind === 'jinja' && typeof object['template'] === 'string')
      for (const [, name] of object['template'].matchAll(LOOKUP)) names.add(name!)
    return object
  })
  return [...names]
}

/** `{{ name }}`: the one thing that templates of parameters do here. */
const LOOKUP = /\{\{\s*(?:prefect\.variables\.)?([\w-]+)\s*\}\}/g

export type Hydrated = { readonly type: 'value'; readonly value: JsonText } | { readonly type: 'problem'; readonly problem: string }

/** The value with everything in the place that it stands for. Without `variables`, what names some is left as it is. */
export function hydrate(value: JsonText, variables: ReadonlyMap<string, JsonText> | null): Hydrated {
  let problem: string | undefined
  const wrong = (what: string): null => {
    problem ??= what
    return null
  }
  const result = walk(value.toJSON(), (kind, object) => {
    if (variables === null && (kind === 'workspace_variable' || kind === 'jinja')) return object
    switch (kind) {
      case 'none':
        return object['value'] ?? null
      case 'json': {
        const text = object['value']
        if (typeof text !== 'string') return wrong(`Missing 'value' key in __prefect object`)
        try {
          return parseLiterally(text)
        } catch {
          return wrong(`Invalid JSON: ${text.slice(0, 100)}`)
        }
      }
      case 'workspace_variable': {
        const name = object['variable_name']
        if (typeof name !== 'string') return wrong(`Missing 'variable_name' key in __prefect object`)
        return variables?.get(name)?.toJSON() ?? wrong(`Variable '${name}' not found in workspace.`)
      }
      case 'jinja': {
        const template = object['template']
        if (typeof template !== 'string') return wrong(`Missing 'template' key in __prefect object`)
        return template.replaceAll(LOOKUP, (_, name: string) => {
          const found = variables?.get(name)?.plain()
          if (found === undefined) wrong(`Invalid jinja: '${name}' is undefined`)
          return typeof found === 'string' ? found : JSON.stringify(found ?? null)
        })
      }
      default:
        return wrong(`Invalid '__prefect_kind': ${String(kind)}`)
    }
  })
  return problem === undefined ? { type: 'value', value: JsonText.of(result) } : { type: 'problem', problem }
}

/** Whether it stands for something else, as far as it was not hydrated. */
export function isPlaceholder(value: unknown): boolean {
  return typeof value === 'object' && value !== null && KIND in value
}

/** Inner values first: placeholders may hold others. */
function walk(value: unknown, replace: (kind: unknown, object: Readonly<Record<string, unknown>>) => unknown): unknown {
  if (typeof value !== 'object' || value === null || isRawNumber(value)) return value
  if (Array.isArray(value)) return value.map((each) => walk(each, replace))
  const walked = Object.fromEntries(Object.entries(value).map(([key, member]) => [key, walk(member, replace)]))
  return KIND in walked ? replace(walked[KIND], walked) : walked
}
