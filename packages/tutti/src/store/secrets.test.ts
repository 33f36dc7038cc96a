import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { seededRandom } from '../testing/seeded-random.ts'
import { createSecretBox, secretKey } from './secrets.ts'

let home: string
const random = seededRandom(1)

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tutti-secrets-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

test('what was sealed is opened, and never looks the same twice', () => {
  const box = createSecretBox(secretKey(home, '', random), random)
  const sealed = box.seal('{"value":"s3cret ü"}')

  expect(box.open(sealed)).toBe('{"value":"s3cret ü"}')
  expect(sealed).not.toContain('s3cret')
  expect(box.seal('{"value":"s3cret ü"}')).not.toBe(sealed)
})

test('another key does not open it, and says which one is needed', () => {
  const sealed = createSecretBox(secretKey(home, 'one', random), random).seal('x')

  expect(() => createSecretBox(secretKey(home, 'two', random), random).open(sealed)).toThrow(`sealed with the key ${sealed.split(':')[1]}`)
})

test('what was changed in the database is not opened', () => {
  const box = createSecretBox(secretKey(home, '', random), random)
  const [version, name, text = ''] = box.seal('x').split(':')
  const bytes = Buffer.from(text, 'base64')
  bytes[12] = (bytes[12] ?? 0) ^ 1

  expect(() => box.open(`${version}:${name}:${bytes.toString('base64')}`)).toThrow('changed in the database')
})

test('the key of a home is made once, for its owner only', () => {
  const key = secretKey(home, '', random)

  expect(secretKey(home, '', random)).toEqual(key)
  expect(readdirSync(home)).toEqual(['secret.key'])
  expect(statSync(join(home, 'secret.key')).mode & 0o777).toBe(0o600)
})

test('a key file that was cut is refused and left alone', () => {
  writeFileSync(join(home, 'secret.key'), 'c2hvcnQ=')

  expect(() => secretKey(home, '', random)).toThrow('does not hold a key')
})
