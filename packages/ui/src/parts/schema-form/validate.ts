// What is wrong with a value, at the place where it is wrong, in words that say what is expected. No code is made at run time: the page's policy forbids it.
import { fitsFormat, FORMAT_HINTS } from './formats.ts'
import { inside } from './pointer.ts'
import { discriminatorsOf, isHidden, isObject, listOf, lookUp, resolve, shown, spotOf, typeName } from './schema.ts'
import type { Schema, TextFormat } from './schema.ts'
import { Unreadable } from './unreadable.ts'

/** One sentence for each JSON pointer. */
export type FieldErrors = Readonly<Record<string, string>>

/** Nothing when the value fits. Members that are not required may be null, as the server takes them. */
export function validateAgainst(schema: unknown, value: unknown): FieldErrors {
  const errors: Record<string, string> = {}
  const wrong: Tell = (pointer, message) => {
    errors[pointer] ??= message
  }
  if (value === undefined) wrong('', 'A value is needed.')
  else check({ root: schema, pointer: '', refs: [], wrong }, schema, value)
  return errors
}

type Tell = (pointer: string, message: string) => void

interface Place {
  readonly root: unknown
  readonly pointer: string
  /** References that were followed since the last step into the value. */
  readonly refs: readonly string[]
  readonly wrong: Tell
}

function check(place: Place, schema: unknown, value: unknown): void {
  if (value instanceof Unreadable) return place.wrong(place.pointer, value.problem)
  if (schema === false) return place.wrong(place.pointer, 'Nothing is expected here.')
  if (!isObject(schema) || isPlaceholder(value) || isHidden(schema, value)) return
  const { $ref: ref } = schema
  if (typeof ref === 'string' && !place.refs.includes(ref)) check({ ...place, refs: [...place.refs, ref] }, lookUp(place.root, ref), value)
  for (const part of listOf(schema['allOf'])) check(place, part, value)
  const hasType = checkType(place, schema, value)
  // Whatever else is said of a value of another type would only be noise.
  if (!hasType) return
  checkValues(place, schema, value)
  checkAlternatives(place, schema, value)
  checkConditions(place, schema, value)
  if (typeof value === 'number') checkNumber(place, schema, value)
  if (typeof value === 'string') checkText(place, schema, value)
  if (Array.isArray(value)) checkList(place, schema, listOf(value))
  if (isObject(value)) checkObject(place, schema, value)
}

/** Stands for a value that is filled in when the run starts. */
function isPlaceholder(value: unknown): boolean {
  return isObject(value) && typeof value['__prefect_kind'] === 'string'
}

function fits(place: Place, schema: unknown, value: unknown): boolean {
  return errorCount(place, schema, value) === 0
}

function errorCount(place: Place, schema: unknown, value: unknown): number {
  let count = 0
  check({ ...place, wrong: () => (count += 1) }, schema, value)
  return count
}

function checkType(place: Place, schema: Schema, value: unknown): boolean {
  const types = Array.isArray(schema['type']) ? listOf(schema['type']) : schema['type'] === undefined ? [] : [schema['type']]
  if (types.length === 0 || types.some((type) => isOfType(value, type))) return true
  place.wrong(place.pointer, `${capital(types.map(articleOf).join(' or '))} is expected${typed(value)}.`)
  return false
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
      // A type nobody knows: the server has the word.
      return true
  }
}

function articleOf(type: unknown): string {
  if (type === 'string') return 'text'
  if (type === 'null') return 'null'
  if (type === 'boolean') return 'true or false'
  return type === 'object' ? 'an object' : `a ${typeName(type)}`
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`
}

/** What is there instead, where that helps. */
function typed(value: unknown): string {
  if (value === '' || value === null) return ''
  return `, not ${typeof value === 'string' ? `“${shown(value)}”` : shown(value)}`
}

const LISTED_MAX = 8

function checkValues(place: Place, schema: Schema, value: unknown): void {
  const allowed = schema['enum']
  if (Array.isArray(allowed) && !allowed.some((one) => isEqual(one, value))) {
    const more = allowed.length > LISTED_MAX ? ', …' : ''
    place.wrong(place.pointer, `One of ${allowed.slice(0, LISTED_MAX).map(shown).join(', ')}${more} is expected.`)
  }
  if ('const' in schema && !isEqual(schema['const'], value)) place.wrong(place.pointer, `Only ${shown(schema['const'])} is expected here.`)
}

function checkAlternatives(place: Place, schema: Schema, value: unknown): void {
  for (const keyword of ['anyOf', 'oneOf'] as const) {
    const alternatives = listOf(schema[keyword])
    if (alternatives.length === 0) continue
    const fitting = alternatives.filter((each) => fits(place, each, value))
    if (fitting.length > 1 && keyword === 'oneOf')
      place.wrong(place.pointer, 'This fits more than one of the alternatives; it has to fit exactly one.')
    if (fitting.length > 0) continue
    checkChoices(place, alternatives, value)
  }
  const { not } = schema
  if (not !== undefined && fits(place, not, value)) place.wrong(place.pointer, `This is not allowed: ${shown(value)}.`)
}

/** None fits: what is wrong is told of the alternative that is meant. */
function checkChoices(place: Place, alternatives: readonly unknown[], value: unknown): void {
  const plain = alternatives.map((each) => resolve(place.root, each))
  const values = plain.flatMap((each) => ('const' in each ? [each['const']] : listOf(each['enum'])))
  if (plain.every((each) => 'const' in each || Array.isArray(each['enum']))) return checkValues(place, { enum: values }, value)
  const others = alternatives.filter((_, at) => plain[at]!['type'] !== 'null')
  const meant = variantOf(place.root, others, value)
  if (meant === undefined) {
    const kinds = others.map((each) => articleOf(resolve(place.root, each)['type'] ?? 'object'))
    return place.wrong(place.pointer, `${capital([...new Set(kinds)].join(' or '))} is expected${typed(value)}.`)
  }
  check(place, others[meant], value)
}

/** Which of the alternatives a value is meant to be: the one it fits, or the one that is nearest. */
export function variantOf(root: unknown, alternatives: readonly unknown[], value: unknown): number | undefined {
  const place: Place = { root, pointer: '', refs: [], wrong: () => undefined }
  const fitting = alternatives.findIndex((each) => fits(place, each, value))
  if (fitting !== -1) return fitting
  const plain = alternatives.map((each) => spotOf(root, each).schema)
  const ranked = plain.flatMap((schema, at) => {
    const types = Array.isArray(schema['type']) ? listOf(schema['type']) : [schema['type'] ?? 'object']
    if (!types.some((type) => isOfType(value, type))) return []
    const marks = Object.entries(discriminatorsOf(schema))
    const isMarked = isObject(value) && marks.length > 0 && marks.every(([key, mark]) => isEqual(value[key], mark))
    return [{ at, rank: (isMarked ? 0 : 1_000) + errorCount(place, alternatives[at], value) }]
  })
  return ranked.toSorted((one, other) => one.rank - other.rank)[0]?.at
}

function checkConditions(place: Place, schema: Schema, value: unknown): void {
  const { if: condition } = schema
  if (condition === undefined) return
  const follows = fits(place, condition, value) ? schema['then'] : schema['else']
  if (follows !== undefined) check(place, follows, value)
}

function checkNumber({ pointer, wrong }: Place, schema: Schema, value: number): void {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema
  if (typeof minimum === 'number' && value < minimum) wrong(pointer, `At least ${minimum} is expected.`)
  if (typeof maximum === 'number' && value > maximum) wrong(pointer, `At most ${maximum} is expected.`)
  if (typeof exclusiveMinimum === 'number' && value <= exclusiveMinimum) wrong(pointer, `More than ${exclusiveMinimum} is expected.`)
  if (typeof exclusiveMaximum === 'number' && value >= exclusiveMaximum) wrong(pointer, `Less than ${exclusiveMaximum} is expected.`)
  if (typeof multipleOf === 'number' && multipleOf > 0 && !isMultiple(value, multipleOf))
    wrong(pointer, `A multiple of ${multipleOf} is expected.`)
}

/** 0.3 is a multiple of 0.1, whatever binary fractions make of it. */
function isMultiple(value: number, of: number): boolean {
  const times = value / of
  return Math.abs(times - Math.round(times)) < 1e-9 * Math.max(1, Math.abs(times))
}

function checkText({ pointer, wrong }: Place, schema: Schema, value: string): void {
  const { minLength, maxLength, pattern, format } = schema
  const length = minLength === undefined && maxLength === undefined ? 0 : [...value].length
  if (typeof minLength === 'number' && length < minLength)
    wrong(pointer, minLength === 1 ? 'This must not be empty.' : `At least ${minLength} characters are expected; there are ${length}.`)
  if (typeof maxLength === 'number' && length > maxLength)
    wrong(pointer, `At most ${maxLength} characters are expected; there are ${length}.`)
  if (typeof format === 'string' && Object.hasOwn(FORMAT_HINTS, format)) {
    const known = format as TextFormat // it has a hint
    if (!fitsFormat(known, value)) return wrong(pointer, `${capital(FORMAT_HINTS[known])} is expected.`)
  }
  if (typeof pattern === 'string' && expression(pattern)?.test(value) === false) wrong(pointer, `This has to match ${shown(pattern)}.`)
}

/** `undefined` where it cannot be read: the server says so. */
function expression(pattern: string): RegExp | undefined {
  try {
    return new RegExp(pattern, 'u')
  } catch {
    return undefined
  }
}

function checkList(place: Place, schema: Schema, value: readonly unknown[]): void {
  const { pointer, wrong } = place
  const { items, prefixItems, additionalItems, minItems, maxItems, uniqueItems, contains } = schema
  const first = listOf(prefixItems ?? (Array.isArray(items) ? items : undefined))
  const rest = Array.isArray(items) ? additionalItems : items
  for (const [index, item] of value.entries())
    check({ ...place, pointer: inside(pointer, index), refs: [] }, index < first.length ? first[index] : rest, item ?? null)
  if (typeof minItems === 'number' && value.length < minItems) wrong(pointer, `At least ${counted(minItems)}; there are ${value.length}.`)
  if (typeof maxItems === 'number' && value.length > maxItems) wrong(pointer, `At most ${counted(maxItems)}; there are ${value.length}.`)
  if (uniqueItems === true) {
    const seen = new Set<string>()
    for (const [index, item] of value.entries()) {
      const text = canonical(item)
      if (seen.has(text)) wrong(inside(pointer, index), 'This is in the list already.')
      seen.add(text)
    }
  }
  if (contains !== undefined && !value.some((item) => fits(place, contains, item)))
    wrong(pointer, 'The list lacks an item that it has to contain.')
}

function counted(items: number): string {
  return items === 1 ? '1 item is expected' : `${items} items are expected`
}

function checkObject(place: Place, schema: Schema, value: Readonly<Record<string, unknown>>): void {
  const { pointer, wrong } = place
  const { required, minProperties, maxProperties, propertyNames, dependentRequired } = schema
  const isMissing = (key: unknown): key is string => typeof key === 'string' && value[key] === undefined
  for (const key of listOf(required)) if (isMissing(key)) wrong(inside(pointer, key), 'This is required.')
  for (const [key, needed] of Object.entries(isObject(dependentRequired) ? dependentRequired : {}))
    for (const other of value[key] === undefined ? [] : listOf(needed))
      if (isMissing(other)) wrong(inside(pointer, other), `This is required together with ${key}.`)
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  if (typeof minProperties === 'number' && members.length < minProperties) wrong(pointer, `At least ${minProperties} entries are expected.`)
  if (typeof maxProperties === 'number' && members.length > maxProperties) wrong(pointer, `At most ${maxProperties} entries are expected.`)
  for (const [key, member] of members) {
    if (propertyNames !== undefined)
      check({ ...place, wrong: (_, message) => wrong(inside(pointer, key), `Its name: ${message}`) }, propertyNames, key)
    checkMember(place, schema, key, member)
  }
}

function checkMember(place: Place, schema: Schema, key: string, value: unknown): void {
  const { properties, patternProperties, additionalProperties, required } = schema
  const at: Place = { ...place, pointer: inside(place.pointer, key), refs: [] }
  const named = isObject(properties) && Object.hasOwn(properties, key) ? [properties[key]] : []
  if (value === null && named.length > 0 && !listOf(required).includes(key)) return
  const matching = Object.entries(isObject(patternProperties) ? patternProperties : {}).flatMap(([pattern, each]) =>
    expression(pattern)?.test(key) === true ? [each] : [],
  )
  const known = [...named, ...matching]
  for (const each of known) check(at, each, value)
  if (known.length > 0) return
  if (additionalProperties === false) at.wrong(at.pointer, `There is no parameter “${key}” here; take it away.`)
  else check(at, additionalProperties, value)
}

export function isEqual(one: unknown, other: unknown): boolean {
  return one === other || canonical(one) === canonical(other)
}

/** The same text for equal values, whatever the order of their keys. */
function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_key, member: unknown) =>
      isObject(member) ? Object.fromEntries(Object.entries(member).toSorted(([one], [other]) => (one < other ? -1 : 1))) : member,
    ) ?? ''
  )
}
