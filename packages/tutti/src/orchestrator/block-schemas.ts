import { createHash } from 'node:crypto'
import { isObject, schemaReferences } from '../core/block.ts'
import type { BlockSchema } from '../core/block.ts'
import { checksumText } from '../core/block-checksum.ts'
import type { BlockSchemaOperations, BlockSchemaView, NewBlockSchema } from '../core/block-operations.ts'
import { TuttiError } from '../core/errors.ts'
import { JsonText, parseLiterally } from '../core/literal-json.ts'
import type { Script } from '../store/port.ts'
import type { Deps } from './deps.ts'
import { foundType } from './found-block-types.ts'

export function blockSchemaOperations(deps: Deps): BlockSchemaOperations {
  const { store } = deps
  const { blocks } = store.tables

  return {
    ensure: (asked) =>
      store.write(function* () {
        const type = yield* blocks.type(asked.blockTypeId)
        if (type === undefined) throw new TuttiError('CONFLICT', `there is no block type ${asked.blockTypeId}`)
        const { schema, isNew } = yield* ensureSchema(deps, asked)
        return { view: yield* viewOf(deps, schema), isNew }
      }),

    read: (id) =>
      store.read(function* () {
        return yield* viewOf(deps, yield* foundSchema(deps, id))
      }),

    readByChecksum: (checksum, version) =>
      store.read(function* () {
        const schema = yield* blocks.schemaByChecksum(checksum, version)
        if (schema === undefined) throw new TuttiError('NOT_FOUND', `there is no block schema with the checksum ${checksum}`)
        return yield* viewOf(deps, schema)
      }),

    list: (listing) =>
      store.read(function* () {
        const views: BlockSchemaView[] = []
        for (const schema of yield* blocks.schemas(listing)) views.push(yield* viewOf(deps, schema))
        return views
      }),

    remove: (id) =>
      store.write(function* () {
        const { schema, type } = yield* viewOf(deps, yield* foundSchema(deps, id))
        if (type.isProtected) throw new TuttiError('FORBIDDEN', `the block type ${type.name} is the server's own and stays as it is`)
        yield* blocks.deleteSchema(schema.id)
      }),

    capabilities: () => store.read(() => blocks.capabilities()),
  }
}

/** Together with the schemas it refers to, as far as it defines them itself. */
export function* ensureSchema(deps: Deps, asked: NewBlockSchema): Script<{ readonly schema: BlockSchema; readonly isNew: boolean }> {
  const { store, clock, ids } = deps
  const { blocks } = store.tables
  const fields = fieldsOf(asked.fields)
  const checksum = `sha256:${createHash('sha256').update(checksumText(fields)).digest('hex')}`
  const known = yield* blocks.schemaByChecksum(checksum, asked.version)
  if (known !== undefined) return { schema: known, isNew: false }

  const definitions = isObject(fields['definitions']) ? fields['definitions'] : {}
  for (const reference of schemaReferences(fields)) {
    if ((yield* blocks.schemaByChecksum(reference.checksum, null)) !== undefined) continue
    const type = yield* blocks.typeBySlug(reference.typeSlug)
    const defined = Object.values(definitions).find((each) => isObject(each) && each['block_type_slug'] === reference.typeSlug)
    if (type === undefined || !isObject(defined))
      throw new TuttiError('CONFLICT', `there is no block type ${reference.typeSlug} to refer to`)
    // Its own definitions stand beside it.
    const inner = JsonText.of({ ...defined, definitions })
    yield* ensureSchema(deps, { blockTypeId: type.id, fields: inner, capabilities: [], version: asked.version })
  }
  const now = clock.now()
  const schema: BlockSchema = { ...asked, id: ids.next(), checksum, createdAt: now, updatedAt: now }
  yield* blocks.insertSchema(schema)
  return { schema, isNew: true }
}

export function* foundSchema({ store }: Deps, id: string): Script<BlockSchema> {
  const schema = yield* store.tables.blocks.schema(id)
  if (schema === undefined) throw new TuttiError('NOT_FOUND', `there is no block schema ${id}`)
  return schema
}

export function fieldsOf(text: JsonText): Readonly<Record<string, unknown>> {
  const fields = parseLiterally(text.text)
  return isObject(fields) ? fields : {}
}

function* viewOf(deps: Deps, schema: BlockSchema): Script<BlockSchemaView> {
  return { schema, type: yield* foundType(deps, schema.blockTypeId) }
}
