// The folder `code` of the home: copies of repositories, files of commits, installed packages; and what is removed from it.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { lstat, readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import type { GitSource } from '../../core/code-source.ts'
import { dateFromInstant } from '../../core/time.ts'
import type { Instant } from '../../core/time.ts'
import { createHash } from 'node:crypto'
import { tryLock } from './file-lock.ts'
import { readMarker } from './packages.ts'

export interface Storage {
  readonly folder: string
  readonly mirrors: string
  readonly checkouts: string
  readonly modules: string
  /** What is being made; renamed into its place when it is whole. */
  readonly drafts: string
  readonly knownHosts: string
}

/** The files of one commit, with its packages; what is installed differs with how. */
export interface Checkout {
  readonly folder: string
  readonly files: string
  /** Held by everybody who makes or uses it; alone by who removes it. */
  readonly useLock: string
  /** Held alone by who makes it. */
  readonly makeLock: string
}

export interface StorageLimits {
  /** Commits that are kept, of all repositories together. */
  readonly codeKeepMax: number
  /** All that is kept, packages too. What is in use is kept whatever its size. */
  readonly codeKeepMaxBytes: number
}

export function openStorage(home: string): Storage {
  const folder = path.join(home, 'code')
  const below = (name: string): string => path.join(folder, name)
  const storage: Storage = {
    folder,
    mirrors: below('mirrors'),
    checkouts: below('checkouts'),
    modules: below('modules'),
    drafts: below('drafts'),
    knownHosts: below('known_hosts'),
  }
  for (const each of [storage.mirrors, storage.checkouts, storage.modules, storage.drafts])
    mkdirSync(each, { recursive: true, mode: 0o700 })
  return storage
}

export function mirrorOf({ mirrors }: Storage, { repository }: GitSource): string {
  return path.join(mirrors, `${hashOf(repository)}.git`)
}

export function checkoutOf(
  { checkouts }: Storage,
  { repository, install }: Pick<GitSource, 'repository' | 'install'>,
  commit: string,
): Checkout {
  // Packages may differ with the version of Node.
  const variant = install === 'never' ? install : `${install}-${process.version}`
  const folder = path.join(checkouts, `${hashOf(repository)}-${commit}-${variant}`)
  return { folder, files: path.join(folder, 'files'), useLock: `${folder}.use`, makeLock: `${folder}.make` }
}

/** The file that says whether packages are installed for one folder of the code. */
export function markerOf({ files, folder }: Checkout, packagesFolder: string): string {
  return path.join(folder, `installed-${hashOf(path.relative(files, packagesFolder))}.json`)
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

const SIZE_FILE = 'size'

/** Notes how large something is, so that nobody has to measure it again. */
export async function noteSize(folder: string): Promise<void> {
  writeFileSync(path.join(folder, SIZE_FILE), String(await sizeOf(folder)), { mode: 0o600 })
}

export function noteUse({ folder }: Checkout, now: Instant): void {
  const date = dateFromInstant(now)
  utimesSync(folder, date, date)
}

/* ── removing ────────────────────────────────────────────────────────────────────────────────────── */

/** Longer than anything is in the making. */
const DRAFT_MAX_MS = 86_400_000

interface Kept {
  readonly folder: string
  readonly usedMs: number
  readonly sizeBytes: number
}

/** Removes what was not used for longest, until the rest is within the limits. What somebody uses at this moment stays. */
export async function prune(storage: Storage, limits: StorageLimits, now: Instant): Promise<void> {
  await pruneDrafts(storage, now)
  const packages = listKept(storage.modules)
  const packagesBytes = total(packages)
  const checkouts = listKept(storage.checkouts)
  let bytes = total(checkouts) + packagesBytes
  let count = checkouts.length
  for (const { folder, sizeBytes } of checkouts.toReversed()) {
    if (count <= limits.codeKeepMax && bytes <= limits.codeKeepMaxBytes) break
    if (!(await remove(storage, folder))) continue
    count -= 1
    bytes -= sizeBytes
  }
  // Packages without a commit may serve the next one; as long as there is room.
  for (const [at, { folder, sizeBytes }] of [...packages.entries()].toReversed()) {
    if (at < limits.codeKeepMax && bytes <= limits.codeKeepMaxBytes) break
    if (!(await remove(storage, folder, () => !isLinked(storage, folder)))) continue
    bytes -= sizeBytes
  }
  for (const { folder } of listKept(storage.mirrors).slice(limits.codeKeepMax)) await removeMirror(storage, folder)
}

function total(kept: readonly Kept[]): number {
  return kept.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
}

/** Newest first. */
function listKept(parent: string): readonly Kept[] {
  const kept = readdirSync(parent, { withFileTypes: true }).flatMap((entry): Kept[] => {
    const folder = path.join(parent, entry.name)
    const stat = entry.isDirectory() ? statSync(folder, { throwIfNoEntry: false }) : undefined
    return stat === undefined ? [] : [{ folder, usedMs: stat.mtimeMs, sizeBytes: readSize(folder) }]
  })
  return kept.toSorted((a, b) => b.usedMs - a.usedMs)
}

function readSize(folder: string): number {
  try {
    return Number(readFileSync(path.join(folder, SIZE_FILE), 'utf8')) || 0
  } catch {
    // Not measured yet, or gone meanwhile.
    return 0
  }
}

/** Whether it could be removed: somebody may use it, or make it this moment. */
async function remove(storage: Storage, folder: string, isFree: () => boolean = () => true): Promise<boolean> {
  const alone = tryLock(`${folder}.use`, 'alone')
  if (alone === undefined) return false
  try {
    if (!isFree()) return false
    await discard(storage, folder)
    for (const each of [`${folder}.use`, `${folder}.make`]) rmSync(each, { force: true })
    return true
  } finally {
    alone.release()
  }
}

async function removeMirror(storage: Storage, folder: string): Promise<void> {
  const alone = tryLock(`${folder}.lock`, 'alone')
  if (alone === undefined) return
  try {
    await discard(storage, folder)
    rmSync(`${folder}.lock`, { force: true })
  } finally {
    alone.release()
  }
}

/** Out of its place at once: if this process is killed on the way, nobody takes what is left for the whole. */
async function discard({ drafts }: Storage, folder: string): Promise<void> {
  const trash = path.join(drafts, `${path.basename(folder)}.trash`)
  await rm(trash, { recursive: true, force: true })
  renameSync(folder, trash)
  await rm(trash, { recursive: true, force: true })
}

function isLinked({ checkouts }: Storage, packages: string): boolean {
  return readdirSync(checkouts, { withFileTypes: true }).some((entry) => {
    if (!entry.isDirectory()) return false
    const folder = path.join(checkouts, entry.name)
    const markers = readdirSync(folder).filter((name) => name.startsWith('installed-'))
    return markers.some((name) => {
      const installed = readMarker(path.join(folder, name))
      return installed?.type === 'shared' && installed.name === path.basename(packages)
    })
  })
}

async function pruneDrafts({ drafts }: Storage, now: Instant): Promise<void> {
  for (const name of readdirSync(drafts)) {
    const draft = path.join(drafts, name)
    const stat = statSync(draft, { throwIfNoEntry: false })
    if (stat !== undefined && now / 1000 - stat.mtimeMs > DRAFT_MAX_MS) await rm(draft, { recursive: true, force: true })
  }
}

/** Links are not followed: what they lead to is counted where it is. */
async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true })
  const sizes = await Promise.all(
    entries.map(async (entry) => {
      const file = path.join(folder, entry.name)
      if (entry.isDirectory()) return await sizeOf(file)
      return entry.isFile() ? (await lstat(file)).size : 0
    }),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}
