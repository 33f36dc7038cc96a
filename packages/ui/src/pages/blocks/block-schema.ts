// The schema of a block type as a form takes it, and what a saved block is in it.
import { BLOCK_TYPES, blockReference, HIDDEN, isObject, labelOf } from '../../parts/schema-form/schema.ts'
import { referredBlock } from '../../queries/block-references.ts'
import type { ReferredBlock } from '../../queries/block-references.ts'
import type { Block, BlockSchema } from '../../queries.ts'

type Fields = Readonly<Record<string, unknown>>

/** Paths of secrets: names between dots, `*` for whatever is there. */
function secretPaths(fields: Fields): readonly string[] {
  const paths = fields['secret_fields']
  return Array.isArray(paths) ? paths.filter((path): path is string => typeof path === 'string') : []
}

/** Slugs of the types whose blocks a member may be. */
function referredTypes(fields: Fields, member: string): readonly string[] {
  const references = fields['block_schema_references']
  const of: unknown = isObject(references) ? references[member] : undefined
  return [of].flat().flatMap((each) => {
    const slug: unknown = isObject(each) ? each['block_type_slug'] : undefined
    return typeof slug === 'string' ? [slug] : []
  })
}

/** Secrets are marked where they are, and members that are other blocks are chosen among those saved; one that was given inline stays a form of its own. */
export function formSchema(fields: Fields, value: Fields): Fields {
  const marked = secretPaths(fields).reduce<Fields>((schema, path) => markSecret(schema, path.split('.')), fields)
  const properties = isObject(marked['properties']) ? marked['properties'] : {}
  return {
    ...marked,
    properties: Object.fromEntries(
      Object.entries(properties).map(([member, property]) => {
        const slugs = referredTypes(fields, member)
        const isInline = isObject(value[member]) && !('$ref' in value[member])
        return [member, slugs.length === 0 || isInline || !isObject(property) ? property : pickerSchema(property, slugs)]
      }),
    ),
  }
}

function pickerSchema(property: Fields, slugs: readonly string[]): Fields {
  const { title, description, position } = property
  return { title, description, position, [BLOCK_TYPES]: slugs }
}

/** What is behind a reference of the schema says itself what is secret in it. */
function markSecret(schema: Fields, [step, ...rest]: readonly string[]): Fields {
  if (step === undefined) return secretSchema(schema)
  const within = (key: string): Fields => {
    const inner = schema[key]
    return isObject(inner) && '$ref' in inner && rest.length > 0
      ? schema
      : { ...schema, [key]: markSecret(isObject(inner) ? inner : {}, rest) }
  }
  if (schema['type'] === 'array') return within('items')
  const properties = isObject(schema['properties']) ? schema['properties'] : {}
  const named = properties[step]
  if (isObject(named)) {
    if (rest.length > 0 && '$ref' in named) return schema
    return { ...schema, properties: { ...properties, [step]: markSecret(named, rest) } }
  }
  return step === '*' && Object.keys(properties).length === 0 ? within('additionalProperties') : schema
}

/** Several ways to write one text are one field. */
function secretSchema(schema: Fields): Fields {
  const { anyOf, ...own } = schema
  const isText = Array.isArray(anyOf) && anyOf.length > 0 && anyOf.every((each: unknown) => isObject(each) && each['type'] === 'string')
  return isText ? { ...own, type: 'string', writeOnly: true } : { ...schema, writeOnly: true }
}

/** What a form of a saved block begins with: other blocks by their ids. */
export function formValue({ data, block_document_references: references }: Pick<Block, 'data' | 'block_document_references'>): Fields {
  const referred = Object.entries(references).flatMap(([member, reference]) => {
    const found = referredBlock(reference)
    return found === undefined ? [] : [[member, blockReference(found.id)] as const]
  })
  return { ...data, ...Object.fromEntries(referred) }
}

/** The newest schema; the one a block has while the newest would show as text what is a secret. */
export function schemaToEdit(own: BlockSchema, newest: BlockSchema | null | undefined): BlockSchema {
  if (newest === null || newest === undefined) return own
  const known = new Set(secretPaths(newest.fields))
  return secretPaths(own.fields).every((path) => known.has(path)) ? newest : own
}

export interface ShownField {
  readonly key: string
  readonly title: string
  readonly description: string | undefined
  readonly value: unknown
  readonly block: ReferredBlock | undefined
  /** It, or something in it, is told to nobody. */
  readonly isSecret: boolean
  /** Nothing is saved for it. */
  readonly isMissing: boolean
}

/** What a block holds, in the order of its schema, with what the schema does not know at the end. */
export function shownFields({ data, block_document_references: references, block_schema: { fields } }: Block): readonly ShownField[] {
  const properties = isObject(fields['properties']) ? fields['properties'] : {}
  const position = (key: string): number => {
    const property = properties[key]
    return isObject(property) && typeof property['position'] === 'number' ? property['position'] : Number.MAX_SAFE_INTEGER
  }
  const named = Object.keys(properties).toSorted((one, other) => position(one) - position(other))
  const others = Object.keys({ ...data, ...references }).filter((key) => !Object.hasOwn(properties, key))
  return [...named, ...others].map((key): ShownField => {
    const property = properties[key]
    const { title, description } = isObject(property) ? property : {}
    return {
      key,
      title: labelOf(key, typeof title === 'string' ? title : undefined),
      description: typeof description === 'string' ? description : undefined,
      value: data[key],
      block: referredBlock(references[key]),
      isSecret: secretPaths(fields).some((path) => path === key) && data[key] === HIDDEN,
      isMissing: data[key] === undefined && references[key] === undefined,
    }
  })
}
