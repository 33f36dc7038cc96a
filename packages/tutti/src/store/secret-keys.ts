import { createHash, scryptSync } from 'node:crypto'
import { join } from 'node:path'
import { TuttiError } from '../core/errors.ts'
import type { Random } from '../core/id.ts'
import { keysOfCommand } from './key-command.ts'
import { ensureKeyFile, keyFileMark, readKeyFile } from './key-file.ts'

/** What secrets are sealed with. The name says which key it is, and nothing about it. */
export interface SecretKey {
  readonly name: string
  readonly bytes: Uint8Array
}

/** The keys of a process: it seals with the newest and opens with any. */
export interface SecretKeys {
  newest(): SecretKey
  find(name: string): SecretKey | undefined
  all(): readonly SecretKey[]
}

/** Where keys come from, as plain data: a thread can be told. */
export interface KeyPlace {
  /** The file of the home. */
  readonly file: string
  /** From the settings, the newest first; they go before those of the file. */
  readonly given: readonly Uint8Array[]
  /** The same passphrases as they were made to keys before they were stretched: these only open. */
  readonly unstretched: readonly Uint8Array[]
}

/** The settings that say where the keys are. */
export interface KeySettings {
  readonly home: string
  readonly encryptionKey: string
  readonly encryptionKeyCommand: readonly string[]
  readonly encryptionOtherKeys: readonly string[]
}

/** What `openssl rand -base64 32` and its like print: 32 random bytes, which nobody guesses. */
const RANDOM_KEY = /^(?:[A-Za-z0-9+/_-]{43}=?|[0-9a-fA-F]{64})$/
/** Some tenths of a second and 64 MiB for each guess. The salt is the same everywhere, as whoever has the passphrase needs nothing else. */
const STRETCHING = { N: 2 ** 16, r: 8, p: 1, maxmem: 128 * 2 ** 20 } as const
const SALT = 'tutti encryption key'

/** The file of keys in the home. */
const KEY_FILE = 'secret.key'

export function keyName(key: Uint8Array): string {
  return createHash('sha256').update('tutti key name').update(key).digest('hex').slice(0, 12)
}

/**
 * Runs the command that knows the key, where the settings name one. Passphrases are stretched here, once for a process and its threads.
 *
 * @throws `KEY_COMMAND_FAILED`, `INVALID_SETTING`
 */
export function keyPlace({ home, encryptionKey, encryptionKeyCommand, encryptionOtherKeys }: KeySettings): KeyPlace {
  const [program, ...args] = encryptionKeyCommand
  if (program !== undefined && encryptionKey !== '')
    throw new TuttiError(
      'INVALID_SETTING',
      'TUTTI_ENCRYPTION_KEY and TUTTI_ENCRYPTION_KEY_COMMAND are both set, and one of them has to say the key',
    )
  const passphrases = program === undefined ? [encryptionKey].filter((each) => each !== '') : keysOfCommand([program, ...args])
  if (passphrases.length === 0 && encryptionOtherKeys.length > 0)
    throw new TuttiError('INVALID_SETTING', 'TUTTI_ENCRYPTION_OTHER_KEYS is set, but no TUTTI_ENCRYPTION_KEY that seals')
  const given = [...passphrases, ...encryptionOtherKeys]
  return {
    file: join(home, KEY_FILE),
    given: given.map((text) => (RANDOM_KEY.test(text) ? hashed(text) : scryptSync(text, SALT, 32, STRETCHING))),
    unstretched: given.filter((text) => !RANDOM_KEY.test(text)).map(hashed),
  }
}

function hashed(text: string): Uint8Array {
  return createHash('sha256').update(text).digest()
}

/**
 * The keys of a place. The file is made when nothing else says a key; it is looked at again whenever keys are asked for, so that a process
 * learns of a new key from whoever has put it there.
 *
 * @throws `SECRETS_LOCKED`
 */
export function secretKeys({ file, given, unstretched }: KeyPlace, random: Pick<Random, 'bytes'>): SecretKeys {
  const fromSettings = given.map(named)
  const before = unstretched.map(named)
  let mark = keyFileMark(file)
  let filed = (given.length === 0 ? ensureKeyFile(file, random) : (readKeyFile(file) ?? [])).map(named)
  mark ??= keyFileMark(file)

  function all(): readonly SecretKey[] {
    const now = keyFileMark(file)
    // A file that was taken away while this process runs: what it knows it needs all the more.
    if (now !== undefined && now !== mark) {
      filed = (readKeyFile(file) ?? []).map(named)
      mark = now
    }
    return [...fromSettings, ...filed, ...before]
  }

  return {
    all,
    newest: () => all()[0]!, // one is given, or in the file
    find: (name) => all().find((key) => key.name === name),
  }
}

/** One key that stays what it is. */
export function singleKey(bytes: Uint8Array): SecretKeys {
  const key = named(bytes)
  return { all: () => [key], newest: () => key, find: (name) => (name === key.name ? key : undefined) }
}

function named(bytes: Uint8Array): SecretKey {
  return { name: keyName(bytes), bytes }
}
