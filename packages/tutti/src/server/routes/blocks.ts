import {
  blockDocuments,
  blockDocumentToWire,
  blockSchemas,
  blockSchemaToWire,
  blocksWhere,
  blockTypes,
  blockTypeToWire,
} from '../../api/blocks.ts'
import { pageOf } from '../../api/page.ts'
import type { BlockTypeTexts, Secrets } from '../../core/block-operations.ts'
import type { ServerOrchestrator } from '../../core/server-orchestrator.ts'
import type { Mount } from '../mount.ts'
import { createdOr } from '../reply.ts'

export function mountBlocks(
  mount: Mount,
  { blockTypes: types, blockSchemas: schemas, blockDocuments: documents }: ServerOrchestrator,
): void {
  mount(blockTypes.create, async ({ body: { name, slug, ...texts } }) => {
    const nothing: BlockTypeTexts = { logoUrl: null, documentationUrl: null, description: null, codeExample: null }
    return blockTypeToWire(await types.create({ name, slug, ...nothing, ...textsOf(texts) }))
  })
  mount(blockTypes.read, async ({ params }) => blockTypeToWire(await types.read(params.id)))
  mount(blockTypes.readBySlug, async ({ params }) => blockTypeToWire(await types.readBySlug(params.slug)))
  mount(blockTypes.list, async ({ body }) => {
    const listing = { where: blocksWhere('block-types', body), sort: 'NAME_ASC', ...pageOf(body) }
    return (await types.list(listing)).map(blockTypeToWire)
  })
  mount(blockTypes.update, ({ params, body }) => types.update(params.id, textsOf(body)))
  mount(blockTypes.remove, ({ params }) => types.remove(params.id))
  mount(blockTypes.documents, async ({ params, query }) =>
    (await documents.ofType(params.slug, secretsOf(query.include_secrets))).map(blockDocumentToWire),
  )
  mount(blockTypes.document, async ({ params, query }) =>
    blockDocumentToWire(await documents.readByName(params.slug, params.name, secretsOf(query.include_secrets))),
  )
  mount(blockTypes.install, async () => {
    await types.install()
    return null
  })

  mount(blockSchemas.create, async ({ body: { fields, block_type_id: blockTypeId, capabilities, version } }) => {
    const { view, isNew } = await schemas.ensure({ blockTypeId, fields, capabilities, version })
    return createdOr(isNew, blockSchemaToWire(view))
  })
  mount(blockSchemas.read, async ({ params }) => blockSchemaToWire(await schemas.read(params.id)))
  mount(blockSchemas.readByChecksum, async ({ params, query }) =>
    blockSchemaToWire(await schemas.readByChecksum(params.checksum, query.version ?? null)),
  )
  mount(blockSchemas.list, async ({ body }) => {
    const listing = { where: blocksWhere('block-schemas', body), sort: 'CREATED_DESC', ...pageOf(body) }
    return (await schemas.list(listing)).map(blockSchemaToWire)
  })
  mount(blockSchemas.remove, ({ params }) => schemas.remove(params.id))
  mount(blockSchemas.capabilities, async () => [...(await schemas.capabilities())])

  mount(blockDocuments.create, async ({ body }) => {
    const { name, data, block_schema_id: blockSchemaId, block_type_id: blockTypeId, is_anonymous: isAnonymous } = body
    return blockDocumentToWire(await documents.create({ name: name ?? null, isAnonymous, data, blockSchemaId, blockTypeId }))
  })
  mount(blockDocuments.read, async ({ params, query }) =>
    blockDocumentToWire(await documents.read(params.id, secretsOf(query.include_secrets))),
  )
  mount(blockDocuments.list, async ({ body }) => {
    const listing = { where: blocksWhere('block-documents', body), sort: body.sort, ...pageOf(body) }
    return (await documents.list(listing, secretsOf(body.include_secrets))).map(blockDocumentToWire)
  })
  mount(blockDocuments.count, ({ body }) => documents.count(blocksWhere('block-documents', body)))
  mount(blockDocuments.update, ({ params, body: { data, block_schema_id: blockSchemaId, merge_existing_data: merge } }) =>
    documents.update(params.id, { data, blockSchemaId: blockSchemaId ?? null, merge }),
  )
  mount(blockDocuments.remove, ({ params }) => documents.remove(params.id))
}

function secretsOf(included: boolean): Secrets {
  return included ? 'told' : 'hidden'
}

interface WireTexts {
  readonly logo_url?: string | null | undefined
  readonly documentation_url?: string | null | undefined
  readonly description?: string | null | undefined
  readonly code_example?: string | null | undefined
}

/** Those that are given. */
function textsOf({
  logo_url: logoUrl,
  documentation_url: documentationUrl,
  description,
  code_example: codeExample,
}: WireTexts): Partial<BlockTypeTexts> {
  return {
    ...(logoUrl === undefined ? undefined : { logoUrl }),
    ...(documentationUrl === undefined ? undefined : { documentationUrl }),
    ...(description === undefined ? undefined : { description }),
    ...(codeExample === undefined ? undefined : { codeExample }),
  }
}
