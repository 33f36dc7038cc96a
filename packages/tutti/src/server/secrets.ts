import { TuttiError } from '../core/errors.ts'
import { resealAll, sealedByKey } from '../orchestrator/sealed-blocks.ts'
import type { Settings } from '../settings/load.ts'
import { addKey, removeKeyFile, removeOldKeys } from '../store/key-file.ts'
import { openStore } from '../store/open.ts'
import type { Store } from '../store/port.ts'
import { keyName, keyPlace, secretKeys } from '../store/secret-keys.ts'
import type { KeyPlace, SecretKeys } from '../store/secret-keys.ts'
import { createSecretBox } from '../store/secrets.ts'
import { systemClock } from '../system/clock.ts'
import { systemRandom } from '../system/random.ts'

export interface KeyUse {
  /** Says which key it is, and nothing about it. */
  readonly name: string
  readonly from: 'settings' | 'file' | 'unknown'
  /** What is saved is sealed with it. */
  readonly isNewest: boolean
  /** Block documents that are sealed with it. */
  readonly documents: number
}

export interface SecretsStatus {
  /** The file of keys in the home, whether it is there or not. */
  readonly file: string
  readonly keys: readonly KeyUse[]
}

/** Which keys there are, and what is sealed with them. */
export function secretsStatus(settings: Settings): Promise<SecretsStatus> {
  return withKeys(settings, ({ store, place, keys }) => statusOf(store, place, keys))
}

export interface RotateRequest {
  readonly settings: Settings
  /** Whether no other machine has a key file for this database. */
  readonly isOnlyMachine: boolean
  readonly signal: AbortSignal
  readonly onProgress: (documents: number) => void
}

export interface Rotated {
  readonly key: string
  /** `made`: a new one, `continued`: that of an earlier rotation, or of the settings. */
  readonly how: 'made' | 'continued'
  readonly documents: number
}

/**
 * Seals every secret anew, with the key of the settings or with a new one that is put into the file of the home first. Servers of the home
 * learn of it by themselves, at once. Interrupted, the same again goes on where it was. Old keys stay: see `forgetKeys`.
 *
 * @throws `SECRETS_LOCKED` when something is sealed with a key that is not there, `KEY_ON_ONE_MACHINE` when a new key in the file would lock
 * out other machines; then nothing has changed.
 */
export function rotateSecrets({ settings, isOnlyMachine, signal, onProgress }: RotateRequest): Promise<Rotated> {
  return withKeys(settings, async ({ store, place, keys }) => {
    const random = systemRandom()
    const before = await statusOf(store, place, keys)
    refuseLocked(before)
    const isOpen = before.keys.some(({ isNewest, documents }) => !isNewest && documents > 0)
    // A key of the settings is made by whoever sets it; an earlier rotation that was interrupted has made its key already.
    const isMade = place.given.length === 0 && !isOpen
    if (isMade && !isOnlyMachine && settings.database.type === 'postgres')
      throw new TuttiError(
        'KEY_ON_ONE_MACHINE',
        `the key is in ${place.file} of this machine; other machines of this database would be locked out by a new one`,
      )
    if (isMade) addKey(place.file, random)
    const newest = (): string => keys.newest().name
    const documents = await resealAll({ store, box: createSecretBox(keys, random), newest, signal, onProgress })
    return { key: newest(), how: isMade ? 'made' : 'continued', documents }
  })
}

/**
 * Removes the keys from the file of the home with which nothing is sealed any more; with a key in the settings, all of them.
 *
 * @throws `KEYS_NEEDED`
 */
export function forgetKeys(settings: Settings): Promise<readonly string[]> {
  return withKeys(settings, async ({ store, place, keys }) => {
    const { keys: before } = await statusOf(store, place, keys)
    const needed = before.filter(({ isNewest, documents, from }) => from === 'file' && !isNewest && documents > 0)
    if (needed.length > 0)
      throw new TuttiError(
        'KEYS_NEEDED',
        `secrets are sealed with old keys still: ${needed.map(({ name, documents }) => `${documents} with ${name}`).join(', ')}`,
      )
    const left = new Set((place.given.length > 0 ? removeKeyFile(place.file) : removeOldKeys(place.file, systemRandom())).map(keyName))
    return before.filter(({ from, name }) => from === 'file' && !left.has(name)).map(({ name }) => name)
  })
}

interface Opened {
  readonly store: Store
  readonly place: KeyPlace
  readonly keys: SecretKeys
}

async function withKeys<T>(settings: Settings, work: (opened: Opened) => Promise<T>): Promise<T> {
  const place = keyPlace(settings)
  const { database, durability, storeBusyTimeoutMs: busyTimeoutMs } = settings
  const store = await openStore({ database, durability, busyTimeoutMs, clock: systemClock() })
  try {
    return await work({ store, place, keys: secretKeys(place, systemRandom()) })
  } finally {
    await store.close()
  }
}

async function statusOf(store: Store, place: KeyPlace, keys: SecretKeys): Promise<SecretsStatus> {
  const counts = await sealedByKey(store)
  const newest = keys.newest().name
  const given = new Set([...place.given, ...place.unstretched].map(keyName))
  // What a passphrase was before it was stretched is of interest only while something is sealed with it.
  const unused = new Set(place.unstretched.map(keyName).filter((name) => !counts.has(name)))
  const names = new Set(keys.all().map(({ name }) => name))
  const known = [...names]
    .filter((name) => !unused.has(name))
    .map((name): KeyUse => {
      const from = given.has(name) ? 'settings' : 'file'
      return { name, from, isNewest: name === newest, documents: counts.get(name) ?? 0 }
    })
  const unknown = [...counts]
    .filter(([name]) => known.every((key) => key.name !== name))
    .map(([name, documents]): KeyUse => ({ name: name ?? '(damaged)', from: 'unknown', isNewest: false, documents }))
  return { file: place.file, keys: [...known, ...unknown] }
}

function refuseLocked({ keys }: SecretsStatus): void {
  const locked = keys.filter(({ from, documents }) => from === 'unknown' && documents > 0)
  if (locked.length === 0) return
  const which = locked.map(({ name, documents }) => `${documents} with ${name}`).join(', ')
  throw new TuttiError('SECRETS_LOCKED', `secrets are sealed with keys that are not here (${which}), so nothing was sealed anew`)
}
