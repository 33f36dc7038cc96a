import { BLOCKS_PER_PAGE_MAX } from '../core/block-access.ts'
import type { BlockReference, StoredBlock, StoredBlockType } from '../core/block-access.ts'
import { TuttiError } from '../core/errors.ts'
import type { Orchestrator } from '../core/orchestrator.ts'
import { suggestion } from '../core/suggestion.ts'
import { systemDefinition, SYSTEM_BLOCKS } from '../core/system-blocks.ts'
import { timeOrNull } from './moment.ts'
import { limitUpTo } from './options.ts'
import { didYouMean } from './parse.ts'
import { UsageError } from './usage-error.ts'

type Blocks = Orchestrator['blocks']

export const blockArgument = { doc: 'the block by its type and name, as secret/api-token' } as const
export const blocksArgument = { doc: 'blocks by type and name, as secret/api-token', many: true } as const
export const typeArgument = { doc: 'the block type by its slug, as secret' } as const
export const pageOption = {
  short: 'n',
  value: 'NUMBER',
  parse: limitUpTo(BLOCKS_PER_PAGE_MAX),
  doc: `At most so many, up to ${BLOCKS_PER_PAGE_MAX}; default 20`,
} as const

/** Of a block, what people write. */
export interface BlockName {
  readonly slug: string
  readonly name: string
}

export function parseBlockName(text: string): BlockName {
  const [slug = '', name = '', ...more] = text.split('/')
  if (slug === '' || name === '' || more.length > 0)
    throw new UsageError(`'${text}' is not a type and a name`, 'Write both with a slash between them, as in secret/api-token.')
  return { slug, name }
}

/**
 * A type by its slug; the server's own are there also where no server has been started.
 *
 * @throws `NOT_FOUND` with what may have been meant.
 */
export async function findType(blocks: Blocks, slug: string): Promise<StoredBlockType> {
  const known = await blocks.findType(slug)
  if (known !== null) return known
  const own = systemDefinition(slug)
  if (own !== undefined) {
    await blocks.register([own])
    return findType(blocks, slug)
  }
  const { items } = await blocks.types({ limit: BLOCKS_PER_PAGE_MAX })
  const near = suggestion(slug, [...items.map((type) => type.slug), ...SYSTEM_BLOCKS.map(({ type }) => type.slug)])
  throw new TuttiError('BLOCK_TYPE_NOT_FOUND', `there is no block type ${slug}${didYouMean(near)}`)
}

/** @throws `BLOCK_NOT_FOUND` with what may have been meant. */
export async function findBlock(blocks: Blocks, { slug, name }: BlockName): Promise<StoredBlock> {
  const found = await blocks.find(slug, name, 'hidden')
  if (found === null) throw await noBlock(blocks, { slug, name })
  return found
}

export async function noBlock(blocks: Blocks, { slug, name }: BlockName, more = ''): Promise<TuttiError> {
  const type = await blocks.findType(slug)
  const { items } = await blocks.list({ ...(type === null ? undefined : { slug }), limit: BLOCKS_PER_PAGE_MAX })
  const near = suggestion(`${slug}/${name}`, items.map(fullName))
  return new TuttiError('BLOCK_NOT_FOUND', `there is no block ${slug}/${name}${more}${didYouMean(near)}`)
}

export function fullName({ slug, name }: BlockName): string {
  return `${slug}/${name}`
}

/** Its secrets are hidden. */
export function blockJson({ id, slug, typeName, name, data, isLocked, references, createdAt, updatedAt }: StoredBlock): object {
  return {
    id,
    type: slug,
    typeName,
    name,
    data: JSON.parse(data) as unknown,
    locked: isLocked,
    references: Object.fromEntries(Object.entries(references).map(([member, to]) => [member, referenceJson(to)])),
    createdAt: timeOrNull(createdAt),
    updatedAt: timeOrNull(updatedAt),
  }
}

function referenceJson({ id, slug, name }: BlockReference): object {
  return { id, type: slug, name }
}

export function typeJson({ fields, slug, ...type }: StoredBlockType): object {
  return { ...type, slug, schema: fields === null ? null : (JSON.parse(fields) as unknown) }
}
