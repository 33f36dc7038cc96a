// Secrets at rest: AES-256-GCM under keys of the server, which lie beside the database or come from the settings, never in it.
import { createCipheriv, createDecipheriv } from 'node:crypto'
import { TuttiError } from '../core/errors.ts'
import type { Random } from '../core/id.ts'
import { sealedParts, sealPrefix } from '../core/secret-box.ts'
import type { SecretBox } from '../core/secret-box.ts'
import { randomBytes } from './random-bytes.ts'
import { singleKey } from './secret-keys.ts'
import type { SecretKeys } from './secret-keys.ts'

const ALGORITHM = 'aes-256-gcm'
/** GCM takes 96 bits that are never used twice under one key. */
const NONCE_BYTES = 12
const TAG_BYTES = 16

export function createSecretBox(given: SecretKeys | Uint8Array, random: Pick<Random, 'bytes'>): SecretBox {
  const keys = given instanceof Uint8Array ? singleKey(given) : given
  return {
    seal(text) {
      const { name, bytes } = keys.newest()
      const nonce = randomBytes(random, NONCE_BYTES)
      const cipher = createCipheriv(ALGORITHM, bytes, nonce)
      const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return `${sealPrefix(name)}:${sealed.toString('base64')}`
    },
    open(sealed) {
      const { keyName, text } = sealedParts(sealed)
      const key = keyName === undefined ? undefined : keys.find(keyName)
      if (key === undefined) throw lockedBy(keyName, keys)
      const bytes = Buffer.from(text, 'base64')
      try {
        const decipher = createDecipheriv(ALGORITHM, key.bytes, bytes.subarray(0, NONCE_BYTES))
        decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
        return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]).toString('utf8')
      } catch (cause) {
        throw new TuttiError('SECRETS_LOCKED', 'the secret was changed in the database', { cause })
      }
    },
  }
}

function lockedBy(keyName: string | undefined, keys: SecretKeys): TuttiError {
  const known = keys.all().map(({ name }) => name)
  return new TuttiError(
    'SECRETS_LOCKED',
    `the secret was sealed with the key ${keyName ?? '(none)'}, and this server has ${known.join(', ')}`,
  )
}
