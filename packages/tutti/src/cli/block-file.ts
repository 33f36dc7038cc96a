import path from 'node:path'
import { importModule, prepareModule } from '../engine/entrypoint.ts'
import type { AnyBlock } from '../index.ts'
import { homeOf } from '../settings/load.ts'
import type { World } from './world.ts'

/** The block types that a file exports, each once. Throws `ENTRYPOINT_FAILED`. */
export async function blockTypesOf(world: World, file: string): Promise<readonly AnyBlock[]> {
  const prepared = await prepareModule(path.resolve(file), { cacheFolder: path.join(homeOf(world.environment), 'bundles') })
  const exported = Object.values(await importModule(prepared))
  const { isBlockType } = await import('../index.ts')
  return [...new Set(exported.filter(isBlockType))]
}
