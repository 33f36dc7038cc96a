import { existsSync, mkdirSync, rmSync, utimesSync } from 'node:fs'
import path from 'node:path'
import type { GitRef, GitSource } from '../../core/code-source.ts'
import { TuttiError } from '../../core/errors.ts'
import type { ErrorCode } from '../../core/errors.ts'
import { suggestion } from '../../core/suggestion.ts'
import { dateFromInstant } from '../../core/time.ts'
import type { Clock } from '../../core/time.ts'
import { lock } from './file-lock.ts'
import { shownRepository } from './git-access.ts'
import type { GitAccess } from './git-access.ts'
import { readGitFailure } from './git-failure.ts'
import type { GitFailure } from './git-failure.ts'
import { runProgram } from './program.ts'
import type { ProgramEnd } from './program.ts'

/** What a call of git needs besides its arguments. */
export interface GitCalls {
  readonly source: GitSource
  readonly access: GitAccess
  readonly clock: Clock
  /** For each call. */
  readonly timeoutMs: number
  /** For those who wait until others have done the same. */
  readonly waitMs: number
  /** An existing folder that is no repository. */
  readonly folder: string
  readonly signal: AbortSignal
}

/** A host that does not answer is asked again, after a pause that doubles. */
const ATTEMPTS_MAX = 3
const PAUSE_MS = 1_000
/** Lines of git's that go into an error. */
const LINES_MAX = 12
/** Commits that a mirror keeps at hand: the next one is sent as its difference to them. */
const MIRRORED_COMMITS_MAX = 10

/* ── which commit ────────────────────────────────────────────────────────────────────────────────── */

/**
 * The commit that a ref stands for now. A commit is its own answer, without asking anybody.
 *
 * @throws `CODE_REF_NOT_FOUND`, and what a repository that cannot be asked gives.
 */
export async function resolveCommit(calls: GitCalls): Promise<string> {
  const { ref } = calls.source
  if (ref.type === 'commit') return ref.name
  const name = refName(ref)
  const found = readRefs(await askRepository(calls, ['ls-remote', '--', calls.source.repository, name, `${name}^{}`]))
  // A tag with a message is an object of its own: the line with `^{}` tells the commit behind it.
  const commit = found.get(`${name}^{}`) ?? found.get(name)
  if (commit !== undefined) return commit
  throw await refNotFound(calls, ref)
}

function refName(ref: Exclude<GitRef, { readonly type: 'commit' }>): string {
  if (ref.type === 'default') return 'HEAD'
  return ref.type === 'branch' ? `refs/heads/${ref.name}` : `refs/tags/${ref.name}`
}

async function refNotFound(calls: GitCalls, ref: GitRef): Promise<TuttiError> {
  const where = shownRepository(calls.source)
  if (ref.type === 'default') return new TuttiError('CODE_REF_NOT_FOUND', `${where} has no commit on a branch of its own`)
  const prefix = ref.type === 'branch' ? 'refs/heads/' : 'refs/tags/'
  const all = readRefs(await askRepository(calls, ['ls-remote', '--refs', '--', calls.source.repository, `${prefix}*`]))
  const names = [...all.keys()].filter((each) => each.startsWith(prefix)).map((each) => each.slice(prefix.length))
  const near = suggestion(ref.name, names)
  const hint = near === undefined ? '' : `; did you mean ${near}?`
  return new TuttiError('CODE_REF_NOT_FOUND', `${where} has no ${ref.type} ${ref.name}${hint}`)
}

/** Commits by the full names of what points at them. */
function readRefs(lines: string): ReadonlyMap<string, string> {
  const refs = new Map<string, string>()
  for (const line of lines.split('\n')) {
    const [commit, name] = line.split('\t')
    if (commit !== undefined && name !== undefined) refs.set(name, commit)
  }
  return refs
}

/* ── fetching ────────────────────────────────────────────────────────────────────────────────────── */

/**
 * Writes the files of a commit into a new folder. What is fetched goes through a copy of the repository that holds no history and no
 * working files, and that all commits of it share.
 *
 * @throws `CODE_COMMIT_NOT_FOUND`, and what a repository that cannot be asked gives.
 */
export async function writeCommit(calls: GitCalls, commit: string, mirror: string, into: string): Promise<void> {
  const { source, clock, signal, waitMs } = calls
  const held = await lock(`${mirror}.lock`, 'alone', { clock, signal, waitMs, doing: `fetches ${shownRepository(source)}` })
  try {
    try {
      await fetchAndWrite(calls, commit, mirror, into)
    } catch (error) {
      // Whoever wrote it was killed. It holds nothing that could not be fetched again.
      if (!(error instanceof DamagedCopy)) throw error
      rmSync(mirror, { recursive: true, force: true })
      rmSync(into, { recursive: true, force: true })
      await fetchAndWrite(calls, commit, mirror, into).catch((again: unknown) => {
        throw again instanceof DamagedCopy ? problemOf(calls, 'other', again.message) : again
      })
    }
    const now = dateFromInstant(clock.now())
    utimesSync(mirror, now, now)
  } finally {
    held.release()
  }
}

async function fetchAndWrite(calls: GitCalls, commit: string, mirror: string, into: string): Promise<void> {
  // Its first file is written last by `git init`.
  if (!existsSync(path.join(mirror, 'HEAD'))) {
    rmSync(mirror, { recursive: true, force: true })
    await local(calls, ['init', '--quiet', '--bare', '--template=', `--object-format=${hashOf(commit)}`, '--', mirror])
  }
  const inMirror = [`--git-dir=${mirror}`]
  if (!(await hasCommit(calls, inMirror, commit))) {
    await fetchCommit(calls, inMirror, commit)
    await forgetOldCommits(calls, inMirror, commit)
  }
  mkdirSync(into, { recursive: true, mode: 0o700 })
  const index = { GIT_INDEX_FILE: path.join(path.dirname(into), 'index') }
  await local(calls, [...inMirror, 'read-tree', commit], index)
  // Neither this nor the line before looks at hooks.
  await local(calls, [...inMirror, `--work-tree=${into}`, 'checkout-index', '--all', '--quiet', `--prefix=${into}/`], index)
}

function hashOf(commit: string): 'sha1' | 'sha256' {
  return commit.length === 64 ? 'sha256' : 'sha1'
}

async function hasCommit(calls: GitCalls, inMirror: readonly string[], commit: string): Promise<boolean> {
  // The ref is written after everything that it leads to.
  const end = await run(calls, [...inMirror, 'show-ref', '--verify', '--quiet', mirroredRef(commit)])
  return end.type === 'ended' && end.code === 0
}

function mirroredRef(commit: string): string {
  return `refs/tutti/${commit}`
}

async function fetchCommit(calls: GitCalls, inMirror: readonly string[], commit: string): Promise<void> {
  const { source } = calls
  const fetch = async (depth: readonly string[], ...refs: string[]): Promise<string> =>
    await askRepository(calls, [
      ...inMirror,
      'fetch',
      '--quiet',
      ...depth,
      '--no-tags',
      '--no-write-fetch-head',
      '--no-recurse-submodules',
      '--no-auto-maintenance',
      '--force',
      '--',
      source.repository,
      ...refs,
    ])
  try {
    await fetch(['--depth=1'], `${commit}:${mirroredRef(commit)}`)
  } catch (error) {
    if (!(error instanceof TuttiError) || error.code !== 'CODE_COMMIT_NOT_FOUND') throw error
    if (!(error.cause instanceof TipsOnly)) throw error
    // An old server: only what a branch or tag points at can be asked for by name, and of a commit behind that all has to come.
    if (source.ref.type === 'commit') await fetch([], '+refs/heads/*:refs/all/heads/*', '+refs/tags/*:refs/all/tags/*')
    else await fetch(['--depth=1'], `+${refName(source.ref)}:refs/all/tip`)
    const end = await run(calls, [...inMirror, 'cat-file', '-e', `${commit}^{commit}`])
    if (end.type !== 'ended' || end.code !== 0) throw error
    await local(calls, [...inMirror, 'update-ref', mirroredRef(commit), commit])
  }
}

async function forgetOldCommits(calls: GitCalls, inMirror: readonly string[], newest: string): Promise<void> {
  const refs = (await local(calls, [...inMirror, 'for-each-ref', '--sort=-committerdate', '--format=%(refname)', 'refs/tutti/']))
    .split('\n')
    .filter((ref) => ref !== '' && ref !== mirroredRef(newest))
  // Rarely, and many at once: what they held is only gone after the packs were written anew.
  if (refs.length < 2 * MIRRORED_COMMITS_MAX) return
  for (const ref of refs.slice(MIRRORED_COMMITS_MAX)) await local(calls, [...inMirror, 'update-ref', '-d', ref])
  await local(calls, [...inMirror, 'gc', '--quiet', '--prune=now'])
}

/* ── calls of git ────────────────────────────────────────────────────────────────────────────────── */

/** Thrown past callers, who make a new copy. */
class DamagedCopy extends Error {}

/** The cause of `CODE_COMMIT_NOT_FOUND` when another way of asking may find it. */
class TipsOnly extends Error {}

/** A call that talks to the host of the repository. */
async function askRepository(calls: GitCalls, args: readonly string[]): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    const end = await run(calls, args)
    if (end.type === 'timed-out') {
      const where = shownRepository(calls.source)
      throw new TuttiError('CODE_TIMED_OUT', `${where} has not answered git within ${calls.timeoutMs / 1000} s`)
    }
    if (end.code === 0) return end.stdout
    const found = readGitFailure(end.stderr)
    const failure = found === 'copy-damaged' && args[0] === 'ls-remote' ? 'other' : found
    if (failure !== 'unreachable' || attempt === ATTEMPTS_MAX) throw problemOf(calls, failure, end.stderr)
    await calls.clock.sleep(PAUSE_MS * 2 ** (attempt - 1), calls.signal)
  }
}

/** A call that needs no network: what goes wrong is our own copy, or the disk. */
async function local(calls: GitCalls, args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<string> {
  const end = await run(calls, args, more)
  if (end.type === 'timed-out')
    throw new TuttiError('CODE_TIMED_OUT', `git ${verbOf(args)} has not ended within ${calls.timeoutMs / 1000} s`)
  if (end.code === 0) return end.stdout
  if (readGitFailure(end.stderr) === 'copy-damaged') throw new DamagedCopy(end.stderr)
  throw new TuttiError(
    'CODE_GIT_FAILED',
    `git ${verbOf(args)} ended with ${end.code ?? 'a signal'}: ${calls.access.scrub(lastLines(end.stderr))}`,
  )
}

async function run(calls: GitCalls, args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<ProgramEnd> {
  const { access, folder, timeoutMs, clock, signal } = calls
  return await runProgram({ command: 'git', args, folder, environment: { ...access.environment, ...more }, timeoutMs }, clock, signal)
}

const PROBLEMS: Readonly<Record<Exclude<GitFailure, 'copy-damaged'>, readonly [ErrorCode, string]>> = {
  refused: ['CODE_REPOSITORY_REFUSED', 'does not let this worker in'],
  'repository-missing': ['CODE_REPOSITORY_NOT_FOUND', 'is no repository'],
  moved: ['CODE_REPOSITORY_MOVED', 'has moved to another address'],
  unreachable: ['CODE_REPOSITORY_UNREACHABLE', `could not be reached in ${ATTEMPTS_MAX} attempts`],
  'commit-missing': ['CODE_COMMIT_NOT_FOUND', 'does not have the commit'],
  'tips-only': ['CODE_COMMIT_NOT_FOUND', 'does not have the commit'],
  other: ['CODE_GIT_FAILED', 'could not be read by git'],
}

function problemOf({ source, access }: GitCalls, failure: GitFailure, stderr: string): Error {
  if (failure === 'copy-damaged') return new DamagedCopy(stderr)
  const [code, what] = PROBLEMS[failure]
  const named = code === 'CODE_COMMIT_NOT_FOUND' && source.ref.type === 'commit' ? ` ${source.ref.name}` : ''
  const said = access.scrub(lastLines(stderr))
  const cause = failure === 'tips-only' ? new TipsOnly(said) : undefined
  const message = `${shownRepository(source)} ${what}${named}${said === '' ? '' : `: ${said}`}`
  return new TuttiError(code, message, cause === undefined ? {} : { cause })
}

function verbOf(args: readonly string[]): string {
  return args.find((arg) => !arg.startsWith('-')) ?? ''
}

export function lastLines(text: string): string {
  const lines = text.split(/[\r\n]+/).filter((line) => line.trim() !== '')
  return lines.slice(-LINES_MAX).join('\n')
}
