import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import type { ArchiveSource, CodeSource, GitInstall, GitSource } from '../../core/code-source.ts'
import { isTuttiError, TuttiError } from '../../core/errors.ts'
import type { Ids } from '../../core/id.ts'
import { suggestion } from '../../core/suggestion.ts'
import type { Clock } from '../../core/time.ts'
import { lock } from './file-lock.ts'
import { unpackArchive } from './archive.ts'
import { openGitAccess, shownRepository } from './git-access.ts'
import type { Environment } from './secret-reference.ts'
import { resolveCommit, writeCommit } from './git-repository.ts'
import type { GitCalls } from './git-repository.ts'
import { installPackages, planPackages, readMarker, writeMarker } from './packages.ts'
import type { PackagePlan } from './packages.ts'
import { checkoutOf, markerOf, mirrorOf, noteSize, noteUse, openStorage, prune } from './storage.ts'
import type { Checkout, Storage, StorageLimits } from './storage.ts'

/** Code on this machine, ready to be run. */
export interface PreparedCode {
  /** Where the entrypoint is looked for. Nobody writes into it: other runs of the same commit use it too. */
  readonly folder: string
  /** Of an archive its hash; `null` for a folder of this machine. */
  readonly commit: string | null
  /** Whether something had to be fetched or installed. */
  readonly how: 'cached' | 'fetched'
  /** For people, without secrets: the folder, or the repository and the commit. */
  readonly place: string
  /** The code is not needed any more and may be removed. Call it once whatever runs in it has ended. */
  release(): void
}

export interface CodeDependencies {
  /** `TUTTI_HOME`; what is fetched lies in its folder `code`, which any number of processes share. */
  readonly home: string
  /** What a relative folder in a deployment is relative to. */
  readonly workingFolder: string
  readonly environment: Environment
  readonly clock: Clock
  readonly ids: Ids
  readonly limits: CodeLimits
  /** For the run's log: what takes a while, and what people should know. */
  readonly tell?: (message: string) => void
}

/** Settings of the same names. */
export interface CodeLimits extends StorageLimits {
  /** For each call of git. */
  readonly codeTimeoutMs: number
  readonly codeInstallTimeoutMs: number
}

/**
 * Brings the code of a deployment to this machine: the commit that its branch or tag points at now, with its packages. What is there
 * already is used again; a commit given in full needs no network then. Stops promptly when the signal aborts, with its reason.
 *
 * @throws errors whose codes begin with `CODE_`: they belong into the state of the run, and say what to do.
 */
export async function prepareCode(source: CodeSource, deps: CodeDependencies, signal: AbortSignal): Promise<PreparedCode> {
  signal.throwIfAborted()
  if (source.from.type === 'folder') return folderOf(source, source.from.path, deps)
  const shown = source.from.type === 'git' ? shownRepository(source.from) : source.from.address
  try {
    return source.from.type === 'git'
      ? await gitCode(source, source.from, deps, signal)
      : await archiveCode(source, source.from, deps, signal)
  } catch (cause) {
    if (isTuttiError(cause) || signal.aborted) throw cause
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new TuttiError('CODE_STORAGE_FAILED', `the code of ${shown} could not be stored in ${deps.home}: ${why}`, {
      cause,
    })
  }
}

/* ── a folder of this machine ────────────────────────────────────────────────────────────────────── */

function folderOf({ entrypoint }: CodeSource, written: string | null, { workingFolder }: CodeDependencies): PreparedCode {
  const folder = path.resolve(workingFolder, written ?? '.')
  if (!isFolder(folder)) throw new TuttiError('CODE_FOLDER_NOT_FOUND', `there is no folder ${folder} on this machine`)
  if (entrypoint !== null) checkEntrypoint({ folder, root: null, entrypoint, place: 'on this machine' })
  return { folder, commit: null, how: 'cached', place: folder, release: () => undefined }
}

/* ── a git repository ────────────────────────────────────────────────────────────────────────────── */

async function gitCode(source: CodeSource, from: GitSource, deps: CodeDependencies, signal: AbortSignal): Promise<PreparedCode> {
  const { home, environment, clock, ids, limits } = deps
  const storage = openStorage(home)
  const waitMs = waitMsOf(limits)
  const privateFolder = path.join(storage.drafts, ids.next())
  const access = openGitAccess(from, environment, { privateFolder, knownHosts: storage.knownHosts })
  try {
    const calls: GitCalls = { source: from, access, clock, timeoutMs: limits.codeTimeoutMs, waitMs, folder: privateFolder, signal }
    const commit = await resolveCommit(calls)
    const writeFiles = async (draft: string, files: string): Promise<void> => {
      await writeCommit(calls, commit, mirrorOf(storage, from), files)
      rmSync(path.join(draft, 'index'), { force: true })
      if (existsSync(path.join(files, '.gitmodules'))) deps.tell?.(`submodules of ${placeOf(from, commit)} are not fetched`)
    }
    const checkout = checkoutOf(storage, from, commit)
    return await kept(
      { source, install: from.install, writeFiles, deps, storage, checkout, place: placeOf(from, commit), waitMs, signal },
      commit,
    )
  } finally {
    access.close()
  }
}

/* ── an archive ──────────────────────────────────────────────────────────────────────────────────── */

async function archiveCode(source: CodeSource, from: ArchiveSource, deps: CodeDependencies, signal: AbortSignal): Promise<PreparedCode> {
  const { hash, address, install } = from
  if (hash === null)
    throw new TuttiError('CODE_SOURCE_INVALID', `the code at ${address} has no hash: it was not put there by \`tutti deploy\``)
  const storage = openStorage(deps.home)
  const checkout = checkoutOf(storage, { repository: address, install }, hash)
  const place = `${address} at ${hash.slice(0, 12)}`
  const writeFiles = (_draft: string, files: string): Promise<void> =>
    unpackArchive({ from, hash, files, environment: deps.environment, signal })
  return await kept({ source, install, writeFiles, deps, storage, checkout, place, waitMs: waitMsOf(deps.limits), signal }, hash)
}

/* ── kept code ───────────────────────────────────────────────────────────────────────────────────── */

/** Uses what is there, or makes it. */
async function kept(making: Making, commit: string): Promise<PreparedCode> {
  const { deps, checkout, place, waitMs, signal } = making
  const { clock } = deps
  const used = await lock(checkout.useLock, 'shared', { clock, signal, waitMs, doing: `removes ${place}` })
  try {
    const isNew = await makeCheckout(making)
    const folder = folderIn(making)
    const isInstalled = await makePackages(making, folder)
    noteUse(checkout, clock.now())
    if (isNew || isInstalled) await tidy(making)
    return { folder, commit, how: isNew || isInstalled ? 'fetched' : 'cached', place, release: () => used.release() }
  } catch (error) {
    used.release()
    throw error
  }
}

/** As long as a holder may take at most: its calls of git, each made anew a few times, then npm. */
function waitMsOf({ codeTimeoutMs, codeInstallTimeoutMs }: CodeLimits): number {
  return 3 * codeTimeoutMs + codeInstallTimeoutMs
}

interface Making {
  readonly source: CodeSource
  readonly install: GitInstall
  /** Brings the files into an empty folder of a draft. */
  readonly writeFiles: (draft: string, files: string) => Promise<void>
  readonly deps: CodeDependencies
  readonly storage: Storage
  readonly checkout: Checkout
  readonly place: string
  readonly waitMs: number
  readonly signal: AbortSignal
}

function placeOf(from: GitSource, commit: string): string {
  const { ref } = from
  const named = ref.type === 'branch' || ref.type === 'tag' ? `, ${ref.type} ${ref.name}` : ''
  return `${shownRepository(from)} at ${commit.slice(0, 12)}${named}`
}

/** Whether the files of the commit were not there before. */
async function makeCheckout(making: Making): Promise<boolean> {
  const { deps, storage, checkout, place } = making
  if (existsSync(checkout.files)) return false
  return await alone(making, async () => {
    // Somebody else was first.
    if (existsSync(checkout.files)) return false
    deps.tell?.(`fetching ${place}`)
    const draft = path.join(storage.drafts, deps.ids.next())
    try {
      const files = path.join(draft, 'files')
      mkdirSync(files, { recursive: true, mode: 0o700 })
      await making.writeFiles(draft, files)
      await noteSize(draft)
      renameSync(draft, checkout.folder)
      return true
    } finally {
      await rm(draft, { recursive: true, force: true })
    }
  })
}

/** The folder of the code that entrypoints are seen from. */
function folderIn({ source, checkout, place }: Making): string {
  const folder = source.directory === null ? checkout.files : path.join(checkout.files, source.directory)
  if (!isFolder(folder)) {
    const near = suggestionFor(folder, (name) => isFolder(path.join(path.dirname(folder), name)))
    throw new TuttiError('CODE_FOLDER_NOT_FOUND', `there is no folder ${source.directory ?? ''} in ${place}${near}`)
  }
  if (source.entrypoint !== null)
    checkEntrypoint({ folder, root: checkout.files, entrypoint: source.entrypoint, place: `in ${inDirectory(source, place)}` })
  return folder
}

function inDirectory({ directory }: CodeSource, place: string): string {
  return directory === null ? place : `${directory} of ${place}`
}

/** Whether packages had to be installed, or linked to. */
async function makePackages(making: Making, folder: string): Promise<boolean> {
  const { source, install, deps, checkout, place, signal } = making
  if (install === 'never') return false
  const file = source.entrypoint === null ? folder : path.dirname(path.join(folder, fileOf(source.entrypoint, folder)))
  const plan = planOf(making, file)
  if (plan.type === 'none') return false
  const marker = markerOf(checkout, plan.folder)
  if (isInstalled(marker, plan.folder)) return false
  return await alone(making, async () => {
    if (isInstalled(marker, plan.folder)) return false
    writeMarker(marker, { type: 'begun' })
    deps.tell?.(`installing the packages of ${path.posix.join(path.relative(checkout.files, plan.folder), plan.lockFile)} of ${place}`)
    const draft = path.join(making.storage.drafts, deps.ids.next())
    try {
      const installed = await installPackages(
        {
          plan,
          scripts: install === 'scripts',
          root: checkout.files,
          place,
          modules: making.storage.modules,
          draft,
          environment: deps.environment,
          timeoutMs: deps.limits.codeInstallTimeoutMs,
          waitMs: making.waitMs,
          clock: deps.clock,
        },
        signal,
      )
      writeMarker(marker, installed)
      await noteSize(installed.type === 'own' ? checkout.folder : path.join(making.storage.modules, installed.name))
      return true
    } finally {
      await rm(draft, { recursive: true, force: true })
    }
  })
}

/** What we have put there ourselves is not what lies in the repository. */
function planOf({ checkout, place }: Making, from: string): PackagePlan {
  return planPackages({ root: checkout.files, from, place, isOurs: (folder) => existsSync(markerOf(checkout, folder)) })
}

function isInstalled(marker: string, folder: string): boolean {
  // A link may lead to nothing: somebody has tidied up by hand.
  const marked = readMarker(marker)
  return marked !== undefined && marked.type !== 'begun' && existsSync(path.join(folder, 'node_modules'))
}

async function alone<T>({ checkout, place, deps, signal, waitMs }: Making, make: () => Promise<T>): Promise<T> {
  const { clock } = deps
  const held = await lock(checkout.makeLock, 'alone', { clock, signal, waitMs, doing: `prepares ${place}` })
  try {
    return await make()
  } finally {
    held.release()
  }
}

/** The run has its code: that old code is in the way of somebody else is told, and no reason to fail. */
async function tidy({ storage, deps }: Making): Promise<void> {
  try {
    await prune(storage, deps.limits, deps.clock.now())
  } catch (error) {
    deps.tell?.(`old code in ${storage.folder} could not be removed: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/* ── files ───────────────────────────────────────────────────────────────────────────────────────── */

interface Entry {
  readonly folder: string
  /** What the file must be below; `null` for folders of this machine. */
  readonly root: string | null
  readonly entrypoint: string
  readonly place: string
}

function checkEntrypoint({ folder, root, entrypoint, place }: Entry): void {
  const written = fileOf(entrypoint, folder)
  const file = path.resolve(folder, written)
  const isOutside = root !== null && path.relative(root, file).startsWith('..')
  if (isOutside) throw new TuttiError('CODE_FILE_NOT_FOUND', `${written} is outside of the code ${place}`)
  if (isFile(file)) return
  const near = suggestionFor(file, (name) => isFile(path.join(path.dirname(file), name)))
  throw new TuttiError('CODE_FILE_NOT_FOUND', `there is no file ${written} ${place}${near}`)
}

/** Of `file.ts:flow` the file. A colon that belongs to the path stays there. */
function fileOf(entrypoint: string, folder: string): string {
  const colon = entrypoint.lastIndexOf(':')
  const name = entrypoint.slice(colon + 1)
  return colon < 2 || /[\\/]/.test(name) || existsSync(path.resolve(folder, entrypoint)) ? entrypoint : entrypoint.slice(0, colon)
}

function suggestionFor(missing: string, isCandidate: (name: string) => boolean): string {
  const parent = path.dirname(missing)
  const near = isFolder(parent) ? suggestion(path.basename(missing), readdirSync(parent).filter(isCandidate)) : undefined
  return near === undefined ? '' : `; did you mean ${near}?`
}

function isFolder(folder: string): boolean {
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true
}

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true
}
