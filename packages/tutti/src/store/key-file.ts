// The keys of a home, one in a line, the newest first: it seals, all of them open.
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { TuttiError } from '../core/errors.ts'
import type { Random } from '../core/id.ts'
import { randomBytes } from './random-bytes.ts'

const KEY_BYTES = 32

/** The keys; `undefined`: there is no file. */
export function readKeyFile(path: string): readonly Uint8Array[] | undefined {
  const text = textOf(path)
  return text === undefined ? undefined : keysIn(text, path)
}

/** Changes when the file does. */
export function keyFileMark(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false, bigint: true })
  return stat === undefined ? undefined : `${stat.ino}.${stat.size}.${stat.mtimeNs}`
}

/** The keys of the file; made with one when it is not there, by one of those who start at the same time. */
export function ensureKeyFile(path: string, random: Pick<Random, 'bytes'>): readonly Uint8Array[] {
  const known = readKeyFile(path)
  if (known !== undefined) return known
  publish(path, path, textWith([randomBytes(random, KEY_BYTES)]), random)
  const made = readKeyFile(path)
  if (made === undefined) throw new TuttiError('SECRETS_LOCKED', `the key file ${path} cannot be read back`)
  return made
}

/** Puts a new key in front of those of the file. */
export function addKey(path: string, random: Pick<Random, 'bytes'>): readonly Uint8Array[] {
  const added = randomBytes(random, KEY_BYTES)
  return changeKeyFile(path, random, (keys) => [added, ...keys])
}

/** Leaves the newest key only. */
export function removeOldKeys(path: string, random: Pick<Random, 'bytes'>): readonly Uint8Array[] {
  return changeKeyFile(path, random, (keys) => keys.slice(0, 1))
}

/** Where the key is somewhere else by now. */
export function removeKeyFile(path: string): readonly Uint8Array[] {
  rmSync(path, { force: true })
  return []
}

type Change = (keys: readonly Uint8Array[]) => readonly Uint8Array[]

/**
 * Changes the file so that no key is lost, whoever else does the same and whenever somebody is killed: what it is to become stands in a
 * file beside it before it takes its place, and whoever finds one there finishes that change before the own.
 */
function changeKeyFile(path: string, random: Pick<Random, 'bytes'>, change: Change): readonly Uint8Array[] {
  const next = `${path}.next`
  for (;;) {
    finish(next, path)
    const before = textOf(path)
    const changed = change(before === undefined ? [] : keysIn(before, path))
    const text = textWith(changed)
    if (!publish(path, next, text, random)) continue
    // While it is there nobody else changes the file. It has to be made of what the file says now.
    if (textOf(path) !== before) {
      rmSync(next, { force: true })
      continue
    }
    finish(next, path)
    return keysIn(text, path)
  }
}

function finish(next: string, path: string): void {
  try {
    renameSync(next, path)
  } catch (error) {
    // Somebody else was quicker, or there was nothing to finish.
    if (codeOf(error) !== 'ENOENT') throw error
    return
  }
  const folder = openSync(dirname(path), 'r')
  fsyncSync(folder)
  closeSync(folder)
}

/** Makes a file, whole or not at all, unless it is there: `false`. */
function publish(path: string, target: string, text: string, random: Pick<Random, 'bytes'>): boolean {
  const draft = `${path}.${Buffer.from(randomBytes(random, 6)).toString('hex')}`
  writeFileSync(draft, text, { mode: 0o600, flag: 'wx', flush: true })
  try {
    linkSync(draft, target)
    return true
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
    return false
  } finally {
    rmSync(draft)
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code // thrown by the file system
}

function textWith(keys: readonly Uint8Array[]): string {
  return keys.map((key) => `${Buffer.from(key).toString('base64')}\n`).join('')
}

function keysIn(text: string, path: string): readonly Uint8Array[] {
  const keys = text
    .trim()
    .split(/\s+/)
    .map((line) => Buffer.from(line, 'base64'))
  if (keys.some((key) => key.length !== KEY_BYTES))
    throw new TuttiError('SECRETS_LOCKED', `the key file ${path} does not hold keys of ${KEY_BYTES} bytes, one in a line`)
  return keys
}
