// JSON Schema as a form sees it: references followed, parts joined, and which kind of field fits.

export type Schema = Readonly<Record<string, unknown>>

export interface Option {
  readonly label: string
  readonly value: unknown
}

export interface Variant {
  readonly label: string
  readonly schema: unknown
}

export interface Member {
  readonly key: string
  readonly schema: unknown
  readonly isRequired: boolean
}

export type TextFormat = 'date-time' | 'date' | 'time' | 'email' | 'uri' | 'uuid' | 'duration'

/** Which kind of field is shown. */
export type Shape =
  | { readonly type: 'text'; readonly format: TextFormat | undefined; readonly isSecret: boolean }
  | { readonly type: 'number'; readonly isWhole: boolean }
  | { readonly type: 'switch' }
  /** A saved block of one of these types. */
  | { readonly type: 'block'; readonly slugs: readonly string[] }
  | { readonly type: 'constant'; readonly value: unknown }
  | { readonly type: 'choice'; readonly options: readonly Option[] }
  /** Any of the options, each at most once. */
  | { readonly type: 'choices'; readonly options: readonly Option[] }
  | { readonly type: 'object'; readonly members: readonly Member[]; readonly rest: unknown }
  | { readonly type: 'map'; readonly values: unknown }
  | { readonly type: 'list'; readonly items: unknown }
  | { readonly type: 'tuple'; readonly items: readonly unknown[]; readonly rest: unknown }
  | { readonly type: 'variants'; readonly variants: readonly Variant[] }
  | { readonly type: 'json' }

/** One place of a schema, as it is shown. */
export interface Spot {
  /** Its references followed; without the alternative of being null. */
  readonly schema: Schema
  readonly isNullable: boolean
  readonly title: string | undefined
  readonly description: string | undefined
  readonly shape: Shape
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [] // the elements of what was parsed are unknown
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined
}

/** What a reference names; `undefined` where it leads nowhere or out of the schema. */
export function lookUp(root: unknown, ref: string): unknown {
  if (!ref.startsWith('#')) return undefined
  let found: unknown = root
  for (const part of ref.slice(1).split('/').slice(1)) {
    const key = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')
    found = Array.isArray(found)
      ? (found as readonly unknown[])[Number(key)]
      : isObject(found) && Object.hasOwn(found, key)
        ? found[key]
        : undefined // as above
  }
  return found
}

/** With its references followed and the parts of `allOf` joined. What leads in a circle says nothing. */
export function resolve(root: unknown, schema: unknown, seen: readonly string[] = []): Schema {
  if (!isObject(schema)) return {}
  const { $ref: ref, allOf, ...own } = schema
  const target = typeof ref !== 'string' || seen.includes(ref) ? {} : resolve(root, lookUp(root, ref), [...seen, ref])
  return listOf(allOf).reduce<Schema>((joined, part) => join(joined, resolve(root, part, seen)), join(target, own))
}

/** What says both; the second has the last word where they name the same thing. */
function join(one: Schema, other: Schema): Schema {
  if (Object.keys(one).length === 0) return other
  const joined: Record<string, unknown> = { ...one, ...other }
  if (isObject(one['properties']) && isObject(other['properties'])) {
    const properties: Record<string, unknown> = { ...one['properties'] }
    for (const [key, schema] of Object.entries(other['properties']))
      properties[key] = Object.hasOwn(properties, key) ? { allOf: [properties[key], schema] } : schema
    joined['properties'] = properties
  }
  const required = new Set([...listOf(one['required']), ...listOf(other['required'])])
  if (required.size > 0) joined['required'] = [...required]
  return joined
}

/** How one place of the schema is shown. */
export function spotOf(root: unknown, schema: unknown): Spot {
  const { schema: plain, isNullable } = withoutNull(root, resolve(root, schema))
  return {
    schema: plain,
    isNullable,
    title: textOf(plain['title']),
    description: textOf(plain['description']),
    shape: shapeOf(root, plain),
  }
}

function withoutNull(root: unknown, schema: Schema): { readonly schema: Schema; readonly isNullable: boolean } {
  const { type } = schema
  if (Array.isArray(type) && type.includes('null')) {
    const others = type.filter((each) => each !== 'null')
    if (others.length > 0) return { schema: { ...schema, type: others.length === 1 ? others[0] : others }, isNullable: true }
  }
  for (const keyword of ['anyOf', 'oneOf'] as const) {
    const { [keyword]: alternatives, ...own } = schema
    if (!Array.isArray(alternatives)) continue
    const others = alternatives.filter((each) => resolve(root, each)['type'] !== 'null')
    const isNullable = others.length < alternatives.length
    if (others.length === 1) {
      const inner = withoutNull(root, join(resolve(root, others[0]), own))
      return { schema: inner.schema, isNullable: isNullable || inner.isNullable }
    }
    if (isNullable && others.length > 1) return { schema: { ...own, [keyword]: others }, isNullable }
  }
  return { schema, isNullable: false }
}

/** What a server shows for a secret. Given back, it says that the secret stays as it is. */
export const HIDDEN = '********'
/** In a schema: slugs of the types whose blocks a place may refer to. */
export const BLOCK_TYPES = 'block_types'

/** A secret that is there and is told to nobody. */
export function isHidden(schema: Schema, value: unknown): boolean {
  return value === HIDDEN && (schema['writeOnly'] === true || schema['format'] === 'password')
}

export function blockReference(id: string): unknown {
  return { $ref: { block_document_id: id } }
}

/** The id of the block that a value refers to. */
export function referredIn(value: unknown): string | undefined {
  const target: unknown = isObject(value) ? value['$ref'] : undefined
  const id: unknown = isObject(target) ? target['block_document_id'] : undefined
  return typeof id === 'string' ? id : undefined
}

const FORMATS: ReadonlySet<unknown> = new Set<TextFormat>(['date-time', 'date', 'time', 'email', 'uri', 'uuid', 'duration'])

function shapeOf(root: unknown, schema: Schema): Shape {
  const slugs = schema[BLOCK_TYPES]
  if (Array.isArray(slugs)) return { type: 'block', slugs: slugs.map(String) }
  if ('const' in schema) return { type: 'constant', value: schema['const'] }
  if (Array.isArray(schema['enum'])) return { type: 'choice', options: optionsOf(schema) }
  const alternatives = listOf(schema['oneOf'] ?? schema['anyOf'])
  if (alternatives.length > 1) return alternativesShape(root, schema, alternatives)
  const { type } = schema
  if (Array.isArray(type)) {
    const variants = type.map((each) => ({ label: typeName(each), schema: { ...schema, type: each as unknown, title: undefined } })) // checked where it is used
    return { type: 'variants', variants }
  }
  switch (type ?? impliedType(schema)) {
    case 'string':
      return {
        type: 'text',
        format: FORMATS.has(schema['format']) ? (schema['format'] as TextFormat) : undefined, // it has it
        isSecret: schema['writeOnly'] === true || schema['format'] === 'password',
      }
    case 'integer':
      return { type: 'number', isWhole: true }
    case 'number':
      return { type: 'number', isWhole: false }
    case 'boolean':
      return { type: 'switch' }
    case 'null':
      return { type: 'constant', value: null }
    case 'object':
      return objectShape(root, schema)
    case 'array':
      return listShape(root, schema)
    default:
      return { type: 'json' }
  }
}

function impliedType(schema: Schema): string | undefined {
  if (isObject(schema['properties'])) return 'object'
  if (schema['items'] !== undefined || schema['prefixItems'] !== undefined) return 'array'
  if (FORMATS.has(schema['format']) || schema['minLength'] !== undefined || schema['maxLength'] !== undefined) return 'string'
  return undefined
}

function optionsOf(schema: Schema): readonly Option[] {
  const names = listOf(schema['enumNames'] ?? schema['x-enumNames'])
  return listOf(schema['enum']).map((value, at) => ({ value, label: textOf(names[at]) ?? shown(value) }))
}

function alternativesShape(root: unknown, schema: Schema, alternatives: readonly unknown[]): Shape {
  const plain = alternatives.map((each) => resolve(root, each))
  // Alternatives that are one value each are what others write as `enum`.
  if (plain.every((each) => 'const' in each || Array.isArray(each['enum']))) {
    const options = plain.flatMap((each) =>
      'const' in each ? [{ value: each['const'], label: textOf(each['title']) ?? shown(each['const']) }] : optionsOf(each),
    )
    return { type: 'choice', options }
  }
  const { oneOf: _oneOf, anyOf: _anyOf, title: _title, description: _description, default: _default, discriminator: _, ...common } = schema
  const variants = alternatives.map((each, at) => ({
    label: variantLabel(each, plain[at]!),
    // What stands beside the alternatives holds for each of them.
    schema: Object.keys(common).length === 0 ? each : { allOf: [common, each] },
  }))
  const labels = variants.map(({ label }) => label)
  return {
    type: 'variants',
    variants: variants.map((variant, at) => {
      const isDouble = labels.indexOf(variant.label) !== labels.lastIndexOf(variant.label)
      return isDouble ? { ...variant, label: `${variant.label} (${at + 1})` } : variant
    }),
  }
}

function variantLabel(raw: unknown, schema: Schema): string {
  const ref = isObject(raw) && typeof raw['$ref'] === 'string' ? raw['$ref'].split('/').at(-1) : undefined
  const named = textOf(schema['title']) ?? textOf(ref)
  if (named !== undefined) return named
  const mark = Object.values(discriminatorsOf(schema))[0]
  if (mark !== undefined) return shown(mark)
  if ('const' in schema) return shown(schema['const'])
  if (schema['type'] === 'array' && schema['items'] !== undefined) {
    const inner = isObject(schema['items']) ? schema['items']['type'] : undefined
    return inner === undefined ? 'list' : `list of ${typeName(inner)}`
  }
  const format = textOf(schema['format'])
  return format === undefined ? typeName(schema['type']) : `${typeName(schema['type'])} (${format})`
}

/** Members with only one possible value: by them alternatives are told apart. */
export function discriminatorsOf(schema: Schema): Readonly<Record<string, unknown>> {
  const properties = isObject(schema['properties']) ? schema['properties'] : {}
  return Object.fromEntries(
    Object.entries(properties).flatMap(([key, member]) => {
      if (!isObject(member)) return []
      if ('const' in member) return [[key, member['const']] as const]
      const only = listOf(member['enum'])
      return only.length === 1 ? [[key, only[0]] as const] : []
    }),
  )
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'yes or no',
  null: 'null',
  object: 'object',
  array: 'list',
}

/** A type of JSON, in a word that needs no article. */
export function typeName(type: unknown): string {
  return (typeof type === 'string' ? TYPE_NAMES[type] : undefined) ?? 'anything'
}

function objectShape(root: unknown, schema: Schema): Shape {
  const properties = isObject(schema['properties']) ? schema['properties'] : {}
  const rest = schema['additionalProperties'] ?? true
  if (Object.keys(properties).length === 0) {
    const patterns = isObject(schema['patternProperties']) ? Object.values(schema['patternProperties']) : []
    if (rest !== false || patterns.length > 0) return { type: 'map', values: patterns.length > 0 ? patterns[0] : rest }
  }
  const required = listOf(schema['required'])
  const members = Object.entries(properties).map(([key, member], at) => ({
    position: positionOf(resolve(root, member)) ?? at,
    member: { key, schema: member, isRequired: required.includes(key) },
  }))
  // Signatures have an order that objects need not keep; it is stable for those that name none.
  const ordered = members.toSorted((one, other) => one.position - other.position)
  return { type: 'object', members: ordered.map(({ member }) => member), rest }
}

function positionOf(schema: Schema): number | undefined {
  const position = schema['position'] ?? schema['order']
  return typeof position === 'number' ? position : undefined
}

function listShape(root: unknown, schema: Schema): Shape {
  const { items, prefixItems } = schema
  // Older schemas say with `items` what newer ones say with `prefixItems`.
  const first = Array.isArray(prefixItems) ? listOf(prefixItems) : Array.isArray(items) ? listOf(items) : undefined
  if (first !== undefined) {
    const rest = Array.isArray(items) ? schema['additionalItems'] : items
    const isClosed = schema['maxItems'] === first.length || rest === undefined
    return { type: 'tuple', items: first, rest: isClosed ? false : rest }
  }
  const each = resolve(root, items)
  const options = Array.isArray(each['enum']) ? optionsOf(each) : []
  if (schema['uniqueItems'] === true && options.length > 0) return { type: 'choices', options }
  return { type: 'list', items: items ?? true }
}

const SHOWN_MAX = 60

/** A value in a few words. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing')
  if (text === '') return '(empty)'
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text
}

/** `batch_size` and `batchSize` as a person writes them: names of code stay as they are. */
export function labelOf(key: string, title: string | undefined): string {
  // Pydantic makes titles of the names: the name itself is what code and commands know.
  const isMade = title !== undefined && title.toLowerCase().replaceAll(/[\s_]/g, '') === key.toLowerCase().replaceAll(/[\s_]/g, '')
  return title === undefined || isMade ? key : title
}
