import type { Compilable } from '../kysely.ts'
import { sqlBuilder } from '../statements.ts'

/** Block types, schemas and documents; single values that a server keeps. */
export const blocks: readonly Compilable[] = [
  sqlBuilder.schema
    .createTable('block_types')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('slug', 'text', (column) => column.notNull().unique())
    .addColumn('logo_url', 'text')
    .addColumn('documentation_url', 'text')
    .addColumn('description', 'text')
    .addColumn('code_example', 'text')
    .addColumn('is_protected', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull()),
  sqlBuilder.schema
    .createTable('block_schemas')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('block_type_id', 'text', (column) => column.notNull())
    .addColumn('checksum', 'text', (column) => column.notNull())
    .addColumn('version', 'text', (column) => column.notNull())
    .addColumn('capabilities', 'text')
    .addColumn('fields', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addUniqueConstraint('block_schemas_identity', ['checksum', 'version']),
  sqlBuilder.schema.createIndex('block_schemas_type').on('block_schemas').column('block_type_id'),
  sqlBuilder.schema
    .createTable('block_documents')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('data', 'text', (column) => column.notNull())
    .addColumn('block_schema_id', 'text', (column) => column.notNull())
    .addColumn('block_type_id', 'text', (column) => column.notNull())
    .addColumn('block_type_name', 'text', (column) => column.notNull())
    .addColumn('is_anonymous', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addUniqueConstraint('block_documents_name', ['block_type_id', 'name']),
  sqlBuilder.schema.createIndex('block_documents_schema').on('block_documents').column('block_schema_id'),
  sqlBuilder.schema
    .createTable('server_values')
    .addColumn('key', 'text', (column) => column.primaryKey().notNull())
    .addColumn('value', 'text', (column) => column.notNull()),
]
