import type { BlockType } from '../core/block.ts'
import type { BlockTypeOperations, BlockTypeTexts, NewBlockType } from '../core/block-operations.ts'
import { TuttiError } from '../core/errors.ts'
import { JsonText } from '../core/literal-json.ts'
import { OWN_VERSION, SYSTEM_BLOCKS } from '../core/system-blocks.ts'
import type { Told } from '../core/told.ts'
import type { Script } from '../store/port.ts'
import { tellOfType } from './block-events.ts'
import { ensureSchema } from './block-schemas.ts'
import type { Deps } from './deps.ts'
import { foundType, typeWithSlug } from './found-block-types.ts'
import { writeAndTell } from './telling.ts'

export function blockTypeOperations(deps: Deps): BlockTypeOperations {
  const { store, clock, ids } = deps
  const { blocks } = store.tables

  return {
    create: (asked) => writeAndTell(deps, (told) => createType(deps, told, asked)),

    read: (id) => store.read(() => foundType(deps, id)),
    readBySlug: (slug) => store.read(() => typeWithSlug(deps, slug)),
    list: (listing) => store.read(() => blocks.types(listing)),

    update: (id, changes) =>
      writeAndTell(deps, function* (told) {
        yield* changeType(deps, told, yield* foundType(deps, id), changes)
      }),

    remove: (id) =>
      writeAndTell(deps, function* (told) {
        yield* removeType(deps, told, yield* foundType(deps, id))
      }),

    install: () =>
      store.write(function* () {
        for (const { type: asked, capabilities, fields } of SYSTEM_BLOCKS) {
          const known = yield* blocks.typeBySlug(asked.slug)
          if (known?.isProtected === true) continue
          const now = clock.now()
          const type: BlockType = known ?? { ...asked, id: ids.next(), isProtected: true, createdAt: now, updatedAt: now }
          // A client may have made it before the server did.
          if (known === undefined) yield* blocks.insertType(type)
          else yield* blocks.saveType({ ...type, isProtected: true })
          yield* ensureSchema(deps, { blockTypeId: type.id, fields: JsonText.of(fields), capabilities, version: OWN_VERSION })
        }
      }),
  }
}

/** Throws `FORBIDDEN`, `ALREADY_EXISTS`. */
export function* createType(deps: Deps, told: Told[], asked: NewBlockType): Script<BlockType> {
  const { store, clock, ids } = deps
  if (/^prefect/i.test(asked.name)) throw new TuttiError('FORBIDDEN', 'block types whose names begin with Prefect are reserved')
  const now = clock.now()
  const type: BlockType = { ...asked, id: ids.next(), isProtected: false, createdAt: now, updatedAt: now }
  if (!(yield* store.tables.blocks.insertType(type)))
    throw new TuttiError('ALREADY_EXISTS', `there is a block type with the name ${type.name} or the slug ${type.slug} already`)
  yield* tellOfType(deps, told, 'created', type)
  return type
}

export function* changeType(deps: Deps, told: Told[], type: BlockType, changes: Partial<BlockTypeTexts>): Script<BlockType> {
  const changed = { ...type, ...changes, updatedAt: deps.clock.now() }
  yield* deps.store.tables.blocks.saveType(changed)
  yield* tellOfType(deps, told, 'updated', changed)
  return changed
}

/** Throws `FORBIDDEN`. */
export function* removeType(deps: Deps, told: Told[], type: BlockType): Script<void> {
  if (type.isProtected) throw new TuttiError('FORBIDDEN', `the block type ${type.name} is the server's own and stays`)
  yield* deps.store.tables.blocks.deleteType(type.id)
  yield* tellOfType(deps, told, 'deleted', type)
}
