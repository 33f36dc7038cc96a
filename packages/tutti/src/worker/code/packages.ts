// The packages that the code asks for: what its lock file names, installed by npm once and shared by every commit with the same lock file.
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { TuttiError } from '../../core/errors.ts'
import type { Clock } from '../../core/time.ts'
import { lock } from './file-lock.ts'
import type { Environment } from './secret-reference.ts'
import { lastLines } from './git-repository.ts'
import { runProgram } from './program.ts'

/** What has to be done for the packages of a folder. */
export type PackagePlan =
  /** Nothing is asked for, or the packages lie in the repository. */
  { readonly type: 'none' } | { readonly type: 'npm'; readonly folder: string; readonly lockFile: string }

const NPM_LOCKS = ['npm-shrinkwrap.json', 'package-lock.json']
/** Of others, the one who wrote it. */
const FOREIGN_LOCKS: Readonly<Record<string, string>> = {
  'pnpm-lock.yaml': 'pnpm',
  'yarn.lock': 'yarn',
  'bun.lock': 'bun',
  'bun.lockb': 'bun',
}

export interface Looking {
  readonly root: string
  /** The folder of the file that is run. */
  readonly from: string
  /** The code, for errors. */
  readonly place: string
  /** Whether the `node_modules` of a folder was made by us, and not by whoever wrote the code. */
  readonly isOurs: (folder: string) => boolean
}

/**
 * Looks from a folder upwards, to the root of the code, for the lock file that counts: the nearest.
 *
 * @throws `CODE_LOCK_MISSING`, `CODE_LOCK_UNSUPPORTED`
 */
export function planPackages({ root, from, place, isOurs }: Looking): PackagePlan {
  let asking: string | undefined
  for (const folder of upwards(root, from)) {
    const has = (name: string): boolean => existsSync(path.join(folder, name))
    const lockFile = NPM_LOCKS.find(has)
    const isCommitted = has('node_modules') && !isOurs(folder)
    if (lockFile !== undefined) return isCommitted ? { type: 'none' } : { type: 'npm', folder, lockFile }
    const foreign = Object.keys(FOREIGN_LOCKS).find(has)
    if (foreign !== undefined && !isCommitted)
      throw new TuttiError(
        'CODE_LOCK_UNSUPPORTED',
        `${inCode(root, path.join(folder, foreign))} is a lock file of ${FOREIGN_LOCKS[foreign] ?? 'another program'}, which workers do not install from (in ${place})`,
      )
    if (isCommitted) return { type: 'none' }
    if (asking === undefined && asksForPackages(path.join(folder, 'package.json'))) asking = folder
  }
  if (asking === undefined) return { type: 'none' }
  throw new TuttiError(
    'CODE_LOCK_MISSING',
    `${inCode(root, path.join(asking, 'package.json'))} has dependencies and no package-lock.json beside it or above (in ${place})`,
  )
}

function* upwards(root: string, from: string): Generator<string> {
  for (let folder = from; ; folder = path.dirname(folder)) {
    yield folder
    if (folder === root || path.dirname(folder) === folder) return
  }
}

/** `tutti` itself is the running copy, and what development needs is not missed at run time. */
function asksForPackages(file: string): boolean {
  if (!existsSync(file)) return false
  const { dependencies } = readManifest(file)
  return typeof dependencies === 'object' && dependencies !== null && Object.keys(dependencies).some((name) => name !== 'tutti')
}

function inCode(root: string, file: string): string {
  return path.relative(root, file).replaceAll('\\', '/')
}

/* ── installing ──────────────────────────────────────────────────────────────────────────────────── */

export interface Installing {
  readonly plan: Extract<PackagePlan, { readonly type: 'npm' }>
  readonly scripts: boolean
  /** The root of the code, and what it is called in errors. */
  readonly root: string
  readonly place: string
  /** Where installed packages are kept. */
  readonly modules: string
  /** A folder for this installation alone, which does not exist yet; on the same disk. */
  readonly draft: string
  readonly environment: Environment
  readonly timeoutMs: number
  /** For those who wait until others have done the same. */
  readonly waitMs: number
  readonly clock: Clock
}

/** Where the packages are now: in the code's own folder, or in a shared one that a link leads to. */
export type Installed = { readonly type: 'own' } | { readonly type: 'shared'; readonly name: string }

/**
 * Makes `node_modules` beside the lock file. The caller is alone with the code.
 *
 * @throws `CODE_INSTALL_FAILED`, `CODE_TIMED_OUT`, `CODE_PROGRAM_MISSING`
 */
export async function installPackages(installing: Installing, signal: AbortSignal): Promise<Installed> {
  const { plan, modules, place, waitMs, clock } = installing
  const waiting = { clock, signal, waitMs, doing: `installs the packages of ${place}` }
  const link = path.join(plan.folder, 'node_modules')
  // Of an installation that was interrupted.
  await rm(link, { recursive: true, force: true })
  if (!isShareable(installing)) {
    await npmCi(installing, plan.folder, signal)
    return { type: 'own' }
  }
  const name = nameOf(installing)
  const shared = path.join(modules, name)
  // Until the link is there, nobody may think that nobody needs it.
  const used = await lock(`${shared}.use`, 'shared', waiting)
  try {
    const making = await lock(`${shared}.make`, 'alone', waiting)
    try {
      if (!existsSync(shared)) await installShared(installing, shared, signal)
    } finally {
      making.release()
    }
    symlinkSync(path.join(shared, 'node_modules'), link, 'junction')
    return { type: 'shared', name }
  } finally {
    used.release()
  }
}

/** Links into the code, and scripts that may read it, belong to one commit. */
function isShareable({ plan, scripts }: Installing): boolean {
  if (scripts) return false
  const lockFile = readManifest(path.join(plan.folder, plan.lockFile))
  const packages: unknown = lockFile['packages'] ?? lockFile['dependencies'] ?? {}
  return !/"link":\s*true|"(?:resolved|version)":\s*"file:/.test(JSON.stringify(packages))
}

async function installShared(installing: Installing, shared: string, signal: AbortSignal): Promise<void> {
  const { plan, draft } = installing
  mkdirSync(draft, { recursive: true, mode: 0o700 })
  for (const name of ['package.json', plan.lockFile, '.npmrc']) {
    const file = path.join(plan.folder, name)
    if (existsSync(file)) copyFileSync(file, path.join(draft, name))
  }
  await npmCi(installing, draft, signal)
  // Without any package npm makes no folder.
  mkdirSync(path.join(draft, 'node_modules'), { recursive: true })
  renameSync(draft, shared)
}

/** Fields of a package file that npm reads when it installs. */
const INSTALLED_FIELDS = [
  'dependencies',
  'devDependencies',
  'optionalDependencies',
  'peerDependencies',
  'peerDependenciesMeta',
  'bundleDependencies',
  'bundledDependencies',
  'overrides',
  'workspaces',
  'engines',
]

function nameOf({ plan }: Installing): string {
  const manifestFile = path.join(plan.folder, 'package.json')
  const manifest = existsSync(manifestFile) ? readManifest(manifestFile) : {}
  const npmrc = path.join(plan.folder, '.npmrc')
  const parts = [
    readFileSync(path.join(plan.folder, plan.lockFile), 'utf8'),
    JSON.stringify(INSTALLED_FIELDS.map((field) => manifest[field] ?? null)),
    existsSync(npmrc) ? readFileSync(npmrc, 'utf8') : '',
    process.version,
    process.platform,
    process.arch,
  ]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)
}

async function npmCi(
  { plan, scripts, root, place, environment, timeoutMs, clock }: Installing,
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  const lockFile = inCode(root, path.join(plan.folder, plan.lockFile))
  const end = await runProgram(
    {
      command: 'npm',
      // Development's too: the `tsconfig.json` of the code may extend one of its packages.
      args: ['ci', ...(scripts ? [] : ['--ignore-scripts']), '--include=dev', '--no-audit', '--no-fund', '--no-progress'],
      folder,
      environment: npmEnvironment(environment),
      timeoutMs,
    },
    clock,
    signal,
  )
  if (end.type === 'timed-out')
    throw new TuttiError('CODE_TIMED_OUT', `npm has not installed ${lockFile} within ${timeoutMs / 1000} s (in ${place})`)
  if (end.code === 0) return
  const said = lastLines(end.stderr === '' ? end.stdout : end.stderr).replace(/\b(https?:\/\/)[^\s/@]*@/gi, '$1')
  throw new TuttiError('CODE_INSTALL_FAILED', `npm could not install ${lockFile} (in ${place}):\n${said}`)
}

/** npm, and the scripts of packages, run with the Node that runs the flows. */
function npmEnvironment(environment: Environment): Record<string, string> {
  const given = Object.entries(environment).flatMap(([name, value]) =>
    value === undefined || name === 'NODE_ENV' || name === 'NODE_OPTIONS' ? [] : [[name, value] as const],
  )
  const own = path.dirname(process.execPath)
  return {
    ...Object.fromEntries(given),
    PATH: [own, environment['PATH'] ?? ''].filter((part) => part !== '').join(path.delimiter),
    npm_config_update_notifier: 'false',
  }
}

/* ── markers ─────────────────────────────────────────────────────────────────────────────────────── */

/** What stands in the marker of a folder; `begun` before there is a `node_modules` of ours. */
export type Marked = Installed | { readonly type: 'begun' }

export function readMarker(marker: string): Marked | undefined {
  if (!existsSync(marker)) return undefined
  try {
    return JSON.parse(readFileSync(marker, 'utf8')) as Marked // written below
  } catch {
    // Cut off by a crash of the machine.
    return { type: 'begun' }
  }
}

export function writeMarker(marker: string, marked: Marked): void {
  writeFileSync(marker, JSON.stringify(marked), { mode: 0o600 })
}

function readManifest(file: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new TuttiError('CODE_INSTALL_FAILED', `${path.basename(file)} cannot be read: ${why}`, { cause })
  }
}
