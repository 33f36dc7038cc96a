import type { BlockType } from '../core/block.ts'
import { TuttiError } from '../core/errors.ts'
import type { Script } from '../store/port.ts'
import type { Deps } from './deps.ts'

export function* foundType({ store }: Deps, id: string): Script<BlockType> {
  const type = yield* store.tables.blocks.type(id)
  if (type === undefined) throw new TuttiError('NOT_FOUND', `there is no block type ${id}`)
  return type
}

export function* typeWithSlug({ store }: Deps, slug: string): Script<BlockType> {
  const type = yield* store.tables.blocks.typeBySlug(slug)
  if (type === undefined) throw new TuttiError('NOT_FOUND', `there is no block type ${slug}`)
  return type
}
