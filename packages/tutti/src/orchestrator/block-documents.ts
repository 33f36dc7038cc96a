import { hideSecrets, holdsHidden, keepHidden, referenceIn, secretPaths } from '../core/block.ts'
import type { BlockDocument } from '../core/block.ts'
import type {
  BlockDocumentChanges,
  BlockDocumentOperations,
  BlockDocumentView,
  NewBlockDocument,
  Secrets,
} from '../core/block-operations.ts'
import type { Condition } from '../core/condition.ts'
import { isTuttiError, TuttiError } from '../core/errors.ts'
import { JsonText } from '../core/literal-json.ts'
import type { SecretBox } from '../core/secret-box.ts'
import type { Told } from '../core/told.ts'
import type { Script } from '../store/port.ts'
import { tellOfDocument } from './block-events.ts'
import { fieldsOf, foundSchema } from './block-schemas.ts'
import type { Deps } from './deps.ts'
import { foundType, typeWithSlug } from './found-block-types.ts'
import { writeAndTell } from './telling.ts'

export interface BlockDeps extends Deps {
  readonly secrets: SecretBox
}

type Data = Readonly<Record<string, unknown>>

/** How many documents of a type are listed where no page is asked for. */
const LIST_MAX = 200
/** Blocks within blocks within blocks. */
const DEPTH_MAX = 8
const DEFAULT_STORAGE = 'default-result-storage'

export function blockDocumentOperations(deps: BlockDeps): BlockDocumentOperations {
  const { store, ids } = deps
  const { blocks, listings } = store.tables

  return {
    create: (asked) =>
      writeAndTell(deps, function* (told) {
        const document = yield* createDocument(deps, told, asked, ids.next())
        return yield* viewOf(deps, document, 'hidden')
      }),

    read: (id, secrets) =>
      store.read(function* () {
        return yield* viewOf(deps, yield* found(deps, id), secrets)
      }),

    readByName: (slug, name, secrets) =>
      store.read(function* () {
        const type = yield* typeWithSlug(deps, slug)
        const document = yield* blocks.documentByName(type.id, name)
        if (document === undefined) throw new TuttiError('NOT_FOUND', `there is no block ${slug}/${name}`)
        return yield* viewOf(deps, document, secrets)
      }),

    list: (listing, secrets) =>
      store.read(function* () {
        return yield* viewsOf(deps, yield* blocks.documents(listing), secrets)
      }),

    ofType: (slug, secrets) =>
      store.read(function* () {
        const type = yield* typeWithSlug(deps, slug)
        const ofType: Condition = { type: 'field', field: 'blockTypeId', test: { is: 'in', values: [type.id] } }
        return yield* viewsOf(deps, yield* blocks.documents({ where: ofType, sort: 'NAME_ASC', limit: LIST_MAX, offset: 0 }), secrets)
      }),

    count: (where) => store.read(() => listings.count('block-documents', where)),

    update: (id, changes) =>
      writeAndTell(deps, function* (told) {
        yield* changeDocument(deps, told, yield* found(deps, id), changes)
      }),

    remove: (id) =>
      writeAndTell(deps, function* (told) {
        yield* removeDocument(deps, told, yield* found(deps, id))
      }),

    defaultStorage: () =>
      store.read(function* () {
        return (yield* blocks.value(DEFAULT_STORAGE)) ?? null
      }),

    setDefaultStorage: (id) =>
      store.write(function* () {
        if (id !== null) {
          const document = yield* found(deps, id)
          const { capabilities } = yield* foundSchema(deps, document.blockSchemaId)
          if (!capabilities.includes('write-path'))
            throw new TuttiError(
              'INVALID_REQUEST',
              `nothing can be written to the block ${document.name} of the type ${document.blockTypeName}`,
            )
        }
        yield* blocks.setValue(DEFAULT_STORAGE, id)
      }),
  }
}

/** Throws `ALREADY_EXISTS`, `CONFLICT`, `BAD_REQUEST`. */
export function* createDocument(deps: BlockDeps, told: Told[], asked: NewBlockDocument, id: string): Script<BlockDocument> {
  const { store, clock, secrets: box } = deps
  const { blocks } = store.tables
  const type = yield* blocks.type(asked.blockTypeId)
  const schema = yield* blocks.schema(asked.blockSchemaId)
  if (type === undefined || schema === undefined || schema.blockTypeId !== type.id)
    throw new TuttiError('CONFLICT', `there is no block type ${asked.blockTypeId} with a schema ${asked.blockSchemaId}`)
  yield* checkReferences(deps, id, fieldsOf(asked.data))
  const now = clock.now()
  const document: BlockDocument = {
    id,
    name: asked.name ?? `anonymous-${id}`,
    isAnonymous: asked.isAnonymous,
    data: box.seal(asked.data.text),
    blockSchemaId: schema.id,
    blockTypeId: type.id,
    blockTypeName: type.name,
    createdAt: now,
    updatedAt: now,
  }
  if (!(yield* blocks.insertDocument(document)))
    throw new TuttiError('ALREADY_EXISTS', `there is a block ${type.slug}/${document.name} already`)
  yield* tellOfDocument(deps, told, 'created', document)
  return document
}

/** Throws `BAD_REQUEST`. */
export function* changeDocument(
  deps: BlockDeps,
  told: Told[],
  document: BlockDocument,
  { data, blockSchemaId, merge }: BlockDocumentChanges,
): Script<BlockDocument> {
  const { store, clock, secrets: box } = deps
  const schema = yield* foundSchema(deps, blockSchemaId ?? document.blockSchemaId)
  if (schema.blockTypeId !== document.blockTypeId)
    throw new TuttiError('BAD_REQUEST', `the block schema ${schema.id} is not of the type of the block ${document.name}`)
  const paths = secretPaths(fieldsOf(schema.fields))
  // A block whose key is lost can be saved anew all the same.
  const known = merge || holdsHidden(fieldsOf(data), paths) ? opened(deps, document) : {}
  const given = keepHidden(fieldsOf(data), known, paths)
  const next = merge ? { ...known, ...given } : given
  yield* checkReferences(deps, document.id, next)
  const changed = { ...document, data: box.seal(JsonText.of(next).text), blockSchemaId: schema.id, updatedAt: clock.now() }
  yield* store.tables.blocks.saveDocument(changed)
  yield* tellOfDocument(deps, told, 'updated', changed)
  return changed
}

export function* removeDocument(deps: Deps, told: Told[], document: BlockDocument): Script<void> {
  const { blocks } = deps.store.tables
  const { id } = document
  yield* blocks.deleteDocument(id)
  if ((yield* blocks.value(DEFAULT_STORAGE)) === id) yield* blocks.setValue(DEFAULT_STORAGE, null)
  yield* tellOfDocument(deps, told, 'deleted', document)
}

function* found({ store }: Deps, id: string): Script<BlockDocument> {
  const document = yield* store.tables.blocks.document(id)
  if (document === undefined) throw new TuttiError('NOT_FOUND', `there is no block document ${id}`)
  return document
}

/** Whatever a block refers to must be there, and must not lead back to it. */
function* checkReferences(deps: BlockDeps, own: string, data: Data, depth = 0): Script<void> {
  for (const [name, value] of Object.entries(data)) {
    const id = referenceIn(value)
    if (id === undefined) continue
    const target = id === own || depth > DEPTH_MAX ? undefined : yield* deps.store.tables.blocks.document(id)
    if (target === undefined) throw new TuttiError('BAD_REQUEST', `the member ${name} refers to the block document ${id}, which it cannot`)
    yield* checkReferences(deps, own, opened(deps, target), depth + 1)
  }
}

export function* viewsOf(deps: BlockDeps, documents: readonly BlockDocument[], secrets: Secrets): Script<readonly BlockDocumentView[]> {
  const views: BlockDocumentView[] = []
  for (const document of documents) views.push(yield* viewOf(deps, document, secrets))
  return views
}

/** Throws `SECRETS_LOCKED`. */
function opened({ secrets }: BlockDeps, { id, name, blockTypeName, data }: BlockDocument): Data {
  try {
    return fieldsOf(new JsonText(secrets.open(data)))
  } catch (cause) {
    if (!isTuttiError(cause, 'SECRETS_LOCKED')) throw cause
    throw new TuttiError('SECRETS_LOCKED', `the block ${name} (${blockTypeName}, ${id}) cannot be opened: ${cause.message}`, { cause })
  }
}

/** Of one that is locked `undefined`, where its secrets are not asked for. */
function openedFor(secrets: Secrets, deps: BlockDeps, document: BlockDocument): Data | undefined {
  try {
    return opened(deps, document)
  } catch (error) {
    if (secrets === 'hidden' && isTuttiError(error, 'SECRETS_LOCKED')) return undefined
    throw error
  }
}

/** With the data of what it refers to in its place; a block that is gone leaves nothing. */
export function* viewOf(deps: BlockDeps, document: BlockDocument, secrets: Secrets): Script<BlockDocumentView> {
  const schema = yield* foundSchema(deps, document.blockSchemaId)
  const type = yield* foundType(deps, document.blockTypeId)
  const members: [string, unknown][] = []
  const references: Record<string, BlockDocumentView> = {}
  const held = openedFor(secrets, deps, document)
  for (const [name, value] of Object.entries(held ?? {})) {
    const id = referenceIn(value)
    if (id === undefined) {
      members.push([name, value])
      continue
    }
    const target = yield* deps.store.tables.blocks.document(id)
    if (target === undefined) continue
    const inner = yield* viewOf(deps, target, secrets)
    references[name] = inner
    members.push([name, fieldsOf(inner.data)])
  }
  const data = Object.fromEntries(members)
  const shown = secrets === 'told' ? data : hideSecrets(data, secretPaths(fieldsOf(schema.fields)))
  return { document, schema, type, data: JsonText.of(shown), isLocked: held === undefined, references }
}
