import { z } from 'zod'
import { isObject } from '../core/block.ts'
import type { BlockType } from '../core/block.ts'
import type { BlockDocumentView, BlockSchemaView } from '../core/block-operations.ts'
import { ANYTHING } from '../core/condition.ts'
import type { Condition } from '../core/condition.ts'
import { JsonText } from '../core/literal-json.ts'
import { endpoint } from './endpoint.ts'
import { anyOf, given, inList, joined, member, named, test } from './filters.ts'
import { optionalBody, sortOf } from './lists.ts'
import { pageFields } from './page.ts'
import { count, idParams, objectName } from './shapes.ts'
import { jsonObject, objectOf, timeText, uuid, wire } from './values.ts'

/* ── out ────────────────────────────────────────────────────────────────────────────────────────── */

const typeWire = z
  .object({
    id: wire.uuid,
    created: wire.time,
    updated: wire.time,
    name: z.string(),
    slug: z.string(),
    logo_url: z.string().nullable(),
    documentation_url: z.string().nullable(),
    description: z.string().nullable(),
    code_example: z.string().nullable(),
    is_protected: z.boolean(),
  })
  .meta({ id: 'BlockType' })

const schemaWire = z
  .object({
    id: wire.uuid,
    created: wire.time,
    updated: wire.time,
    checksum: z.string(),
    fields: wire.object,
    block_type_id: wire.uuid,
    block_type: typeWire.nullable(),
    capabilities: z.array(z.string()),
    version: z.string(),
  })
  .meta({ id: 'BlockSchema' })

const documentWire = z
  .object({
    id: wire.uuid,
    created: wire.time,
    updated: wire.time,
    name: z.string(),
    data: wire.object,
    block_schema_id: wire.uuid,
    block_schema: schemaWire,
    block_type_id: wire.uuid,
    block_type_name: z.string(),
    block_type: typeWire,
    block_document_references: wire.object,
    is_anonymous: z.boolean(),
    tutti_locked: z.boolean().describe('Whether it was sealed with a key that the server does not have; then nothing of it is shown.'),
  })
  .meta({ id: 'BlockDocument' })

export function blockTypeToWire(type: BlockType): z.input<typeof typeWire> {
  return {
    id: type.id,
    created: timeText(type.createdAt),
    updated: timeText(type.updatedAt),
    name: type.name,
    slug: type.slug,
    logo_url: type.logoUrl,
    documentation_url: type.documentationUrl,
    description: type.description,
    code_example: type.codeExample,
    is_protected: type.isProtected,
  }
}

export function blockSchemaToWire({ schema, type }: BlockSchemaView): z.input<typeof schemaWire> {
  return {
    id: schema.id,
    created: timeText(schema.createdAt),
    updated: timeText(schema.updatedAt),
    checksum: schema.checksum,
    fields: objectOf(schema.fields),
    block_type_id: schema.blockTypeId,
    block_type: blockTypeToWire(type),
    capabilities: [...schema.capabilities],
    version: schema.version,
  }
}

export function blockDocumentToWire({
  document,
  schema,
  type,
  data,
  isLocked,
  references,
}: BlockDocumentView): z.input<typeof documentWire> {
  return {
    id: document.id,
    created: timeText(document.createdAt),
    updated: timeText(document.updatedAt),
    name: document.name,
    data: objectOf(data),
    block_schema_id: schema.id,
    block_schema: blockSchemaToWire({ schema, type }),
    block_type_id: type.id,
    block_type_name: document.blockTypeName,
    block_type: blockTypeToWire(type),
    block_document_references: referencesToWire(references),
    is_anonymous: document.isAnonymous,
    tutti_locked: isLocked,
  }
}

function referencesToWire(references: BlockDocumentView['references']): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(references).map(([name, { document, type, references: inner }]) => [
      name,
      {
        block_document: {
          id: document.id,
          name: document.name,
          block_type: blockTypeToWire(type),
          is_anonymous: document.isAnonymous,
          block_document_references: referencesToWire(inner),
        },
      },
    ]),
  )
}

/* ── in ─────────────────────────────────────────────────────────────────────────────────────────── */

const slug = z.string().regex(/^[a-z0-9-]+$/, { message: 'slug must only contain lowercase letters, numbers, and dashes' })
const documentName = z.string().regex(/^[a-z0-9-]+$/, { message: 'name must only contain lowercase letters, numbers, and dashes' })
const texts = {
  logo_url: z.string().nullish(),
  documentation_url: z.string().nullish(),
  description: z.string().nullish(),
  code_example: z.string().nullish(),
}
const noObject = JsonText.of({})
const flag = z.enum(['true', 'false', '1', '0', 'True', 'False']).transform((text) => text.toLowerCase() === 'true' || text === '1')
const secretsQuery = z.object({ include_secrets: flag.default(false) })
const slugParams = z.object({ slug: z.string() })

const like = (field: string) =>
  member({ like_: z.string().nullish() }, ({ like_: text }) => [
    given(text, (part) => (part === '' ? undefined : test(field, { is: 'like', text: part }))),
  ])
const among = (field: string, value: z.ZodType<string> = z.string()) =>
  member({ any_: z.array(value).nullish() }, ({ any_: wanted }) => [given(wanted, (values) => inList(field, values))])

const typeFilter = joined({ name: like('name'), slug: among('slug') })
const schemaFilter = joined({
  id: anyOf('id', uuid),
  block_type_id: among('blockTypeId', uuid),
  version: among('version'),
  block_capabilities: member({ all_: z.array(z.string()).nullish() }, ({ all_: every }) => [
    given(every, (values) => (values.length === 0 ? undefined : test('capabilities', { is: 'has-all', values }))),
  ]),
})

const NAMED_ONLY = test('isAnonymous', { is: 'in', values: [0] })

/** Anonymous documents are only found by who asks for them; `null` asks for both kinds. */
const documentFilter = z.preprocess(
  (value) => (isObject(value) && value['is_anonymous'] === undefined ? { ...value, is_anonymous: { eq_: false } } : value),
  joined({
    id: anyOf('id', uuid),
    block_type_id: among('blockTypeId', uuid),
    name: named('name'),
    is_anonymous: member({ eq_: z.boolean().nullish() }, ({ eq_: is }) => [
      given(is, (value) => test('isAnonymous', { is: 'in', values: [value ? 1 : 0] })),
    ]),
  }),
)

interface BlockFilters {
  readonly block_types?: Condition | null | undefined
  readonly block_schemas?: Condition | null | undefined
  readonly block_documents?: Condition | null | undefined
}

/** All of a body's filters as one condition on the noun that is listed. */
export function blocksWhere(noun: 'block-types' | 'block-schemas' | 'block-documents', filters: BlockFilters): Condition {
  const all = { 'block-types': filters.block_types, 'block-schemas': filters.block_schemas, 'block-documents': filters.block_documents }
  const parts = Object.entries(all).map(([about, where]): Condition => {
    if (where === null || where === undefined) return about === noun && noun === 'block-documents' ? NAMED_ONLY : ANYTHING
    return about === noun ? where : { type: 'related', noun: about as typeof noun, where } // a key of `all`
  })
  return { type: 'all', of: parts }
}

const documentFilters = {
  block_documents: documentFilter.nullish(),
  block_types: typeFilter.nullish(),
  block_schemas: schemaFilter.nullish(),
}

/* ── endpoints ──────────────────────────────────────────────────────────────────────────────────── */

export const blockTypes = {
  create: endpoint({
    method: 'POST',
    path: '/block_types/',
    summary: 'Makes a block type.',
    body: z.strictObject({ name: objectName, slug, ...texts }),
    output: typeWire,
    status: 201,
    errors: ['ALREADY_EXISTS', 'FORBIDDEN'],
  }),
  read: endpoint({
    method: 'GET',
    path: '/block_types/{id}',
    summary: 'One block type.',
    params: idParams,
    output: typeWire,
    errors: ['NOT_FOUND'],
  }),
  readBySlug: endpoint({
    method: 'GET',
    path: '/block_types/slug/{slug}',
    summary: 'The block type of a slug.',
    params: slugParams,
    output: typeWire,
    errors: ['NOT_FOUND'],
  }),
  list: endpoint({
    method: 'POST',
    path: '/block_types/filter',
    summary: 'Block types that meet a filter, by name.',
    body: optionalBody({ block_types: typeFilter.nullish(), block_schemas: schemaFilter.nullish(), ...pageFields }),
    output: z.array(typeWire),
  }),
  update: endpoint({
    method: 'PATCH',
    path: '/block_types/{id}',
    summary: 'Changes what is said about a block type.',
    params: idParams,
    body: z.strictObject(texts),
    errors: ['NOT_FOUND'],
  }),
  remove: endpoint({
    method: 'DELETE',
    path: '/block_types/{id}',
    summary: 'Deletes a block type with its schemas and documents.',
    params: idParams,
    errors: ['NOT_FOUND', 'FORBIDDEN'],
  }),
  documents: endpoint({
    method: 'GET',
    path: '/block_types/slug/{slug}/block_documents',
    summary: 'The blocks of a type.',
    params: slugParams,
    query: secretsQuery,
    output: z.array(documentWire),
    errors: ['NOT_FOUND'],
  }),
  document: endpoint({
    method: 'GET',
    path: '/block_types/slug/{slug}/block_documents/name/{name}',
    summary: 'The block of a type and a name.',
    params: z.object({ slug: z.string(), name: z.string() }),
    query: secretsQuery,
    output: documentWire,
    errors: ['NOT_FOUND'],
  }),
  install: endpoint({
    method: 'POST',
    path: '/block_types/install_system_block_types',
    summary: "Makes the server's own block types where they are missing.",
    output: z.null(),
  }),
}

export const blockSchemas = {
  create: endpoint({
    method: 'POST',
    path: '/block_schemas/',
    summary: 'Makes a block schema, or gives the one of the same fields and version.',
    body: z.strictObject({
      fields: jsonObject.default(noObject),
      block_type_id: uuid,
      capabilities: z.array(z.string()).default([]),
      version: z.string().default('non-versioned'),
    }),
    output: schemaWire,
    status: 201,
    alsoStatus: [200],
    errors: ['CONFLICT'],
  }),
  read: endpoint({
    method: 'GET',
    path: '/block_schemas/{id}',
    summary: 'One block schema.',
    params: idParams,
    output: schemaWire,
    errors: ['NOT_FOUND'],
  }),
  readByChecksum: endpoint({
    method: 'GET',
    path: '/block_schemas/checksum/{checksum}',
    summary: 'The block schema of a checksum; the newest one, unless a version is named.',
    params: z.object({ checksum: z.string() }),
    query: z.object({ version: z.string().optional() }),
    output: schemaWire,
    errors: ['NOT_FOUND'],
  }),
  list: endpoint({
    method: 'POST',
    path: '/block_schemas/filter',
    summary: 'Block schemas that meet a filter, newest first.',
    body: optionalBody({ block_schemas: schemaFilter.nullish(), ...pageFields }),
    output: z.array(schemaWire),
  }),
  remove: endpoint({
    method: 'DELETE',
    path: '/block_schemas/{id}',
    summary: 'Deletes a block schema with its documents.',
    params: idParams,
    errors: ['NOT_FOUND', 'FORBIDDEN'],
  }),
  capabilities: endpoint({
    method: 'GET',
    path: '/block_capabilities/',
    summary: 'What any block can do.',
    output: z.array(z.string()),
  }),
}

export const blockDocuments = {
  create: endpoint({
    method: 'POST',
    path: '/block_documents/',
    summary: 'Makes a block.',
    holdsSecrets: true,
    body: z
      .strictObject({
        name: documentName.nullish(),
        data: jsonObject.default(noObject),
        block_schema_id: uuid,
        block_type_id: uuid,
        is_anonymous: z.boolean().default(false),
      })
      .refine(({ name, is_anonymous: anonymous }) => anonymous || typeof name === 'string', {
        message: 'Names must be provided for block documents.',
        path: ['name'],
      }),
    output: documentWire,
    status: 201,
    errors: ['ALREADY_EXISTS', 'CONFLICT', 'BAD_REQUEST'],
  }),
  read: endpoint({
    method: 'GET',
    path: '/block_documents/{id}',
    summary: 'One block.',
    params: idParams,
    query: secretsQuery,
    output: documentWire,
    errors: ['NOT_FOUND'],
  }),
  list: endpoint({
    method: 'POST',
    path: '/block_documents/filter',
    summary: 'Blocks that meet a filter.',
    body: optionalBody({
      ...documentFilters,
      include_secrets: z.boolean().default(false),
      ...pageFields,
      sort: sortOf('NAME_ASC', 'NAME_DESC', 'BLOCK_TYPE_AND_NAME_ASC'),
    }),
    output: z.array(documentWire),
  }),
  count: endpoint({
    method: 'POST',
    path: '/block_documents/count',
    summary: 'How many blocks meet a filter.',
    body: optionalBody(documentFilters),
    output: count,
  }),
  update: endpoint({
    method: 'PATCH',
    path: '/block_documents/{id}',
    summary: 'Changes the data of a block; a secret that is given as hidden stays as it is.',
    holdsSecrets: true,
    params: idParams,
    body: z.strictObject({
      block_schema_id: uuid.nullish(),
      data: jsonObject.default(noObject),
      merge_existing_data: z.boolean().default(true),
    }),
    errors: ['NOT_FOUND', 'BAD_REQUEST'],
  }),
  remove: endpoint({
    method: 'DELETE',
    path: '/block_documents/{id}',
    summary: 'Deletes a block.',
    params: idParams,
    errors: ['NOT_FOUND'],
  }),
}
