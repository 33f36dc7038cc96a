import { describe, expect, test } from 'vitest'
import { api } from './index.ts'
import { openApi } from './openapi.ts'

const document = openApi(api, '1.2.3')

/** Every `$ref` of a value. */
function references(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, each]: [string, unknown]) =>
    key === '$ref' && typeof each === 'string' ? [each] : references(each),
  )
}

describe('the OpenAPI document', () => {
  test('has every endpoint, under a name of its own', () => {
    const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods))
    const ids = operations.map(({ operationId }) => operationId)

    expect(new Set(ids).size).toBe(ids.length)
    expect(ids).toContain('variables.create')
    expect(Object.keys(document.paths['/variables/{id}'] ?? {})).toEqual(['get', 'patch', 'delete'])
  })

  test('refers to nothing that it does not have', () => {
    const known = new Set(Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`))

    expect([...new Set(references(document))].filter((reference) => !known.has(reference))).toEqual([])
    expect(known).toContain('#/components/schemas/Variable')
  })

  test('says what is given, what is answered and what can go wrong', () => {
    expect(document.paths['/variables/']?.['post']).toMatchObject({
      summary: 'Makes a variable.',
      requestBody: { required: true, content: { 'application/json': { schema: { required: ['name', 'value'] } } } },
      responses: {
        201: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Variable' } } } },
        409: { description: '`ALREADY_EXISTS`' },
        422: { description: '`INVALID_REQUEST`' },
      },
    })
    expect(document.paths['/variables/name/{name}']?.['get']?.parameters).toMatchObject([{ name: 'name', in: 'path', required: true }])
  })

  test('can be sent', () => {
    expect(JSON.parse(JSON.stringify(document))).toEqual(document)
  })
})
