import type { BlockDefinition } from './block-access.ts'
import type { NewBlockType } from './block-operations.ts'

/** A type that every server has, with a schema for those who make its documents without a client of their own. */
export interface SystemBlock {
  readonly type: NewBlockType
  readonly capabilities: readonly string[]
  readonly fields: Readonly<Record<string, unknown>>
}

/** The version of the schemas that a server brings along. */
export const OWN_VERSION = 'tutti'

const nothing = { logoUrl: null, documentationUrl: null, codeExample: null }

export const SYSTEM_BLOCKS: readonly SystemBlock[] = [
  {
    type: { ...nothing, name: 'Secret', slug: 'secret', description: 'A value that is shown to nobody who does not ask for it.' },
    capabilities: [],
    fields: {
      title: 'Secret',
      type: 'object',
      block_type_slug: 'secret',
      properties: { value: { title: 'Value', type: 'string', format: 'password', writeOnly: true } },
      required: ['value'],
      secret_fields: ['value'],
      block_schema_references: {},
    },
  },
  {
    type: { ...nothing, name: 'Webhook', slug: 'webhook', description: 'An address that is called.' },
    capabilities: [],
    fields: {
      title: 'Webhook',
      type: 'object',
      block_type_slug: 'webhook',
      properties: {
        method: { title: 'Method', type: 'string', enum: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'], default: 'POST' },
        url: { title: 'Address', type: 'string', format: 'password', writeOnly: true },
        headers: { title: 'Headers', type: 'object', additionalProperties: { type: 'string' } },
      },
      required: ['url'],
      secret_fields: ['url', 'headers.*'],
      block_schema_references: {},
    },
  },
  {
    type: { ...nothing, name: 'Local File System', slug: 'local-file-system', description: 'A folder of the machine that uses it.' },
    capabilities: ['get-directory', 'put-directory', 'read-path', 'write-path'],
    fields: {
      title: 'LocalFileSystem',
      type: 'object',
      block_type_slug: 'local-file-system',
      properties: { basepath: { title: 'Folder', type: 'string', description: 'Paths are relative to it.' } },
      secret_fields: [],
      block_schema_references: {},
    },
  },
]

/** One of the server's own types as code declares one: without a server it is made by the first who needs it. */
export function systemDefinition(slug: string): BlockDefinition | undefined {
  const system = SYSTEM_BLOCKS.find(({ type }) => type.slug === slug)
  if (system === undefined) return undefined
  return { ...system.type, fields: JSON.stringify(system.fields), capabilities: system.capabilities, version: OWN_VERSION }
}
