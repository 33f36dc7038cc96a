// Code that `tutti deploy` has put into a storage as one archive: packed on the machine that deploys, unpacked on that of the worker.
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { ARCHIVE_BYTES_MAX, archiveName } from '../../core/archive-storage.ts'
import type { ArchiveSource } from '../../core/code-source.ts'
import { TuttiError } from '../../core/errors.ts'
import { readTar, writeTar } from '../../core/tar.ts'
import type { TarEntry } from '../../core/tar.ts'
import { openArchives, storageFailure } from './archive-places.ts'
import type { Environment } from './secret-reference.ts'

export interface PackedArchive {
  /** SHA-256 of what is packed, in hex: how it is compressed makes no difference. */
  readonly hash: string
  readonly bytes: Uint8Array
}

export async function packArchive(entries: readonly TarEntry[]): Promise<PackedArchive> {
  const tar = writeTar(entries)
  return { hash: hashOf(tar), bytes: await promisify(gzip)(tar, { level: 9 }) }
}

/** Puts an archive where workers find it. Answers whether it was not there yet. */
export async function storeArchive(
  from: Pick<ArchiveSource, 'address' | 'key'>,
  { hash, bytes }: PackedArchive,
  { environment, signal }: { readonly environment: Environment; readonly signal: AbortSignal },
): Promise<boolean> {
  try {
    const storage = await openArchives(from, environment)
    if (await storage.has(archiveName(hash), signal)) return false
    await storage.write(archiveName(hash), bytes, signal)
    return true
  } catch (error) {
    signal.throwIfAborted()
    throw storageFailure(error, `the code was not put to ${from.address}`)
  }
}

export interface Unpacking {
  readonly from: Pick<ArchiveSource, 'address' | 'key'>
  readonly hash: string
  /** An empty folder. */
  readonly files: string
  readonly environment: Environment
  readonly signal: AbortSignal
}

/** @throws `CODE_ARCHIVE_MISSING`, `CODE_ARCHIVE_DAMAGED`, `CODE_STORAGE_UNREACHABLE`, `CODE_SECRET_MISSING` */
export async function unpackArchive({ from, hash, files, environment, signal }: Unpacking): Promise<void> {
  const place = `${from.address}/${archiveName(hash)}`
  let packed: Uint8Array | undefined
  try {
    const storage = await openArchives(from, environment)
    packed = await storage.read(archiveName(hash), signal)
  } catch (error) {
    signal.throwIfAborted()
    throw storageFailure(error, `the code at ${place} was not fetched`)
  }
  if (packed === undefined) throw new TuttiError('CODE_ARCHIVE_MISSING', `there is no code at ${place}`)
  const entries = await entriesOf(packed, { hash, place })
  for (const entry of entries) if (entry.type === 'file') writeEntry(files, entry)
  // Last: nothing is written through a link.
  for (const entry of entries) if (entry.type === 'link') writeLink(files, entry)
}

async function entriesOf(
  packed: Uint8Array,
  { hash, place }: { readonly hash: string; readonly place: string },
): Promise<readonly TarEntry[]> {
  try {
    const tar = await promisify(gunzip)(packed, { maxOutputLength: 2 * ARCHIVE_BYTES_MAX })
    if (hashOf(tar) !== hash) throw new Error('its content has another hash')
    return readTar(tar)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new TuttiError('CODE_ARCHIVE_DAMAGED', `the code at ${place} cannot be used: ${why}`, { cause })
  }
}

function writeEntry(files: string, entry: Extract<TarEntry, { readonly type: 'file' }>): void {
  const file = path.join(files, ...entry.path.split('/'))
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
  writeFileSync(file, entry.bytes, { flag: 'wx', mode: 0o600 })
  if (entry.isProgram) chmodSync(file, 0o700)
}

function writeLink(files: string, entry: Extract<TarEntry, { readonly type: 'link' }>): void {
  const file = path.join(files, ...entry.path.split('/'))
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
  symlinkSync(entry.target, file)
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
