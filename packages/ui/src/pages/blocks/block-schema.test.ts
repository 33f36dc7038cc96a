import { expect, test } from 'vitest'
import { validateAgainst } from '../../parts/schema-form/validate.ts'
import { formSchema, formValue, schemaToEdit, shownFields } from './block-schema.ts'

const FIELDS = {
  type: 'object',
  properties: {
    login: { $ref: '#/definitions/Login', position: 2 },
    host: { title: 'Host', type: 'string', position: 0 },
    password: { title: 'Password', type: 'string', minLength: 12, position: 1 },
    value: {
      anyOf: [
        { type: 'string', format: 'password' },
        { type: 'string', format: 'password', writeOnly: true },
      ],
    },
    headers: { type: 'object', additionalProperties: { type: 'string' } },
    keys: { type: 'array', items: { type: 'string' } },
  },
  required: ['host', 'password'],
  secret_fields: ['password', 'value', 'headers.*', 'keys.*', 'login.password'],
  block_schema_references: { login: { block_type_slug: 'login', block_schema_checksum: 'sha256:1' } },
  definitions: { Login: { type: 'object', properties: { password: { type: 'string' } } } },
}

const REFERENCES = { login: { block_document: { id: 'b-1', name: 'writer', block_type: { name: 'Login' } } } }

test('secrets are marked where they are, at any depth', () => {
  const { properties } = formSchema(FIELDS, {})

  expect(properties).toMatchObject({
    password: { type: 'string', writeOnly: true },
    value: { type: 'string', writeOnly: true },
    headers: { additionalProperties: { writeOnly: true } },
    keys: { items: { writeOnly: true } },
  })
  expect(properties).toHaveProperty('host', FIELDS.properties.host)
})

test('a member that is another block is chosen among those saved, one that was given inline is a form of its own', () => {
  expect(formSchema(FIELDS, {})).toHaveProperty('properties.login.block_types', ['login'])
  expect(formSchema(FIELDS, { login: { $ref: { block_document_id: 'b-1' } } })).toHaveProperty('properties.login.block_types')
  expect(formSchema(FIELDS, { login: { password: '********' } })).toHaveProperty('properties.login.$ref')
})

test('a secret that stays as it is fits whatever its schema asks of a new one', () => {
  const schema = formSchema(FIELDS, {})

  expect(validateAgainst(schema, { host: 'db', password: '********', headers: { a: '********' } })).toEqual({})
  expect(validateAgainst(schema, { host: 'db', password: 'short' })).toHaveProperty('/password')
  expect(validateAgainst(schema, { host: 'db', password: 'long enough!', login: { $ref: { block_document_id: 'b-1' } } })).toEqual({})
})

test('a form of a saved block names other blocks by their ids, and never what is in them', () => {
  const value = formValue({
    data: { host: 'db', password: '********', login: { user: 'w', password: '********' } },
    block_document_references: REFERENCES,
  })

  expect(value).toEqual({ host: 'db', password: '********', login: { $ref: { block_document_id: 'b-1' } } })
})

test('a block goes on with its own schema where the newest would take a secret for text', () => {
  const own = { id: 'own', fields: FIELDS }
  const newest = { id: 'newest', fields: { ...FIELDS, secret_fields: [...FIELDS.secret_fields, 'host'] } }
  const open = { id: 'open', fields: { ...FIELDS, secret_fields: [] } }

  expect(schemaToEdit(own as never, newest as never).id).toBe('newest')
  expect(schemaToEdit(own as never, open as never).id).toBe('own')
  expect(schemaToEdit(own as never, null).id).toBe('own')
})

test('what a block holds is shown in the order of its schema, with what the schema does not know at the end', () => {
  const block = {
    data: { old: 1, login: {}, password: '********', host: 'db' },
    block_document_references: REFERENCES,
    block_schema: { fields: FIELDS },
  }

  const fields = shownFields(block as never)

  expect(fields.map(({ key }) => key)).toEqual(['host', 'password', 'login', 'value', 'headers', 'keys', 'old'])
  expect(fields.find(({ key }) => key === 'password')).toMatchObject({ isSecret: true, title: 'password' })
  expect(fields.find(({ key }) => key === 'login')).toMatchObject({ block: { id: 'b-1', name: 'writer', typeName: 'Login' } })
  expect(fields.find(({ key }) => key === 'keys')).toMatchObject({ isMissing: true })
})
