import type { BlockDefinition } from '../core/block-access.ts'
import { TuttiError } from '../core/errors.ts'
import { secretIn } from '../engine/secret-values.ts'
import type { SaveOptions } from './block-type.ts'
import { blockNotFound, checkBlockName } from './block-names.ts'
import { engineHere } from './process-engine.ts'

const SLUG = 'json'

/** As the protocol's client declares it. */
const DEFINITION: BlockDefinition = {
  name: 'JSON',
  slug: SLUG,
  description: 'A value of any kind that JSON can say.',
  logoUrl: null,
  documentationUrl: null,
  codeExample: null,
  capabilities: [],
  version: 'non-versioned',
  fields: JSON.stringify({
    title: 'JSON',
    description: 'A value of any kind that JSON can say.',
    type: 'object',
    properties: { value: { title: 'Value', description: 'A JSON-compatible value.', position: 0 } },
    required: ['value'],
    block_type_slug: SLUG,
    secret_fields: [],
    block_schema_references: {},
  }),
}

/**
 * A value of any kind under a name, sealed like every block but shown to whoever may read blocks. What is small and is to be seen and changed by
 * people is better kept as a `variable`; what is secret as a `Secret`.
 *
 * @example
 * await JsonBlock.save('regions', ['eu', 'us'])
 * const regions = await JsonBlock.load<string[]>('regions')
 */
export const JsonBlock = {
  /** Throws `BLOCK_NOT_FOUND`. The type is what the caller says. */
  async load<T = unknown>(name: string): Promise<T> {
    const { orchestrator } = await engineHere()
    const found = await orchestrator.blocks.find(SLUG, name, 'told')
    if (found === null) throw await blockNotFound(orchestrator, SLUG, name)
    return (JSON.parse(found.data) as { readonly value: T }).value // as the caller says
  },

  /** Throws `ALREADY_EXISTS` without `overwrite`, and `INVALID_BLOCK` for what JSON cannot say, or a value that is known as a secret. */
  async save(name: string, value: unknown, { overwrite = false }: SaveOptions = {}): Promise<void> {
    checkBlockName(SLUG, name)
    const data = jsonOf({ value })
    if (data === undefined || !('value' in (JSON.parse(data) as object)))
      throw new TuttiError('INVALID_BLOCK', `the block ${SLUG}/${name} is not valid:\n- value: cannot be written as JSON`)
    const at = secretIn(value, 'value')
    if (at !== undefined)
      throw new TuttiError('INVALID_BLOCK', `the block ${SLUG}/${name} is not valid:\n- ${at}: is a secret, and is to be saved as a Secret`)
    const { orchestrator, ids } = await engineHere()
    await orchestrator.blocks.save({ id: ids.next(), slug: SLUG, name, data, types: [DEFINITION], overwrite })
  },

  /** Deletes a saved value. `false`: there was none. */
  async delete(name: string): Promise<boolean> {
    const { orchestrator } = await engineHere()
    return orchestrator.blocks.remove(SLUG, name)
  },
} as const

function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}
