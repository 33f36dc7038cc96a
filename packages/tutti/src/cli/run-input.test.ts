import { expect, test } from 'vitest'
import type { OpenWait } from '../core/wait.ts'
import { inputFields, readInput } from './run-input.ts'

function aWait(schema: object | null): OpenWait {
  return { waitId: 'w1', key: null, until: null, schema: schema === null ? null : JSON.stringify(schema), description: null }
}

const person = {
  type: 'object',
  properties: { name: { type: 'string' }, age: { type: 'integer' }, tags: { type: 'array' } },
  required: ['name'],
}

test.each([
  ['nothing', [], person, null],
  ['JSON', ['{"name":"Ada","age":36}'], person, '{"name":"Ada","age":36}'],
  ['members', ['name=Ada', 'age=36'], person, '{"name":"Ada","age":36}'],
  ['a member that is text although it looks like a number', ['name=42'], person, '{"name":"42"}'],
  ['a member with several values', ['name=Ada', 'tags=a', 'tags=b'], person, '{"name":"Ada","tags":["a","b"]}'],
  ['plain text, where text is waited for', ['hello = world'], { type: 'string' }, '"hello = world"'],
  ['quoted text, where text is waited for', ['"hello"'], { type: 'string' }, '"hello"'],
  ['a number', ['42'], { type: 'number' }, '42'],
] as const)('%s is read as JSON', (_, texts, schema, json) => {
  expect(readInput(texts, aWait(schema))).toBe(json)
})

test('what is neither JSON nor a member says how to write it', () => {
  expect(() => readInput(['yes'], aWait(person))).toThrow(expect.objectContaining({ code: 'INVALID_PARAMETERS' }))
})

test('people are told the members of an input, and which of them may be left out', () => {
  expect(inputFields(JSON.stringify(person))).toBe('name (string), age (integer, optional), tags (array, optional)')
  expect(inputFields('{}')).toBeUndefined()
  expect(inputFields('true')).toBeUndefined()
})
