// Blocks as a team has them: a database, who signs in to it, and a token.
import { block, defineBlock, secret } from 'tutti'
import type { Client } from 'tutti/client'
import { z } from 'zod'

const Login = defineBlock({
  name: 'Login',
  description: 'Who signs in, and with what.',
  fields: { user: z.string().min(1), password: secret() },
})

const Warehouse = defineBlock({
  name: 'Warehouse',
  description: 'The database that reports are made from.',
  fields: {
    host: z.string().min(1).describe('Name of the machine.'),
    port: z.int().min(1).max(65_535).default(5432),
    password: secret().describe('Of the user that reports are made with.'),
    schemas: z.array(z.string()).optional(),
    login: block(Login).optional().describe('Another user, for what is written.'),
  },
})

/** What a page must never have seen. */
export const STORY_SECRETS = ['sesame-of-the-story', 'xyzzy-of-the-story', 'plugh-of-the-story'] as const

/** Saves the types and a few blocks. */
export async function saveBlocks(client: Client): Promise<void> {
  const login = await register(client, Login, { name: 'Login', description: 'Who signs in, and with what.' })
  const warehouse = await register(client, Warehouse, { name: 'Warehouse', description: 'The database that reports are made from.' })
  const token = await client.blockTypes.readBySlug({ slug: 'secret' })
  const [ofToken] = await client.blockSchemas.list({
    body: { block_schemas: { block_type_id: { any_: [token.id] } }, limit: 1, offset: 0 },
  })
  const writer = await client.blockDocuments.create({
    body: { name: 'writer', ...login, data: { user: 'writer', password: STORY_SECRETS[0] } },
  })
  await client.blockDocuments.create({
    body: {
      name: 'main',
      ...warehouse,
      data: {
        host: 'warehouse.example.com',
        port: 5432,
        password: STORY_SECRETS[1],
        login: { $ref: { block_document_id: writer.id } },
      },
    },
  })
  await client.blockDocuments.create({
    body: { name: 'api-token', block_type_id: token.id, block_schema_id: ofToken!.id, data: { value: STORY_SECRETS[2] } },
  })
}

async function register(
  client: Client,
  type: { readonly slug: string; schema(): Readonly<Record<string, unknown>> },
  about: { readonly name: string; readonly description: string },
): Promise<{ readonly block_type_id: string; readonly block_schema_id: string }> {
  const { id } = await client.blockTypes.create({ body: { slug: type.slug, ...about } })
  const made = await client.blockSchemas.create({ body: { block_type_id: id, fields: type.schema(), capabilities: ['read-path'] } })
  return { block_type_id: id, block_schema_id: made.id }
}
