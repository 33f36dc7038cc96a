import { format, inspect } from 'node:util'
import { serialize } from 'node:v8'
import { expect, test } from 'vitest'
import { HiddenText, isSecret } from './secret.ts'

const VALUE = 'correct horse'

test.each<readonly [string, (secret: HiddenText) => string]>([
  ['as text', (secret) => String(secret)],
  ['in a template', (secret) => `${secret as unknown as string}`],
  ['joined to other text', (secret) => ['a', secret].join('-')],
  ['as JSON', (secret) => JSON.stringify({ secret, list: [secret] })],
  ['inspected', (secret) => inspect({ secret }, { depth: 9, showHidden: true })],
  ['inspected without its own say', (secret) => inspect(secret, { customInspect: false, showHidden: true, depth: 9 })],
  ['on the console', (secret) => format('%s %o %j %d', secret, secret, secret, secret)],
  ['spread into another object', (secret) => inspect({ ...secret }, { showHidden: true }) + JSON.stringify({ ...secret })],
])('a secret %s does not show its value', (_, shown) => {
  const text = shown(new HiddenText(VALUE))

  expect(text).not.toContain(VALUE)
})

test('a secret shown as text is eight asterisks, however long it is', () => {
  expect([String(new HiddenText('ab')), JSON.stringify(new HiddenText('a'.repeat(100)))]).toEqual(['********', '"********"'])
})

test('a secret tells its value to who asks for it', () => {
  expect(new HiddenText(VALUE).reveal()).toBe(VALUE)
})

test('a structured clone of a secret fails, and does not say its value', () => {
  const secret = new HiddenText(VALUE)

  expect(() => structuredClone({ secret })).toThrow(/could not be cloned/)
  expect(() => serialize(secret)).toThrow(/could not be cloned/)
})

test('secrets are equal when their values are', () => {
  const secret = new HiddenText(VALUE)

  expect([secret.equals(new HiddenText(VALUE)), secret.equals(new HiddenText('other'))]).toEqual([true, false])
})

test('a secret is told from everything else', () => {
  expect([new HiddenText(VALUE), VALUE, null, undefined, { reveal: () => VALUE }].map(isSecret)).toEqual([true, false, false, false, false])
})

test('a secret is made of text only', () => {
  expect(() => new HiddenText(undefined as unknown as string)).toThrow(/made of text/) // what JavaScript lets through
})
