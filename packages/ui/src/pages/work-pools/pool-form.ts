/** A limit as somebody types it: nothing typed is no limit. */
export type ReadLimit = { readonly limit: number | null } | { readonly problem: string }

export function readLimit(text: string): ReadLimit {
  if (text.trim() === '') return { limit: null }
  const limit = Number(text)
  return Number.isSafeInteger(limit) && limit >= 0 ? { limit } : { problem: 'A whole number, 0 or more; nothing for no limit.' }
}

export function poolNameProblem(name: string, taken: readonly string[]): string | undefined {
  if (name.trim() === '') return 'Give it a name.'
  const bad = /[/%&><]/.exec(name)
  if (bad !== null) return `A name cannot have the character ${bad[0]}`
  return taken.includes(name.trim()) ? 'There is a pool of this name already.' : undefined
}

/** The two parts of a base job template, when it has them. */
export interface TemplateParts {
  readonly configuration: unknown
  readonly variables: Readonly<Record<string, unknown>>
}

export function templateParts(template: Readonly<Record<string, unknown>>): TemplateParts | undefined {
  const { job_configuration: configuration, variables } = template
  if (configuration === undefined || !isObject(variables) || !isObject(variables['properties'])) return undefined
  return { configuration, variables }
}

/** The defaults of its variables, as a form shows them. */
export function defaultsOf({ variables }: TemplateParts): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(propertiesOf(variables)).flatMap(([name, property]) =>
      property['default'] === undefined || property['default'] === null ? [] : [[name, property['default']] as const],
    ),
  )
}

/** The template with these values as the defaults of its variables; one that is not given has none. */
export function withDefaults(
  template: Readonly<Record<string, unknown>>,
  values: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const parts = templateParts(template)
  if (parts === undefined) return template
  const properties = Object.fromEntries(
    Object.entries(propertiesOf(parts.variables)).map(([name, property]) => {
      const { default: _before, ...rest } = property
      const value = values[name]
      return [name, value === undefined || value === null ? rest : { ...rest, default: value }]
    }),
  )
  return { ...template, variables: { ...parts.variables, properties } }
}

/** What the form of the defaults follows: nothing in it has to be given, since deployments may give it. */
export function formSchema({ variables }: TemplateParts): Readonly<Record<string, unknown>> {
  const { required: _required, ...rest } = variables
  return { type: 'object', ...rest }
}

function propertiesOf(variables: Readonly<Record<string, unknown>>): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  const { properties } = variables
  if (!isObject(properties)) return {}
  return Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, isObject(property) ? property : {}]))
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
