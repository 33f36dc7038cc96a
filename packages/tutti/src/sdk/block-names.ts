import { BLOCKS_PER_PAGE_MAX } from '../core/block-access.ts'
import { TuttiError } from '../core/errors.ts'
import type { Orchestrator } from '../core/orchestrator.ts'
import { suggestion } from '../core/suggestion.ts'

/** Of a block, and of a type's slug. */
export const BLOCK_NAME = /^[a-z0-9-]+$/

/** Throws `INVALID_BLOCK`. */
export function checkBlockName(slug: string, name: string): void {
  if (!BLOCK_NAME.test(name))
    throw new TuttiError(
      'INVALID_BLOCK',
      `the name ${JSON.stringify(name)} of a block ${slug} has other characters than lowercase letters, numbers and dashes`,
    )
}

/** With the name that was probably meant. */
export async function blockNotFound({ blocks }: Orchestrator, slug: string, name: string, more = ''): Promise<TuttiError> {
  const isKnown = (await blocks.findType(slug)) !== null
  const { items } = isKnown ? await blocks.list({ slug, limit: BLOCKS_PER_PAGE_MAX }) : { items: [] }
  const near = suggestion(
    name,
    items.map((item) => item.name),
  )
  return new TuttiError(
    'BLOCK_NOT_FOUND',
    `there is no block ${slug}/${name}${more}${near === undefined ? '' : `; there is ${slug}/${near}`}`,
  )
}
