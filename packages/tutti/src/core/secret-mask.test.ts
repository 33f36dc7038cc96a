import fc from 'fast-check'
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { SecretMask, SECRETS_MAX } from './secret-mask.ts'

const VALUE = 'p?ss "wörd"/+ü~'

function maskOf(...values: readonly string[]): SecretMask {
  const mask = new SecretMask()
  for (const value of values) mask.add(value)
  return mask
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

/** A service that quotes an address back to whoever called it. */
function address(text: string): string {
  const url = new URL(`https://${encodeURIComponent(text)}@host/path?${new URLSearchParams({ token: text }).toString()}`)
  url.hash = text
  return url.href
}

const SPELLED: readonly (readonly [string, (value: string) => string])[] = [
  ['as it is', (value) => `before ${value} after`],
  ['as JSON', (value) => JSON.stringify({ password: value })],
  ['as JSON in JSON', (value) => JSON.stringify(JSON.stringify([{ password: value }]))],
  [
    'as JSON of plain characters',
    (value) => JSON.stringify(value).replaceAll(/[\u0080-\uffff]/g, (unit) => `\\u00${unit.charCodeAt(0).toString(16)}`),
  ],
  ['as Node shows it', (value) => inspect({ value })],
  ['encoded for an address', (value) => `https://host/?q=${encodeURIComponent(value)}`],
  ['encoded with small letters', (value) => encodeURIComponent(value).replaceAll(/%../g, (code) => code.toLowerCase())],
  ['in an address', address],
  ['in a form', (value) => new URLSearchParams({ a: '1', value, b: '2' }).toString()],
  ['in base64', base64],
  ['in base64 without padding', (value) => base64(value).replace(/=+$/, '')],
  ['in base64 for addresses', (value) => Buffer.from(value).toString('base64url')],
  ['in base64 within an address', (value) => encodeURIComponent(base64(value))],
  ['in base64 of JSON', (value) => base64(JSON.stringify({ user: 'me', password: value }))],
  ['as a user and password', (value) => `Basic ${base64(`user:${value}`)}`],
]

test.each(SPELLED)('a value %s is hidden', (_, spell) => {
  const masked = maskOf(VALUE).mask(spell(VALUE))

  expect(masked).toContain('********')
  for (const form of spellings(VALUE)) expect(masked).not.toContain(form)
})

/** What a hunter looks for: with whatever stands around base64, its middle stays. */
function spellings(value: string): readonly string[] {
  const middles = ['', 'a', 'ab'].map((before) => base64(`${before}${value}`).slice(4, -4))
  return [value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1), ...middles].filter((each) => each.length >= 4)
}

test('what stands around a value stays', () => {
  expect(maskOf('hunter22').mask('user=me password=hunter22 host=db')).toBe('user=me password=******** host=db')
})

test('base64 is hidden with its padding and with the characters that hold parts of the value', () => {
  expect(maskOf('hunter22').mask(`Basic ${base64('u:hunter22')}, and on`)).toMatch(/^Basic dT\*{8}, and on$/)
})

test('of values that begin alike the longest is hidden', () => {
  expect(maskOf('token', 'token-of-more').mask('token-of-more')).toBe('********')
})

test('values that overlap are hidden together', () => {
  expect(maskOf('abcdef', 'efghij').mask('x abcdefghij y')).toBe('x ******** y')
})

test('a value of several lines is hidden also where one of its lines is told', () => {
  const key = '-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nBKcwggSjAgEAAoIBAQC7\n-----END KEY-----\n'

  expect(maskOf(key).mask('bad line MIIEvQIBADANBgkqhkiG9w0BAQEFAASC!')).toBe('bad line ********!')
  expect(maskOf(key).mask(`error in ${JSON.stringify(key)}`)).toBe('error in "********"')
})

test('the line break before base64 stays a line break of JSON', () => {
  const masked = maskOf('hunter22').mask(JSON.stringify(`\n${base64('u:hunter22').slice(3)}`))

  expect(() => JSON.parse(masked) as unknown).not.toThrow()
})

test('values of less than four characters are left', () => {
  const mask = maskOf('abc')

  expect([mask.isEmpty, mask.mask('abc')]).toEqual([true, 'abc'])
})

test('a mask that knows nothing gives back what it is given', () => {
  expect([new SecretMask().mask(VALUE), new SecretMask().holds(VALUE)]).toEqual([VALUE, false])
})

test('a value is known once, and the oldest are forgotten beyond a bound', () => {
  const mask = maskOf('first value', 'first value')

  for (let index = 1; index <= SECRETS_MAX; index++) mask.add(`value ${index}`)

  expect([mask.values.length, mask.values.includes('first value')]).toEqual([SECRETS_MAX, false])
})

const value = fc.string({ unit: 'grapheme', minLength: 4, maxLength: 40 }).filter((text) => text.length >= 4 && !text.includes('*'))

test('no spelling of a value is left, wherever it stands', () => {
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 1, maxLength: 20 }),
      fc.array(fc.string({ maxLength: 20 })),
      fc.nat(),
      (values, around, seed) => {
        const mask = maskOf(...values)
        const text = values.map((each, index) => `${around[index] ?? ''}${SPELLED[(seed + index) % SPELLED.length]![1](each)}`).join('')

        const masked = mask.mask(text)

        for (const each of values) for (const spelling of spellings(each)) expect(masked.includes(spelling)).toBe(false)
        expect(mask.holds(masked)).toBe(false)
      },
    ),
  )
})

test.each([
  ['with an ellipsis', (text: string, at: number) => `${text.slice(0, at)}…`],
  ['with a word about the rest', (text: string, at: number) => `${text.slice(0, at)} … (${text.length - at} more characters)`],
  ['within an object, as Node does', (text: string, at: number) => inspect({ text }, { maxStringLength: at, breakLength: 80 })],
  ['by itself, as Node does', (text: string, at: number) => inspect(text, { maxStringLength: at })],
])('of a value where a text was cut %s at most three characters are left', (_, cut) => {
  const secret = fc.stringMatching(/^[A-Za-z0-9\\\t/+ü?]{8,60}$/)
  fc.assert(
    fc.property(secret, fc.stringMatching(/^[ .\n-]{0,60}$/), fc.nat(), (hidden, before, seed) => {
      const text = `${before}${hidden} and on`
      const mask = maskOf(hidden)

      const shown = mask.mask(cut(text, before.length + (seed % (hidden.length + 1))))

      expect(mask.holds(shown)).toBe(false)
      expect(shown).not.toContain(hidden.slice(0, 4))
    }),
  )
})

test('many cuts in a long text are looked at once each', () => {
  const mask = maskOf(...Array.from({ length: 100 }, (_, index) => `${'x'.repeat(2_000)}${index}`))

  expect(mask.mask(`${'xxxx…'.repeat(20_000)}`)).toBe('********…'.repeat(20_000))
})

test('text is changed exactly when it holds a value', () => {
  fc.assert(
    fc.property(fc.array(value, { maxLength: 20 }), fc.string({ maxLength: 200 }), (values, text) => {
      const mask = maskOf(...values)

      expect(mask.mask(text) !== text).toBe(mask.holds(text))
    }),
  )
})
