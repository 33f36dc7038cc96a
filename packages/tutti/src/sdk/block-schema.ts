import { createHash } from 'node:crypto'
import type { z } from 'zod'
import { checksumText } from '../core/block-checksum.ts'
import type { JsonSchema } from '../core/parameters.ts'
import { markOf, unwrapped } from './block-fields.ts'
import type { BlockFields } from './block-fields.ts'
import type { AnyBlock } from './block-type.ts'
import { loadZod } from './zod.ts'

export interface SchemaSource {
  readonly name: string
  readonly slug: string
  readonly description: string | null
  readonly shape: z.ZodRawShape
  readonly fields: BlockFields
}

/** The fields of a block type as the protocol tells them: a JSON Schema that says what is secret and which blocks are referred to. */
export function blockSchema({ name, slug, description, shape, fields }: SchemaSource): JsonSchema {
  const zod = loadZod()
  const {
    $schema: _,
    definitions: own,
    ...schema
  } = zod.toJSONSchema(zod.object(shape), {
    io: 'input',
    target: 'draft-07',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => override(zodSchema, jsonSchema),
  })
  const definitions: Record<string, unknown> = { ...(own as object | undefined) }
  const references: Record<string, unknown> = {}
  const secrets = [...fields.secrets]
  for (const [member, inner] of fields.blocks) {
    const { definitions: beside, ...described } = inner.schema()
    Object.assign(definitions, beside as object | undefined, { [definitionName(inner)]: described })
    references[member] = { block_type_slug: inner.slug, block_schema_checksum: checksumOf(inner.schema()) }
    for (const path of described['secret_fields'] as readonly string[]) secrets.push(`${member}.${path}`) // written by this function
  }
  return {
    title: name,
    ...(description === null ? undefined : { description }),
    ...schema,
    properties: titled((schema.properties ?? {}) as Readonly<Record<string, object>>), // zod writes neither true nor false for a member
    block_type_slug: slug,
    secret_fields: secrets,
    block_schema_references: references,
    ...(Object.keys(definitions).length === 0 ? undefined : { definitions }),
  }
}

/** What the server reckons for the same fields. */
function checksumOf(schema: JsonSchema): string {
  return `sha256:${createHash('sha256').update(checksumText(schema)).digest('hex')}`
}

const SECRET = { type: 'string', format: 'password', writeOnly: true }

/** What JSON Schema cannot say by itself, or must not: the default of a secret. */
function override(zodSchema: z.core.$ZodType, jsonSchema: Record<string, unknown>): void {
  const mark = markOf(zodSchema)
  if (mark?.kind === 'secret') replace(jsonSchema, SECRET)
  else if (mark?.kind === 'block') replace(jsonSchema, { $ref: `#/definitions/${definitionName(mark.of)}` })
  else if (markOf(unwrapped(zodSchema)) !== undefined) delete jsonSchema['default']
  else if (zodSchema._zod.def.type === 'date') Object.assign(jsonSchema, { type: 'string', format: 'date-time' })
}

/** Keeps what is said about it. */
function replace(jsonSchema: Record<string, unknown>, by: JsonSchema): void {
  const { title, description } = jsonSchema
  for (const key of Object.keys(jsonSchema)) delete jsonSchema[key]
  Object.assign(jsonSchema, title === undefined ? undefined : { title }, description === undefined ? undefined : { description }, by)
}

function definitionName({ typeName }: AnyBlock): string {
  return typeName.replaceAll(/\W+/g, '')
}

/** Forms show titles, in the order of the members. */
function titled(properties: Readonly<Record<string, object>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, property], position) => {
      const reference = referenceIn(property)
      return [name, reference === undefined ? { title: titleOf(name), ...property, position } : { $ref: reference, position }]
    }),
  )
}

/** A block that may be left out is a reference among what could be said besides. */
function referenceIn(property: { readonly $ref?: unknown; readonly allOf?: readonly { readonly $ref?: unknown }[] }): unknown {
  return property.$ref ?? (property.allOf?.length === 1 ? property.allOf[0]?.$ref : undefined)
}

/** `serviceAccountJson` and `service_account_json`: Service Account Json. */
function titleOf(name: string): string {
  const words = name.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').split(/[\s_-]+/)
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(' ')
}
