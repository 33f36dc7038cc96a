import type { BlockDocument, BlockSchema, BlockType } from '../core/block.ts'
import type { Listing } from '../core/condition.ts'
import { JsonText } from '../core/literal-json.ts'
import { sql } from './kysely.ts'
import { listedRows } from './listings.ts'
import type { Script } from './script.ts'
import { change, listText, select, sqlBuilder, textList } from './statements.ts'
import type { BlockDocumentRow, BlockSchemaRow, BlockTypeRow } from './tables.ts'

/** Characters that name the key. */
const SEAL_LENGTH = 15

/** Types, schemas and documents. What is inserted is not, and `false` is told, where a unique value is taken. */
export interface BlockTable {
  insertType(type: BlockType): Script<boolean>
  type(id: string): Script<BlockType | undefined>
  typeBySlug(slug: string): Script<BlockType | undefined>
  types(listing: Listing): Script<readonly BlockType[]>
  saveType(type: BlockType): Script<void>
  /** With its schemas and documents. */
  deleteType(id: string): Script<void>

  insertSchema(schema: BlockSchema): Script<boolean>
  schema(id: string): Script<BlockSchema | undefined>
  /** The newest one where no version is named. */
  schemaByChecksum(checksum: string, version: string | null): Script<BlockSchema | undefined>
  schemas(listing: Listing): Script<readonly BlockSchema[]>
  /** With its documents. */
  deleteSchema(id: string): Script<void>
  capabilities(): Script<readonly string[]>

  insertDocument(document: BlockDocument): Script<boolean>
  document(id: string): Script<BlockDocument | undefined>
  documentByName(typeId: string, name: string): Script<BlockDocument | undefined>
  documents(listing: Listing): Script<readonly BlockDocument[]>
  saveDocument(document: BlockDocument): Script<void>
  deleteDocument(id: string): Script<void>

  /** How many documents are sealed with which key, by what they begin with. */
  sealed(): Script<readonly { readonly prefix: string; readonly documents: number }[]>
  /** Documents after an id that begin otherwise, in the order of their ids. */
  sealedOtherwise(
    prefix: string,
    page: { readonly after: string; readonly limit: number },
  ): Script<readonly { readonly id: string; readonly data: string }[]>
  /** The same data, sealed anew: the document has not changed. */
  reseal(id: string, data: string): Script<void>

  /** A single value that the server keeps. */
  value(key: string): Script<string | undefined>
  setValue(key: string, value: string | null): Script<void>
}

export function blockTable(): BlockTable {
  const ofTypes = sqlBuilder.selectFrom('block_types').selectAll()
  const ofSchemas = sqlBuilder.selectFrom('block_schemas').selectAll()
  // `v1:` and the name of the key.
  const begins = sql<string>`substr(data, 1, ${sql.lit(SEAL_LENGTH)})`
  const ofDocuments = sqlBuilder.selectFrom('block_documents').selectAll()

  return {
    *insertType(type) {
      const insert = sqlBuilder.insertInto('block_types').values(typeRowOf(type))
      return (yield* change(insert.onConflict((conflict) => conflict.doNothing()))) > 0
    },
    *type(id) {
      return first(yield* select(ofTypes.where('id', '=', id)), toType)
    },
    *typeBySlug(slug) {
      return first(yield* select(ofTypes.where('slug', '=', slug)), toType)
    },
    *types(listing) {
      return ((yield* listedRows('block-types', listing)) as unknown as readonly BlockTypeRow[]).map(toType) // the columns of the table
    },
    *saveType(type) {
      const { id, ...row } = typeRowOf(type)
      yield* change(sqlBuilder.updateTable('block_types').set(row).where('id', '=', id))
    },
    *deleteType(id) {
      yield* change(sqlBuilder.deleteFrom('block_documents').where('block_type_id', '=', id))
      yield* change(sqlBuilder.deleteFrom('block_schemas').where('block_type_id', '=', id))
      yield* change(sqlBuilder.deleteFrom('block_types').where('id', '=', id))
    },

    *insertSchema(schema) {
      const insert = sqlBuilder.insertInto('block_schemas').values(schemaRowOf(schema))
      return (yield* change(insert.onConflict((conflict) => conflict.doNothing()))) > 0
    },
    *schema(id) {
      return first(yield* select(ofSchemas.where('id', '=', id)), toSchema)
    },
    *schemaByChecksum(checksum, version) {
      const query = ofSchemas.where('checksum', '=', checksum)
      const one = version === null ? query.orderBy('created_at', 'desc').orderBy('id', 'desc') : query.where('version', '=', version)
      return first(yield* select(one.limit(1)), toSchema)
    },
    *schemas(listing) {
      return ((yield* listedRows('block-schemas', listing)) as unknown as readonly BlockSchemaRow[]).map(toSchema) // as above
    },
    *deleteSchema(id) {
      yield* change(sqlBuilder.deleteFrom('block_documents').where('block_schema_id', '=', id))
      yield* change(sqlBuilder.deleteFrom('block_schemas').where('id', '=', id))
    },
    *capabilities() {
      const rows = yield* select(sqlBuilder.selectFrom('block_schemas').select('capabilities').distinct())
      return [...new Set(rows.flatMap((row) => textList(row.capabilities)))].toSorted()
    },

    *insertDocument(document) {
      const insert = sqlBuilder.insertInto('block_documents').values(documentRowOf(document))
      return (yield* change(insert.onConflict((conflict) => conflict.doNothing()))) > 0
    },
    *document(id) {
      return first(yield* select(ofDocuments.where('id', '=', id)), toDocument)
    },
    *documentByName(typeId, name) {
      return first(yield* select(ofDocuments.where('block_type_id', '=', typeId).where('name', '=', name)), toDocument)
    },
    *documents(listing) {
      return ((yield* listedRows('block-documents', listing)) as unknown as readonly BlockDocumentRow[]).map(toDocument) // as above
    },
    *saveDocument(document) {
      const { id, ...row } = documentRowOf(document)
      yield* change(sqlBuilder.updateTable('block_documents').set(row).where('id', '=', id))
    },
    *deleteDocument(id) {
      yield* change(sqlBuilder.deleteFrom('block_documents').where('id', '=', id))
    },

    *sealed() {
      const query = sqlBuilder
        .selectFrom('block_documents')
        .select([begins.as('prefix'), sqlBuilder.fn.countAll<number | string>().as('documents')])
        .groupBy(begins)
        .orderBy(begins)
      return (yield* select(query)).map(({ prefix, documents }) => ({ prefix, documents: Number(documents) }))
    },
    *sealedOtherwise(prefix, { after, limit }) {
      const query = sqlBuilder.selectFrom('block_documents').select(['id', 'data'])
      return yield* select(query.where(begins, '<>', prefix).where('id', '>', after).orderBy('id').limit(limit))
    },
    *reseal(id, data) {
      yield* change(sqlBuilder.updateTable('block_documents').set({ data }).where('id', '=', id))
    },

    *value(key) {
      return (yield* select(sqlBuilder.selectFrom('server_values').select('value').where('key', '=', key)))[0]?.value
    },
    *setValue(key, value) {
      if (value === null) {
        yield* change(sqlBuilder.deleteFrom('server_values').where('key', '=', key))
        return
      }
      const insert = sqlBuilder.insertInto('server_values').values({ key, value })
      yield* change(insert.onConflict((conflict) => conflict.column('key').doUpdateSet({ value })))
    },
  }
}

function first<Row, Out>(rows: readonly Row[], to: (row: Row) => Out): Out | undefined {
  return rows[0] === undefined ? undefined : to(rows[0])
}

function typeRowOf(type: BlockType): BlockTypeRow {
  return {
    id: type.id,
    name: type.name,
    slug: type.slug,
    logo_url: type.logoUrl,
    documentation_url: type.documentationUrl,
    description: type.description,
    code_example: type.codeExample,
    is_protected: type.isProtected ? 1 : 0,
    created_at: type.createdAt,
    updated_at: type.updatedAt,
  }
}

function toType(row: BlockTypeRow): BlockType {
  return {
    id: row.id,
    name: row.name,
    slug: row.slug,
    logoUrl: row.logo_url,
    documentationUrl: row.documentation_url,
    description: row.description,
    codeExample: row.code_example,
    isProtected: row.is_protected === 1,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

function schemaRowOf(schema: BlockSchema): BlockSchemaRow {
  return {
    id: schema.id,
    block_type_id: schema.blockTypeId,
    checksum: schema.checksum,
    version: schema.version,
    capabilities: listText(schema.capabilities),
    fields: schema.fields.text,
    created_at: schema.createdAt,
    updated_at: schema.updatedAt,
  }
}

function toSchema(row: BlockSchemaRow): BlockSchema {
  return {
    id: row.id,
    blockTypeId: row.block_type_id,
    checksum: row.checksum,
    version: row.version,
    capabilities: textList(row.capabilities),
    fields: new JsonText(row.fields),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

function documentRowOf(document: BlockDocument): BlockDocumentRow {
  return {
    id: document.id,
    name: document.name,
    data: document.data,
    block_schema_id: document.blockSchemaId,
    block_type_id: document.blockTypeId,
    block_type_name: document.blockTypeName,
    is_anonymous: document.isAnonymous ? 1 : 0,
    created_at: document.createdAt,
    updated_at: document.updatedAt,
  }
}

function toDocument(row: BlockDocumentRow): BlockDocument {
  return {
    id: row.id,
    name: row.name,
    data: row.data,
    blockSchemaId: row.block_schema_id,
    blockTypeId: row.block_type_id,
    blockTypeName: row.block_type_name,
    isAnonymous: row.is_anonymous === 1,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
