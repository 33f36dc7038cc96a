import { isObject, spotOf } from './schema.ts'

const DEPTH_MAX = 8

/** What a form begins with: what has to be there, as far as it is known. What may be missing is left out: the code has its own default for it. */
export function startOf(root: unknown, schema: unknown, depth = 0): unknown {
  const { schema: plain, shape, isNullable } = spotOf(root, schema)
  if (plain['default'] !== undefined) return plain['default']
  if (isNullable && depth > 0) return null
  switch (shape.type) {
    case 'constant':
      return shape.value
    case 'object':
      if (depth >= DEPTH_MAX) return {}
      return Object.fromEntries(
        shape.members.flatMap((member) => {
          const start = member.isRequired ? startOf(root, member.schema, depth + 1) : undefined
          return start === undefined ? [] : [[member.key, start] as const]
        }),
      )
    case 'map':
      return {}
    case 'list':
    case 'choices':
      return []
    case 'tuple':
      return depth >= DEPTH_MAX ? [] : shape.items.map((each) => startOf(root, each, depth + 1) ?? null)
    case 'variants':
      return depth >= DEPTH_MAX ? undefined : startOf(root, shape.variants[0]?.schema, depth + 1)
    case 'switch':
      return false
    default:
      return undefined
  }
}

/** What is there once somebody wants a value: an empty text is one. */
export function blankOf(root: unknown, schema: unknown): unknown {
  const start = startOf(root, schema)
  if (start !== undefined && start !== null) return start
  const { shape } = spotOf(root, schema)
  return shape.type === 'choice'
    ? shape.options.find(({ value }) => value !== null)?.value
    : shape.type === 'json'
      ? null
      : shape.type === 'block'
        ? undefined
        : ''
}

/** Values given over what a form of the schema begins with. */
export function startWith(schema: unknown, given: unknown): unknown {
  const start = startOf(schema, schema)
  return isObject(start) && isObject(given) ? { ...start, ...given } : (given ?? start)
}
