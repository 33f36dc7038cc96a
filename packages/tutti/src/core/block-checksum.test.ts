import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { checksumText, pythonJson } from './block-checksum.ts'
import { parseLiterally } from './literal-json.ts'

const INNER = `{"block_type_slug":"tutti-conformance-inner","description":"Connects to something.","properties":{"host":{"title":"Host","type":"string","position":0},"port":{"default":5432,"title":"Port","type":"integer","position":1},"ratio":{"default":30.0,"title":"Ratio","type":"number","position":2},"password":{"anyOf":[{"format":"password","type":"string","writeOnly":true},{"type":"null"}],"default":null,"title":"Password","position":3}},"required":["host"],"secret_fields":["password"],"title":"Inner","type":"object","block_schema_references":{}}`
const OUTER = `{"block_type_slug":"tutti-conformance-outer","properties":{"inner":{"$ref":"#/definitions/Inner","position":0},"options":{"title":"Options","type":"object","position":1}},"required":["inner"],"secret_fields":["inner.password"],"title":"Outer","type":"object","block_schema_references":{"inner":{"block_schema_checksum":"sha256:b73c4a59dbe5f93573278b2858588e4c2b3dddc51dc265bcd53661be9145c082","block_type_slug":"tutti-conformance-inner"}},"definitions":{"Inner":${INNER}}}`

function checksum(fields: string): string {
  return `sha256:${createHash('sha256')
    .update(checksumText(parseLiterally(fields) as Readonly<Record<string, unknown>>))
    .digest('hex')}`
}

describe('the checksum of a schema', () => {
  test('is the one that the Prefect client makes', () => {
    expect(checksum(INNER)).toBe('sha256:b73c4a59dbe5f93573278b2858588e4c2b3dddc51dc265bcd53661be9145c082')
  })

  test('does not speak of the definitions of other blocks', () => {
    expect(checksum(OUTER)).toBe('sha256:f8f4dbb0d2282c4a620a11ad36eda5b3295dd795ae060979147c1fc61d2cfa28')
  })

  test('speaks of definitions that the fields lead to, and of no others', () => {
    const text = checksumText({
      properties: { a: { $ref: '#/definitions/A' } },
      definitions: { A: { items: [{ $ref: '#/definitions/B' }] }, B: { secret_fields: ['x'] }, C: {}, D: { block_type_slug: 'd' } },
    })

    expect(text).toBe(
      '[[{"definitions": {"A": {"items": [{"$ref": "#/definitions/B"}]}, "B": {}}, "properties": {"a": {"$ref": "#/definitions/A"}}}], {}]',
    )
  })
})

describe('JSON as Python writes it', () => {
  test.each([
    ['1e16', '1e+16'],
    ['1e15', '1000000000000000.0'],
    ['0.0001', '0.0001'],
    ['0.00001', '1e-05'],
    ['-1.50', '-1.5'],
    ['123456.789', '123456.789'],
    ['1e2', '100.0'],
    ['30', '30'],
    ['18446744073709551616', '18446744073709551616'],
    ['-0.0', '-0.0'],
  ])('%s is %s', (source, written) => {
    expect(pythonJson(parseLiterally(source))).toBe(written)
  })

  test('keys are in the order of their code points, and only ASCII is written', () => {
    expect(pythonJson({ ü: 1, b: [true, null], a: 'é😀"\n\u0001', B: {} })).toBe(
      '{"B": {}, "a": "\\u00e9\\ud83d\\ude00\\"\\n\\u0001", "b": [true, null], "\\u00fc": 1}',
    )
  })
})
