// Whether a value fits a JSON Schema (2020-12, and the older forms that pydantic has written). Formats are not looked at: they annotate.

/** What is wrong at one place of a value. */
export interface SchemaError {
  /** Keys and indexes from the root to the place. */
  readonly path: readonly (string | number)[]
  /** `5 is not of type 'string'` */
  readonly message: string
}

export interface SchemaOptions {
  /** Values that are to be filled in later may be missing. */
  readonly ignoreRequired?: boolean
  /** Members that are not required may be null: what older clients mean by a schema that does not say so. */
  readonly nullOptional?: boolean
}

/** The schema itself cannot be used: it refers to what is not there, or to itself without an end. */
export class SchemaUnusable extends Error {
  override readonly name = 'SchemaUnusable'
}

/** Everything that is wrong with `value`, in the order of the schema. Throws `SchemaUnusable`. */
export function schemaErrors(
  schema: unknown,
  value: unknown,
  { ignoreRequired = false, nullOptional = false }: SchemaOptions = {},
): readonly SchemaError[] {
  return check({ root: schema, ignoreRequired, nullOptional, path: [], refs: [] }, schema, value)
}

interface Place {
  readonly root: unknown
  readonly ignoreRequired: boolean
  readonly nullOptional: boolean
  readonly path: readonly (string | number)[]
  /** References that were followed since the last step into the value. */
  readonly refs: readonly string[]
}

type Rules = Readonly<Record<string, unknown>>
type Check = (place: Place, rules: Rules, value: unknown) => readonly SchemaError[]

/** One for each keyword, or for keywords that only mean something together. */
const CHECKS: readonly Check[] = [
  checkReference,
  checkType,
  checkEnum,
  checkCombinations,
  checkCondition,
  checkNumber,
  checkText,
  checkList,
  checkObject,
]

function check(place: Place, schema: unknown, value: unknown): readonly SchemaError[] {
  if (schema === false) return [wrong(place, `${show(value)} is not allowed here`)]
  if (!isObject(schema)) return []
  return CHECKS.flatMap((each) => each(place, schema, value))
}

function fits(place: Place, schema: unknown, value: unknown): boolean {
  return check(place, schema, value).length === 0
}

function inside(place: Place, key: string | number): Place {
  return { ...place, path: [...place.path, key], refs: [] }
}

function checkReference(place: Place, { $ref: ref }: Rules, value: unknown): readonly SchemaError[] {
  if (typeof ref !== 'string') return []
  if (place.refs.includes(ref)) throw new SchemaUnusable(`the reference ${ref} leads back to itself`)
  return check({ ...place, refs: [...place.refs, ref] }, resolve(place.root, ref), value)
}

function resolve(root: unknown, ref: string): unknown {
  if (!ref.startsWith('#')) throw new SchemaUnusable(`the reference ${ref} leads out of the schema`)
  let found: unknown = root
  for (const part of ref.slice(1).split('/').slice(1)) {
    const key = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')
    const next: unknown = Array.isArray(found) ? found[Number(key)] : isObject(found) && Object.hasOwn(found, key) ? found[key] : undefined
    if (next === undefined) throw new SchemaUnusable(`the reference ${ref} leads nowhere`)
    found = next
  }
  return found
}

function checkType(place: Place, { type }: Rules, value: unknown): readonly SchemaError[] {
  const types = Array.isArray(type) ? type : type === undefined ? [] : [type]
  if (types.length === 0 || types.some((one) => isOfType(value, one))) return []
  return [wrong(place, `${show(value)} is not of type ${types.map((one) => `'${String(one)}'`).join(', ')}`)]
}

function isOfType(value: unknown, type: unknown): boolean {
  switch (type) {
    case 'null':
      return value === null
    case 'integer':
      return typeof value === 'number' && Number.isInteger(value)
    case 'array':
      return Array.isArray(value)
    case 'object':
      return isObject(value)
    case 'string':
    case 'number':
    case 'boolean':
      return typeof value === type
    default:
      throw new SchemaUnusable(`there is no type ${show(type)}`)
  }
}

function checkEnum(place: Place, rules: Rules, value: unknown): readonly SchemaError[] {
  const { enum: allowed } = rules
  if (Array.isArray(allowed) && !allowed.some((one) => isEqual(one, value)))
    return [wrong(place, `${show(value)} is not one of ${show(allowed)}`)]
  if ('const' in rules && !isEqual(rules['const'], value)) return [wrong(place, `${show(rules['const'])} was expected`)]
  return []
}

function checkCombinations(place: Place, { allOf, anyOf, oneOf, not }: Rules, value: unknown): readonly SchemaError[] {
  const errors = lists(allOf).flatMap((each) => check(place, each, value))
  const passing = (schemas: readonly unknown[]): number => schemas.filter((each) => fits(place, each, value)).length
  if (Array.isArray(anyOf) && passing(anyOf) === 0) errors.push(wrong(place, `${show(value)} is not valid under any of the given schemas`))
  if (Array.isArray(oneOf)) {
    const count = passing(oneOf)
    if (count === 0) errors.push(wrong(place, `${show(value)} is not valid under any of the given schemas`))
    if (count > 1) errors.push(wrong(place, `${show(value)} is valid under more than one of the given schemas`))
  }
  if (not !== undefined && fits(place, not, value)) errors.push(wrong(place, `${show(value)} should not be valid under ${show(not)}`))
  return errors
}

function checkCondition(place: Place, rules: Rules, value: unknown): readonly SchemaError[] {
  const { if: condition } = rules
  if (condition === undefined) return []
  return check(place, fits(place, condition, value) ? rules['then'] : rules['else'], value)
}

function checkNumber(place: Place, rules: Rules, value: unknown): readonly SchemaError[] {
  if (typeof value !== 'number') return []
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = rules
  const errors: SchemaError[] = []
  if (typeof minimum === 'number' && value < minimum) errors.push(wrong(place, `${value} is less than the minimum of ${minimum}`))
  if (typeof maximum === 'number' && value > maximum) errors.push(wrong(place, `${value} is greater than the maximum of ${maximum}`))
  if (typeof exclusiveMinimum === 'number' && value <= exclusiveMinimum)
    errors.push(wrong(place, `${value} is not greater than ${exclusiveMinimum}`))
  if (typeof exclusiveMaximum === 'number' && value >= exclusiveMaximum)
    errors.push(wrong(place, `${value} is not less than ${exclusiveMaximum}`))
  if (typeof multipleOf === 'number' && !isMultiple(value, multipleOf))
    errors.push(wrong(place, `${value} is not a multiple of ${multipleOf}`))
  return errors
}

/** 0.3 is a multiple of 0.1, whatever binary fractions make of it. */
function isMultiple(value: number, of: number): boolean {
  const times = value / of
  return Math.abs(times - Math.round(times)) < 1e-9 * Math.max(1, Math.abs(times))
}

function checkText(place: Place, { minLength, maxLength, pattern }: Rules, value: unknown): readonly SchemaError[] {
  if (typeof value !== 'string') return []
  const errors: SchemaError[] = []
  const length = minLength === undefined && maxLength === undefined ? 0 : [...value].length
  if (typeof minLength === 'number' && length < minLength) errors.push(wrong(place, `${show(value)} is too short`))
  if (typeof maxLength === 'number' && length > maxLength) errors.push(wrong(place, `${show(value)} is too long`))
  if (typeof pattern === 'string' && !expression(pattern).test(value))
    errors.push(wrong(place, `${show(value)} does not match '${pattern}'`))
  return errors
}

function expression(pattern: string): RegExp {
  try {
    return new RegExp(pattern, 'u')
  } catch (cause) {
    throw new SchemaUnusable(`the pattern ${pattern} cannot be read`, { cause })
  }
}

function checkList(place: Place, rules: Rules, value: unknown): readonly SchemaError[] {
  if (!Array.isArray(value)) return []
  const { items, prefixItems, additionalItems, minItems, maxItems, uniqueItems, contains } = rules
  // Older schemas say with `items` what newer ones say with `prefixItems`.
  const first = lists(prefixItems ?? (Array.isArray(items) ? items : undefined))
  const rest = Array.isArray(items) ? additionalItems : items
  const errors = value.flatMap((item: unknown, index) => check(inside(place, index), index < first.length ? first[index] : rest, item))
  if (typeof minItems === 'number' && value.length < minItems) errors.push(wrong(place, `${show(value)} is too short`))
  if (typeof maxItems === 'number' && value.length > maxItems) errors.push(wrong(place, `${show(value)} is too long`))
  if (uniqueItems === true && new Set(value.map(canonical)).size < value.length)
    errors.push(wrong(place, `${show(value)} has non-unique elements`))
  if (contains !== undefined) {
    const count = value.filter((item, index) => fits(inside(place, index), contains, item)).length
    const { minContains = 1, maxContains = Infinity } = rules
    if (count < Number(minContains) || count > Number(maxContains))
      errors.push(wrong(place, `${show(value)} does not contain what it should`))
  }
  return errors
}

function checkObject(place: Place, rules: Rules, value: unknown): readonly SchemaError[] {
  if (!isObject(value)) return []
  const { required, minProperties, maxProperties, propertyNames, dependentRequired } = rules
  const keys = Object.keys(value)
  const errors: SchemaError[] = []
  const isMissing = (key: unknown): key is string => typeof key === 'string' && !Object.hasOwn(value, key)
  if (!place.ignoreRequired)
    for (const key of lists(required)) if (isMissing(key)) errors.push(wrong(place, `'${key}' is a required property`))
  for (const [key, needed] of Object.entries(isObject(dependentRequired) ? dependentRequired : {}))
    for (const other of Object.hasOwn(value, key) ? lists(needed) : [])
      if (isMissing(other)) errors.push(wrong(place, `'${other}' is a dependency of '${key}'`))
  if (typeof minProperties === 'number' && keys.length < minProperties)
    errors.push(wrong(place, `${show(value)} does not have enough properties`))
  if (typeof maxProperties === 'number' && keys.length > maxProperties) errors.push(wrong(place, `${show(value)} has too many properties`))
  for (const key of keys) {
    if (propertyNames !== undefined) errors.push(...check(place, propertyNames, key))
    errors.push(...checkMember(place, rules, key, value[key]))
  }
  return errors
}

function checkMember(place: Place, rules: Rules, key: string, value: unknown): readonly SchemaError[] {
  const { properties, patternProperties, additionalProperties, required } = rules
  const named = isObject(properties) && Object.hasOwn(properties, key) ? [properties[key]] : []
  if (value === null && place.nullOptional && named.length > 0 && !lists(required).includes(key)) return []
  const matching = Object.entries(isObject(patternProperties) ? patternProperties : {}).flatMap(([pattern, schema]) =>
    expression(pattern).test(key) ? [schema] : [],
  )
  const known = [...named, ...matching]
  if (known.length > 0) return known.flatMap((schema) => check(inside(place, key), schema, value))
  if (additionalProperties === false) return [wrong(place, `Additional properties are not allowed ('${key}' was unexpected)`)]
  return check(inside(place, key), additionalProperties, value)
}

function wrong({ path }: Place, message: string): SchemaError {
  return { path, message }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function lists(value: unknown): unknown[] {
  return Array.isArray(value) ? [...(value as readonly unknown[])] : [] // the elements of what was parsed are unknown
}

function isEqual(one: unknown, other: unknown): boolean {
  return canonical(one) === canonical(other)
}

/** The same text for equal values, whatever the order of their keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    isObject(member) ? Object.fromEntries(Object.entries(member).toSorted(([one], [other]) => (one < other ? -1 : 1))) : member,
  )
}

/** A value is told of, not repeated at length. */
const SHOWN_MAX = 100

function show(value: unknown): string {
  const text = typeof value === 'string' ? `'${value}'` : JSON.stringify(value)
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text
}
