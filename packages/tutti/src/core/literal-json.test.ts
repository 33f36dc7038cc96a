import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isRawNumber, JsonText, parseLiterally, plainJson } from './literal-json.ts'

test.each([
  '1.0',
  '[1.50]',
  '{"a":12345678901234567890}',
  '{"a":1e5,"b":[-0, 1E-7]}',
  '0.1234567890123456789',
  '9007199254740993',
  '100000.00200560492',
  '[0.0000001]',
  ' -0',
  '{"a": 2.0 }',
])('%s comes back as it was spelled', (text) => {
  expect(JSON.stringify(parseLiterally(text))).toBe(text.replaceAll(' ', ''))
})

test('numbers that JavaScript writes alike are plain numbers', () => {
  expect(parseLiterally('{"at":1767225600000001,"rate":0.5,"id":"019b7600-3e10-7000-8000-0000000000e1"}')).toEqual({
    at: 1_767_225_600_000_001,
    rate: 0.5,
    id: '019b7600-3e10-7000-8000-0000000000e1',
  })
})

test('whoever computes gets plain numbers', () => {
  const value = parseLiterally('{"a":[1.0,{"b":2e1}]}')

  expect(plainJson(value)).toEqual({ a: [1, { b: 20 }] })
})

test('a text inside an answer is written literally', () => {
  expect(JSON.stringify({ parameters: new JsonText('{"x":1.0}') })).toBe('{"parameters":{"x":1.0}}')
})

test('any JSON survives', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(plainJson(parseLiterally(text))).toEqual(JSON.parse(text))
    }),
  )
})

test('any number comes back as it was spelled', () => {
  const digits = fc.stringMatching(/^-?(?:0|[1-9]\d{0,24})(?:\.\d{1,24})?(?:[eE][-+]?\d{1,3})?$/)
  fc.assert(
    fc.property(digits, (spelled) => {
      const [value] = parseLiterally(`[${spelled}]`) as unknown[]
      expect(isRawNumber(value) || String(value) === spelled).toBe(true)
      expect(JSON.stringify([value])).toBe(`[${spelled}]`)
    }),
  )
})
