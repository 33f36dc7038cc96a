import { expect, test } from 'vitest'
import { blockMembers, blockProblems, plainSecrets, readBlockPairs, requiredSecrets } from './block-input.ts'

const SCHEMA = {
  type: 'object',
  properties: {
    host: { type: 'string' },
    port: { type: 'integer', default: 5432 },
    password: { type: 'string', format: 'password' },
    headers: { type: 'object', additionalProperties: { type: 'string' } },
    credentials: { $ref: '#/definitions/Login' },
  },
  required: ['host', 'password', 'credentials'],
  secret_fields: ['password', 'headers.*', 'credentials.key'],
  block_schema_references: { credentials: { block_type_slug: 'login', block_schema_checksum: 'sha256:x' } },
  definitions: { Login: { type: 'object', properties: { key: { type: 'string' } }, required: ['key'] } },
}

test('what is typed is read as the schema says; secrets and names of blocks are text', () => {
  expect(readBlockPairs(['port=1', 'host=1', 'password=1', 'credentials=true', 'headers.a=2'], SCHEMA)).toEqual({
    port: 1,
    host: '1',
    password: '1',
    credentials: 'true',
    headers: { a: 2 },
  })
})

test('a schema tells which members are blocks, and which secrets are needed', () => {
  expect([...blockMembers(SCHEMA)]).toEqual([['credentials', 'login']])
  expect(requiredSecrets(SCHEMA)).toEqual(['password'])
})

test('secrets that stand in plain are found at any depth, references are none', () => {
  const data = { password: 'env:DB_PASSWORD', headers: { a: 'plain', b: 'file:/run/b' }, credentials: { key: 'k' } }

  expect(plainSecrets(data, SCHEMA)).toEqual(['headers.a', 'credentials.key'])
})

test('what is wrong is told by its field, and nothing of a secret', () => {
  const wrong = { hots: 'db', port: 'tcp', password: ['hunter2'], headers: { a: { b: 'hunter3' } } }

  expect(blockProblems(wrong, SCHEMA, ['credentials'])).toEqual([
    'hots: is no field of it; did you mean host?',
    'host: is missing',
    "port: 'tcp' is not of type 'integer'",
    'password: is not what it has to be',
    'headers.a: is not what it has to be',
  ])
})

test('nothing is wrong with what is whole', () => {
  expect(blockProblems({ host: 'db', password: 'x', credentials: { key: 'k' } }, SCHEMA, [])).toEqual([])
})
