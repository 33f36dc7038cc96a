import { TuttiError } from './errors.ts'
import type { Json } from './json.ts'
import type { JsonSchema } from './parameters.ts'

/** Parameters on their way: members may still be added. */
interface Tree {
  [key: string]: Json | Tree
}

/**
 * Reads parameters as they are typed in a terminal: `count=5`, `day=2026-01-01`, `filter.state=open`, `tag=a tag=b` (a list).
 * A value that is JSON is taken as that, anything else as text. Where the schema says that a field is text or a list, it is one in any
 * case. `a\.b` is a name with a dot in it.
 *
 * @throws `INVALID_PARAMETERS`
 */
export function coerceCliParameters(pairs: readonly string[], schema: JsonSchema = {}): Readonly<Record<string, Json>> {
  const given = new Map<string, string[]>()
  for (const pair of pairs) {
    const at = pair.indexOf('=')
    if (at <= 0) throw invalid(`'${pair}' has no name and value: write name=value`)
    const name = pair.slice(0, at)
    const texts = given.get(name)
    if (texts === undefined) given.set(name, [pair.slice(at + 1)])
    else texts.push(pair.slice(at + 1))
  }

  const root: Tree = {}
  for (const [name, texts] of given) put(root, name, (path) => readValues(texts, schemaAt(schema, path)))
  return root as Readonly<Record<string, Json>> // a tree whose leaves are JSON is JSON
}

function put(root: Tree, name: string, read: (path: readonly string[]) => Json): void {
  const path = name.split(/(?<!\\)\./).map((key) => key.replaceAll('\\.', '.'))
  if (path.some((key) => key === '' || key === '__proto__')) throw invalid(`'${name}' is not the name of a parameter`)
  let tree = root
  for (const key of path.slice(0, -1)) {
    if (!Object.hasOwn(tree, key)) tree[key] = {}
    const child = tree[key]
    if (typeof child !== 'object' || child === null || Array.isArray(child))
      throw invalid(`'${name}' is a member of '${key}', which was given a value of its own`)
    tree = child as Tree // neither a list nor a plain value
  }
  const leaf = path.at(-1) ?? ''
  if (Object.hasOwn(tree, leaf)) throw invalid(`'${name}' was given a value after its members`)
  tree[leaf] = read(path)
}

function readValues(texts: readonly string[], schema: JsonSchema | undefined): Json {
  const [first = '', ...more] = texts
  if (schema?.['type'] === 'array') {
    const list = more.length === 0 ? parseJson(first) : undefined
    // `Array.isArray` makes its argument a list of anything; here it came from JSON.
    return Array.isArray(list) ? (list as Json) : texts.map((text) => readValue(text, asSchema(schema['items'])))
  }
  return more.length === 0 ? readValue(first, schema) : texts.map((text) => readValue(text, schema))
}

function readValue(text: string, schema: JsonSchema | undefined): Json {
  const json = parseJson(text)
  // Text may be given as JSON too, by habit: `name="a b"`.
  if (schema?.['type'] === 'string') return typeof json === 'string' ? json : text
  if (typeof json === 'number' && !isExact(json, text)) return text
  return json === undefined ? text : json
}

/** Whole numbers that JavaScript would round (ids with many digits) stay as they were typed. */
function isExact(value: number, text: string): boolean {
  return /^-?\d+$/.test(text) ? Number.isSafeInteger(value) : Number.isFinite(value)
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json // that is what it gives
  } catch {
    return undefined
  }
}

function schemaAt(schema: JsonSchema, path: readonly string[]): JsonSchema | undefined {
  return path.reduce<JsonSchema | undefined>((at, key) => member(asSchema(at?.['properties']), key), schema)
}

function member(schema: JsonSchema | undefined, key: string): JsonSchema | undefined {
  return schema !== undefined && Object.hasOwn(schema, key) ? asSchema(schema[key]) : undefined
}

function asSchema(value: unknown): JsonSchema | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonSchema) : undefined // an object it is
}

function invalid(problem: string): TuttiError {
  return new TuttiError('INVALID_PARAMETERS', problem)
}
