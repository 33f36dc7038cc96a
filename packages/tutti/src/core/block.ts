import type { JsonText } from './literal-json.ts'
import { HIDDEN } from './secret.ts'
import type { Instant } from './time.ts'

/** A kind of block. */
export interface BlockType {
  readonly id: string
  readonly name: string
  readonly slug: string
  readonly logoUrl: string | null
  readonly documentationUrl: string | null
  readonly description: string | null
  readonly codeExample: string | null
  /** One of the server's own: it stays. */
  readonly isProtected: boolean
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

/** The fields that documents of a type have, in one version. */
export interface BlockSchema {
  readonly id: string
  readonly blockTypeId: string
  /** Of the fields; with the version, what makes a schema itself. */
  readonly checksum: string
  readonly version: string
  readonly capabilities: readonly string[]
  readonly fields: JsonText
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

/** A typed, stored configuration, often with secrets. */
export interface BlockDocument {
  readonly id: string
  readonly name: string
  /** Sealed. */
  readonly data: string
  readonly blockSchemaId: string
  readonly blockTypeId: string
  readonly blockTypeName: string
  readonly isAnonymous: boolean
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

type Data = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !('rawJSON' in value)
}

/** The paths of a schema's secrets: names between dots, `*` for whatever is there. */
export function secretPaths(fields: unknown): readonly string[] {
  const paths: unknown = isObject(fields) ? fields['secret_fields'] : undefined
  return Array.isArray(paths) ? paths.filter((path): path is string => typeof path === 'string') : []
}

export function hideSecrets(data: Data, paths: readonly string[]): Data {
  return paths.reduce<Data>((shown, path) => changeAt(shown, path.split('.'), () => HIDDEN) as Data, data) // an object stays one
}

/** `next`, with the secrets of `known` where `next` only says that there is one. */
export function keepHidden(next: Data, known: Data, paths: readonly string[]): Data {
  return paths.reduce<Data>(
    (kept, path) => changeAt(kept, path.split('.'), (value, at) => (value === HIDDEN ? valueAt(known, at) : value)) as Data, // as above
    next,
  )
}

export type Change = (value: unknown, at: readonly string[]) => unknown

/** Changes what lies at a path, wherever it leads; nothing is made that was not there, and null stays null. */
export function changeAt(value: unknown, path: readonly string[], change: Change, at: readonly string[] = []): unknown {
  if (value === null || value === undefined) return value
  const [step, ...rest] = path
  if (step === undefined) return change(value, at)
  if (Array.isArray(value))
    return value.map((each, index) => (steps(step, String(index)) ? changeAt(each, rest, change, [...at, String(index)]) : each))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, steps(step, key) ? changeAt(each, rest, change, [...at, key]) : each]),
  )
}

/** Whether data only says of a secret that there is one. */
export function holdsHidden(data: Data, paths: readonly string[]): boolean {
  let holds = false
  const look: Change = (value) => {
    holds ||= value === HIDDEN
    return value
  }
  for (const path of paths) changeAt(data, path.split('.'), look)
  return holds
}

function steps(step: string, key: string): boolean {
  return step === '*' || step === key
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => (typeof inner === 'object' && inner !== null ? (inner as Data)[key] : undefined), value) // an object or a list
}

/** The document that a value stands for; `undefined`: it stands for itself. */
export function referenceIn(value: unknown): string | undefined {
  const target: unknown = isObject(value) ? value['$ref'] : undefined
  const id: unknown = isObject(target) ? target['block_document_id'] : undefined
  return typeof id === 'string' ? id.toLowerCase() : undefined
}

/** The schemas that a schema's fields refer to. */
export interface SchemaReference {
  readonly typeSlug: string
  readonly checksum: string
}

export function schemaReferences(fields: unknown): readonly SchemaReference[] {
  const references: unknown = isObject(fields) ? fields['block_schema_references'] : undefined
  if (!isObject(references)) return []
  return Object.values(references)
    .flat()
    .flatMap((each: unknown) => {
      const slug: unknown = isObject(each) ? each['block_type_slug'] : undefined
      const checksum: unknown = isObject(each) ? each['block_schema_checksum'] : undefined
      return typeof slug === 'string' && typeof checksum === 'string' ? [{ typeSlug: slug, checksum }] : []
    })
}
