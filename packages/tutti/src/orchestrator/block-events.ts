import type { BlockDocument, BlockType } from '../core/block.ts'
import { RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE } from '../core/event.ts'
import type { ResourceLabels } from '../core/event.ts'
import { JsonText } from '../core/literal-json.ts'
import type { Told } from '../core/told.ts'
import type { Script } from '../store/port.ts'
import type { Deps } from './deps.ts'
import { emit } from './telling.ts'

type Change = 'created' | 'updated' | 'deleted'

/** What a block holds is not told, hidden or not: events are kept, and read by whoever follows them. */
export function* tellOfDocument(deps: Deps, told: Told[], what: Change, document: BlockDocument): Script<void> {
  const { id, name, blockTypeId, blockTypeName, blockSchemaId, isAnonymous } = document
  const type = yield* deps.store.tables.blocks.type(blockTypeId)
  yield* emit(deps, told, {
    name: `prefect.block-document.${what}`,
    resource: { [RESOURCE_ID]: `prefect.block-document.${id}`, [RESOURCE_NAME]: name },
    related: type === undefined ? [] : [{ ...typeLabels(type), [RESOURCE_ROLE]: 'block-type' }],
    payload: JsonText.of({
      id,
      name,
      block_type_id: blockTypeId,
      block_type_name: blockTypeName,
      block_schema_id: blockSchemaId,
      is_anonymous: isAnonymous,
    }),
  })
  told.push({ type: 'changed', noun: 'block_documents', id })
}

export function* tellOfType(deps: Deps, told: Told[], what: Change, type: BlockType): Script<void> {
  const { id, name, slug, logoUrl, documentationUrl, description, codeExample, isProtected } = type
  yield* emit(deps, told, {
    name: `prefect.block-type.${what}`,
    resource: typeLabels(type),
    payload: JsonText.of({
      id,
      name,
      slug,
      logo_url: logoUrl,
      documentation_url: documentationUrl,
      description,
      code_example: codeExample,
      is_protected: isProtected,
    }),
  })
  told.push({ type: 'changed', noun: 'block_types', id })
}

function typeLabels({ id, name }: BlockType): ResourceLabels {
  return { [RESOURCE_ID]: `prefect.block-type.${id}`, [RESOURCE_NAME]: name }
}
