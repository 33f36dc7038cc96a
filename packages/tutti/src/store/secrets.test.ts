import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SecretBox } from '../core/secret-box.ts'
import { seededRandom } from '../testing/seeded-random.ts'
import { keysOfCommand } from './key-command.ts'
import { addKey, ensureKeyFile, readKeyFile, removeOldKeys } from './key-file.ts'
import { keyName, keyPlace, secretKeys } from './secret-keys.ts'
import type { KeySettings, SecretKeys } from './secret-keys.ts'
import { createSecretBox } from './secrets.ts'

let home: string
const random = seededRandom(1)

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tutti-secrets-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

function keysOf(settings: Partial<KeySettings> = {}): SecretKeys {
  return secretKeys(keyPlace({ home, encryptionKey: '', encryptionKeyCommand: [], encryptionOtherKeys: [], ...settings }), random)
}

function boxOf(settings: Partial<KeySettings> = {}): SecretBox {
  return createSecretBox(keysOf(settings), random)
}

function keyFile(): string {
  return join(home, 'secret.key')
}

describe('a box', () => {
  test('opens what was sealed, which never looks the same twice', () => {
    const box = boxOf()
    const sealed = box.seal('{"value":"s3cret ü"}')

    expect(box.open(sealed)).toBe('{"value":"s3cret ü"}')
    expect(sealed).not.toContain('s3cret')
    expect(box.seal('{"value":"s3cret ü"}')).not.toBe(sealed)
  })

  test('with another key does not open it, and says which one is needed', () => {
    const sealed = boxOf({ encryptionKey: 'one' }).seal('x')

    expect(() => boxOf({ encryptionKey: 'two' }).open(sealed)).toThrow(`sealed with the key ${sealed.split(':')[1]}`)
  })

  test('does not open what was changed in the database', () => {
    const box = boxOf()
    const [version, name, text = ''] = box.seal('x').split(':')
    const bytes = Buffer.from(text, 'base64')
    bytes[12] = (bytes[12] ?? 0) ^ 1

    expect(() => box.open(`${version}:${name}:${bytes.toString('base64')}`)).toThrow('changed in the database')
  })

  test('opens with old keys of the settings, and seals with the newest', () => {
    const old = boxOf({ encryptionKey: 'old' }).seal('x')
    const box = boxOf({ encryptionKey: 'new', encryptionOtherKeys: ['older', 'old'] })

    expect([box.open(old), boxOf({ encryptionKey: 'new' }).open(box.seal('y'))]).toEqual(['x', 'y'])
  })

  test('seals with a stretched passphrase, and opens what was sealed before it was stretched', () => {
    const plain = createSecretBox(createHash('sha256').update('phrase').digest(), random)
    const box = boxOf({ encryptionKey: 'phrase' })

    expect(box.open(plain.seal('x'))).toBe('x')
    expect(() => plain.open(box.seal('y'))).toThrow('sealed with the key')
    expect(boxOf({ encryptionKey: 'phrase' }).open(box.seal('z'))).toBe('z')
  })

  test.each([Buffer.alloc(32, 7).toString('base64'), Buffer.alloc(32, 7).toString('base64url'), Buffer.alloc(32, 7).toString('hex')])(
    'takes the random key %s as it is',
    (encryptionKey) => {
      const plain = createSecretBox(createHash('sha256').update(encryptionKey).digest(), random)

      expect(plain.open(boxOf({ encryptionKey }).seal('x'))).toBe('x')
    },
  )

  test('opens with the key of the home what was sealed before a passphrase was set', () => {
    const before = boxOf().seal('x')

    expect(boxOf({ encryptionKey: 'phrase' }).open(before)).toBe('x')
  })

  test('learns of a new key from whoever has put it into the file', () => {
    const server = boxOf()
    const before = server.seal('x')
    addKey(keyFile(), random)
    const other = boxOf()

    expect(server.open(other.seal('y'))).toBe('y')
    expect(other.open(before)).toBe('x')
    expect(server.seal('z').split(':')[1]).toBe(keyName(readKeyFile(keyFile())![0]!))
  })

  test('goes on when the file is taken away, and makes no other key', () => {
    const box = boxOf()
    const sealed = box.seal('x')
    rmSync(keyFile())

    expect([box.open(sealed), box.open(box.seal('y'))]).toEqual(['x', 'y'])
    expect(readdirSync(home)).toEqual([])
  })
})

describe('the key file', () => {
  test('is made once, for its owner only', () => {
    const key = keysOf().newest()

    expect(keysOf().newest()).toEqual(key)
    expect(readdirSync(home)).toEqual(['secret.key'])
    expect(statSync(keyFile()).mode & 0o777).toBe(0o600)
  })

  test('is not made where the settings say the key', () => {
    keysOf({ encryptionKey: 'phrase' })

    expect(readdirSync(home)).toEqual([])
  })

  test('that was cut is refused and left alone', () => {
    writeFileSync(keyFile(), 'c2hvcnQ=')

    expect(() => keysOf()).toThrow('does not hold keys')
    expect(readFileSync(keyFile(), 'utf8')).toBe('c2hvcnQ=')
  })

  test('holds every key, the newest first, and stays the owner’s', () => {
    const [first] = ensureKeyFile(keyFile(), random)
    addKey(keyFile(), random)

    const keys = addKey(keyFile(), random)

    expect([keys.length, keys[2]]).toEqual([3, first])
    expect([readKeyFile(keyFile()), readdirSync(home), statSync(keyFile()).mode & 0o777]).toEqual([keys, ['secret.key'], 0o600])
    expect(removeOldKeys(keyFile(), random)).toEqual([keys[0]])
  })

  test('takes in the key of whoever was killed before its change took place', () => {
    const [first] = ensureKeyFile(keyFile(), random)
    const theirs = createHash('sha256').update('theirs').digest()
    writeFileSync(`${keyFile()}.next`, [theirs, first!].map((key) => `${Buffer.from(key).toString('base64')}\n`).join(''))
    writeFileSync(`${keyFile()}.0123456789ab`, 'half of a dra')

    const keys = addKey(keyFile(), random)

    expect(keys.slice(1)).toEqual([theirs, Buffer.from(first!)])
    expect(readKeyFile(keyFile())).toEqual(keys)
  })
})

describe('the command for the key', () => {
  const print = (text: string): [string, ...string[]] => [process.execPath, '-e', `process.stdout.write(${JSON.stringify(text)})`]

  test('says the key, and older ones in further lines', () => {
    const old = boxOf({ encryptionKey: 'old' }).seal('x')
    const box = boxOf({ encryptionKeyCommand: print('new\nold\n') })

    expect([box.open(old), boxOf({ encryptionKey: 'new' }).open(box.seal('y'))]).toEqual(['x', 'y'])
  })

  test('is started without a shell', () => {
    expect(keysOfCommand([process.execPath, '-p', 'process.argv.slice(1).join("|")', '$HOME', '; echo other'])).toEqual([
      '$HOME|; echo other',
    ])
  })

  test.each<readonly [string, [string, ...string[]], RegExp]>([
    ['is not there', ['/nowhere/at-all'], /at-all, is not there/],
    ['fails', [process.execPath, '-e', 'console.error("vault is sealed"); process.exit(3)'], /ended with code 3: vault is sealed/],
    ['prints nothing', [process.execPath, '-e', ''], /printed no key/],
    ['prints too much', [process.execPath, '-e', 'process.stdout.write("x".repeat(1e6))'], /prints more than/],
    ['does not end', [process.execPath, '-e', 'setInterval(() => {}, 1000)'], /has not ended after 0.5 s/],
  ])('that %s is an error that says so', (_, command, message) => {
    expect(() => keysOfCommand(command, 500)).toThrow(message)
  })

  test('and a passphrase are one too many', () => {
    expect(() => boxOf({ encryptionKey: 'x', encryptionKeyCommand: print('y') })).toThrow(/both set/)
  })
})
