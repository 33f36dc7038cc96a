// Secrets at rest: AES-256-GCM under one key of the server, which lies beside the database or comes from the settings, never in it.
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto'
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { TuttiError } from '../core/errors.ts'
import type { Random } from '../core/id.ts'
import type { SecretBox } from '../core/secret-box.ts'

const ALGORITHM = 'aes-256-gcm'
const KEY_BYTES = 32
/** GCM takes 96 bits that are never used twice under one key. */
const NONCE_BYTES = 12
const TAG_BYTES = 16
const VERSION = 'v1'

/** The key's file in the home. */
const KEY_FILE = 'secret.key'

type Bytes = Pick<Random, 'bytes'>

export function createSecretBox(key: Uint8Array, random: Bytes): SecretBox {
  // Tells which key is needed, and nothing about it.
  const name = createHash('sha256').update('tutti key name').update(key).digest('hex').slice(0, 12)
  return {
    seal(text) {
      const nonce = randomBytes(random, NONCE_BYTES)
      const cipher = createCipheriv(ALGORITHM, key, nonce)
      const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return `${VERSION}:${name}:${sealed.toString('base64')}`
    },
    open(sealed) {
      const [version, keyName, text = ''] = sealed.split(':')
      if (version !== VERSION || keyName !== name)
        throw new TuttiError('SECRETS_LOCKED', `the secret was sealed with the key ${keyName ?? '(none)'}, and this server has ${name}`)
      const bytes = Buffer.from(text, 'base64')
      try {
        const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES))
        decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
        return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]).toString('utf8')
      } catch (cause) {
        throw new TuttiError('SECRETS_LOCKED', 'the secret was changed in the database', { cause })
      }
    },
  }
}

/** The key of a home; made when there is none, by one of those who start at the same time. A passphrase from the settings goes before it. */
export function secretKey(home: string, passphrase: string, random: Bytes): Uint8Array {
  if (passphrase !== '') return createHash('sha256').update(passphrase).digest()
  const path = join(home, KEY_FILE)
  const known = readKey(path)
  if (known !== undefined) return known
  const draft = `${path}.${Buffer.from(randomBytes(random, 6)).toString('hex')}`
  writeFileSync(draft, `${Buffer.from(randomBytes(random, KEY_BYTES)).toString('base64')}\n`, { mode: 0o600, flag: 'wx', flush: true })
  try {
    // Whole or not at all, and never over a key that is there.
    linkSync(draft, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error // thrown by the file system
  } finally {
    rmSync(draft)
  }
  const made = readKey(path)
  if (made === undefined) throw new TuttiError('SECRETS_LOCKED', `the key file ${path} cannot be read back`)
  return made
}

function readKey(path: string): Uint8Array | undefined {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined // thrown by the file system
    throw error
  }
  const key = Buffer.from(text.trim(), 'base64')
  if (key.length !== KEY_BYTES) throw new TuttiError('SECRETS_LOCKED', `the key file ${path} does not hold a key of ${KEY_BYTES} bytes`)
  return key
}

function randomBytes(random: Bytes, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  random.bytes(bytes)
  return bytes
}
