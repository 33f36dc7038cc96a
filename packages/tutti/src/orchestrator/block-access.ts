import { BLOCKS_PER_PAGE_MAX } from '../core/block-access.ts'
import type {
  BlockAccess,
  BlockDefinition,
  BlockReference,
  BlockToSave,
  RegisteredBlock,
  StoredBlock,
  StoredBlockType,
} from '../core/block-access.ts'
import type { BlockSchema, BlockType } from '../core/block.ts'
import type { BlockDocumentView, BlockTypeTexts } from '../core/block-operations.ts'
import { ANYTHING } from '../core/condition.ts'
import type { Condition } from '../core/condition.ts'
import { TuttiError } from '../core/errors.ts'
import { JsonText } from '../core/literal-json.ts'
import type { Told } from '../core/told.ts'
import type { Script } from '../store/port.ts'
import { changeDocument, createDocument, removeDocument, viewOf, viewsOf } from './block-documents.ts'
import type { BlockDeps } from './block-documents.ts'
import { ensureSchema } from './block-schemas.ts'
import { changeType, createType, removeType } from './block-types.ts'
import type { Deps } from './deps.ts'
import { typeWithSlug } from './found-block-types.ts'
import { offsetOf, pageOf } from './offset-cursor.ts'
import { writeAndTell } from './telling.ts'

export function blockAccess(deps: BlockDeps): BlockAccess {
  const { store } = deps
  const { blocks } = store.tables

  return {
    register: (types) =>
      writeAndTell(deps, function* (told) {
        const { schema } = yield* register(deps, told, types)
        return { typeId: schema.blockTypeId, schemaId: schema.id, checksum: schema.checksum } satisfies RegisteredBlock
      }),

    find: (slug, name, secrets) =>
      store.read(function* () {
        const document = yield* documentOf(deps, slug, name)
        return document === undefined ? null : storedBlock(yield* viewOf(deps, document, secrets))
      }),

    save: (asked) =>
      writeAndTell(deps, function* (told) {
        return storedBlock(yield* viewOf(deps, yield* save(deps, told, asked), 'hidden'))
      }),

    list: ({ slug, limit, cursor }) =>
      store.read(function* () {
        const offset = offsetOf(cursor)
        const type = slug === undefined ? undefined : yield* typeWithSlug(deps, slug)
        const where: Condition[] = [{ type: 'field', field: 'isAnonymous', test: { is: 'in', values: [0] } }]
        if (type !== undefined) where.push({ type: 'field', field: 'blockTypeId', test: { is: 'in', values: [type.id] } })
        const page = pageSize(limit)
        const sort = 'BLOCK_TYPE_AND_NAME_ASC'
        const found = yield* blocks.documents({ where: { type: 'all', of: where }, sort, limit: page + 1, offset })
        return pageOf((yield* viewsOf(deps, found, 'hidden')).map(storedBlock), page, offset)
      }),

    remove: (slug, name) =>
      writeAndTell(deps, function* (told) {
        const document = yield* documentOf(deps, slug, name)
        if (document !== undefined) yield* removeDocument(deps, told, document)
        return document !== undefined
      }),

    types: ({ limit, cursor }) =>
      store.read(function* () {
        const offset = offsetOf(cursor)
        const page = pageSize(limit)
        const types: StoredBlockType[] = []
        for (const type of yield* blocks.types({ where: ANYTHING, sort: 'NAME_ASC', limit: page + 1, offset }))
          types.push(storedType(type, yield* newestSchema(deps, type.id)))
        return pageOf(types, page, offset)
      }),

    findType: (slug) =>
      store.read(function* () {
        const type = yield* blocks.typeBySlug(slug)
        return type === undefined ? null : storedType(type, yield* newestSchema(deps, type.id))
      }),

    removeType: (slug) =>
      writeAndTell(deps, function* (told) {
        const type = yield* blocks.typeBySlug(slug)
        if (type !== undefined) yield* removeType(deps, told, type)
        return type !== undefined
      }),
  }
}

function* documentOf({ store }: Deps, slug: string, name: string): ReturnType<typeof store.tables.blocks.documentByName> {
  const type = yield* store.tables.blocks.typeBySlug(slug)
  return type === undefined ? undefined : yield* store.tables.blocks.documentByName(type.id, name)
}

interface Registered {
  readonly type: BlockType
  readonly schema: BlockSchema
}

function* register(deps: Deps, told: Told[], definitions: readonly BlockDefinition[]): Script<Registered> {
  let last: Registered | undefined
  for (const { fields, capabilities, version, ...texts } of definitions) {
    const known = yield* deps.store.tables.blocks.typeBySlug(texts.slug)
    const type = known === undefined ? yield* createType(deps, told, texts) : yield* bringUpToDate(deps, told, known, texts)
    const { schema } = yield* ensureSchema(deps, { blockTypeId: type.id, fields: new JsonText(fields), capabilities, version })
    last = { type, schema }
  }
  if (last === undefined) throw new TuttiError('INVALID_REQUEST', 'no block type was given')
  return last
}

/** The server's own types say what the server says of them. */
function* bringUpToDate(
  deps: Deps,
  told: Told[],
  known: BlockType,
  { logoUrl, documentationUrl, description, codeExample }: BlockTypeTexts,
): Script<BlockType> {
  const texts = { logoUrl, documentationUrl, description, codeExample }
  const isSame = (Object.keys(texts) as (keyof typeof texts)[]).every((text) => texts[text] === known[text])
  return known.isProtected || isSame ? known : yield* changeType(deps, told, known, texts)
}

function* save(deps: BlockDeps, told: Told[], { id, slug, name, data, types, overwrite }: BlockToSave) {
  const { blocks } = deps.store.tables
  const { type, schema } = types.length > 0 ? yield* register(deps, told, types) : yield* newestOf(deps, slug)
  const known = yield* blocks.documentByName(type.id, name)
  // An id that is known already: this request comes a second time.
  if (known !== undefined && !overwrite && known.id !== id)
    throw new TuttiError('ALREADY_EXISTS', `there is a block ${slug}/${name} already`)
  const text = new JsonText(data)
  if (known !== undefined) return yield* changeDocument(deps, told, known, { data: text, blockSchemaId: schema.id, merge: false })
  const asked = { name, isAnonymous: false, data: text, blockSchemaId: schema.id, blockTypeId: type.id }
  return yield* createDocument(deps, told, asked, id ?? deps.ids.next())
}

function* newestOf(deps: Deps, slug: string): Script<Registered> {
  const type = yield* typeWithSlug(deps, slug)
  const schema = yield* newestSchema(deps, type.id)
  if (schema === undefined) throw new TuttiError('NOT_FOUND', `the block type ${slug} has no schema`)
  return { type, schema }
}

function* newestSchema({ store }: Deps, typeId: string): Script<BlockSchema | undefined> {
  const where: Condition = { type: 'field', field: 'blockTypeId', test: { is: 'in', values: [typeId] } }
  return (yield* store.tables.blocks.schemas({ where, sort: 'CREATED_DESC', limit: 1, offset: 0 }))[0]
}

function storedBlock(view: BlockDocumentView): StoredBlock {
  const { document, schema, type, data, isLocked } = view
  return {
    ...reference(view),
    typeName: type.name,
    data: data.text,
    isLocked,
    fields: schema.fields.text,
    checksum: schema.checksum,
    createdAt: document.createdAt,
    updatedAt: document.updatedAt,
  }
}

function reference({ document, type, references }: BlockDocumentView): BlockReference {
  const inner = Object.entries(references).map(([member, view]) => [member, reference(view)] as const)
  return { id: document.id, slug: type.slug, name: document.name, references: Object.fromEntries(inner) }
}

function storedType(type: BlockType, schema: BlockSchema | undefined): StoredBlockType {
  const { id, name, slug, logoUrl, documentationUrl, description, codeExample, isProtected } = type
  const texts = { logoUrl, documentationUrl, description, codeExample }
  return { id, name, slug, ...texts, isProtected, fields: schema?.fields.text ?? null, capabilities: schema?.capabilities ?? [] }
}

function pageSize(limit: number): number {
  return Math.min(limit, BLOCKS_PER_PAGE_MAX)
}
