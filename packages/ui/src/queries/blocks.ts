import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { Client } from 'tutti/client'
import { client } from '../connection.ts'
import { referredBlock } from './block-references.ts'
import { PAGE_ROWS } from './values.ts'
import type { Answer } from './values.ts'

export type BlockType = Answer<Client['blockTypes']['read']>
export type BlockSchema = Answer<Client['blockSchemas']['read']>
export type Block = Answer<Client['blockDocuments']['read']>

/** What the server gives at once. */
const AT_ONCE_MAX = 200
/** How many blocks are looked at for what they refer to. */
const LOOKED_AT_MAX = 1_000

/** Saved blocks, by type and name. `type` is a slug. */
export function blocks({ text, type }: { readonly text: string; readonly type: string }) {
  return infiniteQueryOptions({
    queryKey: ['block-documents', 'list', text, type],
    queryFn: ({ signal, pageParam }) =>
      client().blockDocuments.list(
        { body: { ...blocksLike(text, type), limit: PAGE_ROWS, offset: pageParam, sort: 'BLOCK_TYPE_AND_NAME_ASC' } },
        { signal },
      ),
    initialPageParam: 0,
    getNextPageParam: (page, pages) => (page.length < PAGE_ROWS ? undefined : pages.length * PAGE_ROWS),
    placeholderData: keepPreviousData,
  })
}

export function blockCount() {
  return queryOptions({
    queryKey: ['block-documents', 'count'],
    queryFn: ({ signal }) => client().blockDocuments.count({ body: {} }, { signal }),
  })
}

function blocksLike(text: string, type: string) {
  return {
    ...(text === '' ? undefined : { block_documents: { name: { like_: text } } }),
    ...(type === '' ? undefined : { block_types: { slug: { any_: [type] } } }),
  }
}

export function block(id: string) {
  return queryOptions({
    queryKey: ['block-documents', 'one', id],
    queryFn: ({ signal }) => client().blockDocuments.read({ id }, { signal }),
  })
}

/** What a field that holds a block of one of these types can be. */
export function blocksOfTypes(slugs: readonly string[]) {
  return queryOptions({
    queryKey: ['block-documents', 'of-types', ...slugs],
    queryFn: ({ signal }) =>
      client().blockDocuments.list(
        { body: { block_types: { slug: { any_: [...slugs] } }, limit: AT_ONCE_MAX, offset: 0, sort: 'BLOCK_TYPE_AND_NAME_ASC' } },
        { signal },
      ),
  })
}

export function blockTypes() {
  return queryOptions({
    queryKey: ['block-types', 'list'],
    queryFn: ({ signal }) => client().blockTypes.list({ body: { limit: AT_ONCE_MAX, offset: 0 } }, { signal }),
  })
}

export function blockType(slug: string) {
  return queryOptions({
    queryKey: ['block-types', 'one', slug],
    queryFn: ({ signal }) => client().blockTypes.readBySlug({ slug }, { signal }),
  })
}

/** The newest schema of a type; `null`: it has none. */
export function blockSchema(typeId: string | undefined) {
  return queryOptions({
    queryKey: ['block-types', 'schema', typeId],
    queryFn: async ({ signal }) => {
      const filter = { block_type_id: { any_: [typeId ?? ''] } }
      const [newest] = await client().blockSchemas.list({ body: { block_schemas: filter, limit: 1, offset: 0 } }, { signal })
      return newest ?? null
    },
    enabled: typeId !== undefined,
  })
}

/** What blocks of each type can do, by the id of the type; of the newest schemas. */
export function blockCapabilities() {
  return queryOptions({
    queryKey: ['block-types', 'capabilities'],
    queryFn: async ({ signal }) => {
      const schemas = await client().blockSchemas.list({ body: { limit: AT_ONCE_MAX, offset: 0 } }, { signal })
      const newest = new Map<string, readonly string[]>()
      for (const { block_type_id: typeId, capabilities } of schemas) if (!newest.has(typeId)) newest.set(typeId, capabilities)
      return newest
    },
  })
}

/** How many blocks there are of a type. */
export function blockCountOfType(slug: string) {
  return queryOptions({
    queryKey: ['block-documents', 'count', slug],
    queryFn: ({ signal }) => client().blockDocuments.count({ body: { block_types: { slug: { any_: [slug] } } } }, { signal }),
  })
}

export interface BlockUsers {
  readonly blocks: readonly Block[]
  readonly deployments: readonly { readonly id: string; readonly name: string; readonly flowId: string }[]
  /** Whether there was more to look at than is looked at. */
  readonly isPartial: boolean
}

/** Blocks that hold this one, and deployments that name it. */
export function blockUsers({ id, name, slug }: { readonly id: string; readonly name: string; readonly slug: string }) {
  return queryOptions({
    queryKey: ['block-documents', 'users', id],
    queryFn: async ({ signal }): Promise<BlockUsers> => {
      const [all, deployments] = await Promise.all([
        everyBlock(signal),
        client().deployments.filter({ body: { limit: AT_ONCE_MAX, offset: 0, sort: 'NAME_ASC' } }, { signal }),
      ])
      // In templates of job variables and pull steps, whatever stands before it.
      const mention = `blocks.${slug}.${name}`
      const isNamed = (text: string): boolean => {
        const at = text.indexOf(mention)
        return at !== -1 && !/[\w-]/.test(text.charAt(at + mention.length))
      }
      return {
        blocks: all.filter(({ block_document_references: references }) => refersTo(references, id)),
        deployments: deployments
          .filter(
            (each) =>
              each.storage_document_id === id ||
              each.infrastructure_document_id === id ||
              isNamed(JSON.stringify([each.job_variables, each.pull_steps])),
          )
          .map((each) => ({ id: each.id, name: each.name, flowId: each.flow_id })),
        isPartial: all.length >= LOOKED_AT_MAX || deployments.length >= AT_ONCE_MAX,
      }
    },
  })
}

/** Also those without a name. */
async function everyBlock(signal: AbortSignal): Promise<readonly Block[]> {
  const found: Block[] = []
  for (let offset = 0; offset < LOOKED_AT_MAX; offset += AT_ONCE_MAX) {
    const page = await client().blockDocuments.list(
      { body: { block_documents: { is_anonymous: { eq_: null } }, limit: AT_ONCE_MAX, offset, sort: 'NAME_ASC' } },
      { signal },
    )
    found.push(...page)
    if (page.length < AT_ONCE_MAX) break
  }
  return found
}

function refersTo(references: Readonly<Record<string, unknown>>, id: string): boolean {
  return Object.values(references).some((each) => referredBlock(each)?.id === id)
}

export interface BlockChanges {
  readonly data: Record<string, unknown>
  readonly schemaId: string
}

export function createBlock({ name, typeId, data, schemaId }: BlockChanges & { readonly name: string; readonly typeId: string }) {
  return client().blockDocuments.create({ body: { name, block_type_id: typeId, block_schema_id: schemaId, data } })
}

/** Members that are not given go; secrets that are given as hidden stay. */
export function changeBlock({ id, data, schemaId }: BlockChanges & { readonly id: string }) {
  return client().blockDocuments.update({ id, body: { block_schema_id: schemaId, data, merge_existing_data: false } })
}

export function removeBlock(id: string) {
  return client().blockDocuments.remove({ id })
}
