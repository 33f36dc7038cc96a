import { TuttiError } from './errors.ts'
import { suggestion } from './suggestion.ts'

/** Where the code of a deployment comes from, and where in it the flow is. */
export interface CodeSource {
  readonly from: FolderSource | GitSource | ArchiveSource
  /** A folder below the code; `null` is its root. For a folder of this machine always `null`. */
  readonly directory: string | null
  /** `file.ts` or `file.ts:flow`, seen from the directory. */
  readonly entrypoint: string | null
}

/** A folder of the machine that runs the flow; `null` is the one that the worker was started in. */
export interface FolderSource {
  readonly type: 'folder'
  readonly path: string | null
}

export interface GitSource {
  readonly type: 'git'
  readonly repository: string
  readonly ref: GitRef
  readonly token: SecretReference | null
  /** The user that goes with the token; hosts differ in what they ask for. */
  readonly username: string
  readonly sshKey: SecretReference | null
  readonly install: GitInstall
}

/** The files of a project as one archive, which `tutti deploy` puts into a storage and workers take from there. */
export interface ArchiveSource {
  readonly type: 'archive'
  /** The place of archives: `gs://bucket/folder`, or `file:///folder` of every machine. */
  readonly address: string
  /** SHA-256 of the archive in hex, which is its name too; `null` before it was deployed. */
  readonly hash: string | null
  /** What the storage is opened with; without it those credentials that the machine has. */
  readonly key: SecretReference | null
  readonly install: GitInstall
}

export type GitRef =
  /** The branch that the repository names as its own. */
  { readonly type: 'default' } | { readonly type: 'branch' | 'tag' | 'commit'; readonly name: string }

/** What is done with `package-lock.json`; `scripts`: also the install scripts of packages are run. */
export type GitInstall = 'never' | 'packages' | 'scripts'

/** Where a secret is kept on the machine of the worker; the secret itself is stored nowhere else. */
export interface SecretReference {
  readonly kind: 'env' | 'file'
  readonly name: string
}

/** The pull step of Tutti's own, as it is stored and as a user writes it. */
export interface GitStepFields {
  readonly repository: string
  readonly branch?: string | undefined
  readonly tag?: string | undefined
  readonly commit?: string | undefined
  readonly directory?: string | undefined
  readonly token?: string | undefined
  readonly username?: string | undefined
  readonly sshKey?: string | undefined
  readonly install?: 'auto' | 'never' | undefined
  readonly installScripts?: boolean | undefined
}

/** The pull step for archives, as it is stored and as a user writes it; `hash` is what `tutti deploy` adds. */
export interface ArchiveStepFields {
  readonly address: string
  readonly hash?: string | undefined
  readonly key?: string | undefined
  readonly install?: 'auto' | 'never' | undefined
  readonly installScripts?: boolean | undefined
}

/** What a deployment says about its code. */
export interface StoredCode {
  /** The list of pull steps as JSON reads it; nothing and an empty list are the same. */
  readonly pullSteps: unknown
  readonly path: string | null
  readonly entrypoint: string | null
}

/** The same code as it was at a commit, or in an archive, whatever is deployed by now; a folder has none. */
export function atCommit(source: CodeSource, commit: string | null): CodeSource {
  if (commit === null || source.from.type === 'folder') return source
  if (source.from.type === 'archive') return { ...source, from: { ...source.from, hash: commit } }
  return { ...source, from: { ...source.from, ref: { type: 'commit', name: commit } } }
}

export const GIT_STEP = 'tutti.git'
export const ARCHIVE_STEP = 'tutti.archive'
const CLONE_STEP = 'prefect.deployments.steps.git_clone'
const FOLDER_STEP = 'prefect.deployments.steps.set_working_directory'

/** One for the code and one for the folder are what there is to say; a list of more is a mistake. */
const STEPS_MAX = 10
const TEXT_MAX = 2_000

type Fields = Readonly<Record<string, unknown>>

/**
 * Reads where the code of a deployment is.
 *
 * @throws `CODE_SOURCE_INVALID`, `CODE_STEP_UNKNOWN`
 */
export function readCodeSource({ pullSteps, path, entrypoint }: StoredCode): CodeSource {
  const steps = readSteps(pullSteps)
  let source: CodeSource = { from: { type: 'folder', path }, directory: null, entrypoint }
  /** How later steps may call the folder of the repository. */
  let cloneName: string | null = null
  for (const { name, fields, where } of steps) {
    if (name === FOLDER_STEP) {
      source = enterFolder(source, text(fields, 'directory', where), cloneName, where)
      continue
    }
    if (source.from.type !== 'folder') throw invalid(where, 'is a second repository or archive; code comes from one')
    if (name === ARCHIVE_STEP) {
      source = { from: readArchiveStep(fields, where), directory: null, entrypoint }
      continue
    }
    const { from, directory } = name === GIT_STEP ? readGitStep(fields, where) : readCloneStep(fields, where)
    source = { from, directory, entrypoint }
    cloneName = optionalText(fields, 'id', where) ?? 'clone'
  }
  return source
}

/**
 * Reads the fields of a `tutti.git` step.
 *
 * @param where - what to call it in errors.
 * @throws `CODE_SOURCE_INVALID`
 */
export function readGitStep(fields: Fields, where: string): { readonly from: GitSource; readonly directory: string | null } {
  knownFields(fields, STEP_FIELDS, where)
  const install = readInstall(fields, where)
  const repository = readRepository(fields, where)
  const token = readReference(fields, 'token', where)
  const sshKey = readReference(fields, 'sshKey', where)
  checkSecrets(repository, { token, sshKey }, where)
  const username = optionalText(fields, 'username', where) ?? 'x-access-token'
  if (/[:\s]/.test(username)) throw invalid(where, 'has a `username` with a colon or a space in it')
  const directory = optionalText(fields, 'directory', where)
  return {
    from: {
      type: 'git',
      repository,
      ref: readRef(fields, where),
      token,
      username,
      sshKey,
      install,
    },
    directory: directory === null ? null : inside(directory, where),
  }
}

function readInstall(fields: Fields, where: string): GitInstall {
  const install = optionalText(fields, 'install', where) ?? 'auto'
  if (install !== 'auto' && install !== 'never') throw invalid(where, 'has an `install` that is neither "auto" nor "never"')
  const installScripts = fields['installScripts'] ?? false
  if (typeof installScripts !== 'boolean') throw invalid(where, 'has an `installScripts` that is neither true nor false')
  if (installScripts && install === 'never') throw invalid(where, 'asks for install scripts and for no install')
  return install === 'never' ? 'never' : installScripts ? 'scripts' : 'packages'
}

/**
 * Reads the fields of a `tutti.archive` step.
 *
 * @param where - what to call it in errors.
 * @throws `CODE_SOURCE_INVALID`
 */
export function readArchiveStep(fields: Fields, where: string): ArchiveSource {
  knownFields(fields, ['address', 'hash', 'key', 'install', 'installScripts'], where)
  const address = text(fields, 'address', where).replace(/\/+$/, '')
  if (!/^gs:\/\/[^/]|^file:\/\/\/./.test(address) || !URL.canParse(address) || hasControl(address))
    throw invalid(where, `has an \`address\` that is neither gs://bucket/folder nor file:///folder: ${shown(withoutCredentials(address))}`)
  if (new URL(address).username !== '' || address.includes('?')) throw invalid(where, 'has credentials in its address')
  const hash = optionalText(fields, 'hash', where)
  if (hash !== null && !/^[\da-f]{64}$/.test(hash)) throw invalid(where, 'has a `hash` that is no SHA-256 in hex')
  return { type: 'archive', address, hash, key: readReference(fields, 'key', where), install: readInstall(fields, where) }
}

const STEP_FIELDS = [
  'repository',
  'branch',
  'tag',
  'commit',
  'directory',
  'token',
  'username',
  'sshKey',
  'install',
  'installScripts',
  'id',
  'requires',
]

/* ── steps ───────────────────────────────────────────────────────────────────────────────────────── */

interface Step {
  readonly name: string
  readonly fields: Fields
  /** What to call it in errors. */
  readonly where: string
}

function readSteps(pullSteps: unknown): readonly Step[] {
  if (pullSteps === null || pullSteps === undefined) return []
  if (!Array.isArray(pullSteps)) throw invalid('the list of pull steps', 'is no list')
  if (pullSteps.length > STEPS_MAX) throw invalid('the list of pull steps', `has more than ${STEPS_MAX} steps`)
  return pullSteps.map((step: unknown, at) => {
    const names = isObject(step) ? Object.keys(step) : []
    const [name] = names
    if (!isObject(step) || name === undefined || names.length > 1)
      throw invalid(`pull step ${at + 1}`, 'is no object with one key, the name of the step')
    if (name !== GIT_STEP && name !== ARCHIVE_STEP && name !== CLONE_STEP && name !== FOLDER_STEP) {
      throw new TuttiError('CODE_STEP_UNKNOWN', `pull step ${at + 1} is ${name}, which this worker does not know`)
    }
    const where = `pull step ${at + 1} (${name})`
    const fields = step[name]
    if (!isObject(fields)) throw invalid(where, 'has no object with its fields')
    return { name, fields, where }
  })
}

/** The step of the protocol. What it can say of secrets is kept on the server, where ours are not. */
function readCloneStep(fields: Fields, where: string): { readonly from: GitSource; readonly directory: string | null } {
  for (const secret of ['access_token', 'credentials']) {
    if ((fields[secret] ?? null) !== null)
      throw invalid(where, `has \`${secret}\`: write the step as ${GIT_STEP}, with a token such as "env:GITHUB_TOKEN"`)
  }
  for (const asked of ['include_submodules', 'directories']) {
    if (isAsked(fields[asked])) throw invalid(where, `has \`${asked}\`, which this worker does not offer`)
  }
  const repository = readRepository(fields, where)
  const branch = optionalText(fields, 'branch', where)
  const commit = optionalText(fields, 'commit_sha', where)
  const ref = readRef({ ...(branch === null ? {} : { branch }), ...(commit === null ? {} : { commit }) }, where)
  return {
    from: { type: 'git', repository, ref, token: null, username: 'x-access-token', sshKey: null, install: 'packages' },
    directory: null,
  }
}

function isAsked(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : (value ?? false) !== false
}

/** `{{ clone.directory }}/flows` and `flows` are both below the repository; an absolute path is a folder of the machine. */
function enterFolder(source: CodeSource, directory: string, cloneName: string | null, where: string): CodeSource {
  const template = /^\{\{\s*([^.{}]+?)\.directory\s*\}\}\/?(.*)$/.exec(directory)
  const written = template?.[2] ?? directory
  if (template !== null && (cloneName === null || !refersTo(template[1] ?? '', cloneName)))
    throw invalid(where, `names a step ${template[1] ?? ''} that does not come before it`)
  if (written.includes('{{')) throw invalid(where, `has a \`directory\` that this worker cannot fill in: ${shown(directory)}`)
  if (template === null && isAbsolute(directory)) return { ...source, from: { type: 'folder', path: directory }, directory: null }
  if (source.from.type === 'folder') return { ...source, from: { type: 'folder', path: directory } }
  return { ...source, directory: written === '' ? source.directory : inside(written, where) }
}

function refersTo(name: string, cloneName: string): boolean {
  // Without an `id` the result goes by the function's own name as well.
  return name === cloneName || (cloneName === 'clone' && (name === 'git_clone' || name === 'git-clone'))
}

/* ── fields ──────────────────────────────────────────────────────────────────────────────────────── */

function readRepository(fields: Fields, where: string): string {
  const repository = text(fields, 'repository', where)
  // What git would take for an option, or for a program to start.
  if (repository.startsWith('-') || /^[a-z]+::/i.test(repository) || hasControl(repository))
    throw invalid(where, `has a \`repository\` that is no address: ${shown(withoutCredentials(repository))}`)
  const scheme = /^([a-z][a-z\d+.-]*):\/\//i.exec(repository)?.[1]?.toLowerCase()
  if (scheme === undefined) {
    if (kindOf(repository) === 'file' && !/^(?:\/|[a-z]:[\\/])/i.test(repository))
      throw invalid(where, `has a \`repository\` that is a path and does not begin at the root: ${shown(repository)}`)
    return repository
  }
  if (!['https', 'http', 'ssh', 'file'].includes(scheme)) throw invalid(where, `has a \`repository\` of the kind ${scheme}://`)
  if (!URL.canParse(repository)) throw invalid(where, `has a \`repository\` that is no address: ${shown(withoutCredentials(repository))}`)
  const { username, password, search } = new URL(repository)
  const hasCredentials = password !== '' || (username !== '' && scheme !== 'ssh')
  if (hasCredentials || search !== '')
    throw invalid(
      where,
      `has credentials in the address of ${shown(withoutCredentials(repository))}: take them out, and say where the worker finds the token, as in \`token: "env:GITHUB_TOKEN"\``,
    )
  return repository
}

/** Addresses are shown in errors and logs: without what may be secret in them. */
export function withoutCredentials(address: string): string {
  return address.replace(/^([a-z][a-z\d+.-]*:\/\/)[^/]*@/i, '$1').replace(/[?#].*$/, '')
}

function readRef(fields: Fields, where: string): GitRef {
  const [first, ...others] = (['branch', 'tag', 'commit'] as const).flatMap((type) => {
    const name = optionalText(fields, type, where)
    return name === null ? [] : [{ type, name }]
  })
  if (first === undefined) return { type: 'default' }
  // The protocol's clients name the branch that a commit was made on.
  const [second] = others
  if (second !== undefined && !(first.type === 'branch' && second.type === 'commit' && others.length === 1))
    throw invalid(where, `names both a ${first.type} and a ${second.type}`)
  const { type, name } = second ?? first
  if (type !== 'commit') {
    if (!isRefName(name)) throw invalid(where, `has a \`${type}\` that can be none in git: ${shown(name)}`)
    return { type, name }
  }
  if (!/^(?:[\da-f]{40}|[\da-f]{64})$/i.test(name))
    throw invalid(
      where,
      `has a \`commit\` that is not written in full: ${shown(name)}; \`git rev-parse ${shown(name)}\` tells all 40 digits`,
    )
  return { type, name: name.toLowerCase() }
}

/** As `git check-ref-format` has it. */
function isRefName(name: string): boolean {
  const isWrong =
    /[ ~^:?*[\\]|\.\.|@\{|\/\/|\.$|^\/|\/$|^-|^@$/.test(name) ||
    name.split('/').some((part) => part.startsWith('.') || part.endsWith('.lock'))
  return !isWrong && !hasControl(name)
}

function readReference(fields: Fields, field: string, where: string): SecretReference | null {
  const written = optionalText(fields, field, where)
  if (written === null) return null
  const match = /^(env|file):(.+)$/.exec(written)
  const name = match?.[2]
  // Never shown: whoever got this wrong has probably written the secret itself.
  if (name === undefined || (match?.[1] === 'env' && !/^\w+$/.test(name)))
    throw invalid(where, `has a \`${field}\` that does not say where the secret is kept: write "env:NAME" or "file:/path"`)
  return { kind: match?.[1] === 'env' ? 'env' : 'file', name }
}

function checkSecrets(
  repository: string,
  { token, sshKey }: { readonly token: SecretReference | null; readonly sshKey: SecretReference | null },
  where: string,
): void {
  const kind = kindOf(repository)
  if (token !== null && kind !== 'https' && kind !== 'http')
    throw invalid(where, 'has a token, which is for addresses that begin with https://')
  if (token !== null && kind === 'http' && !isLoopback(new URL(repository).hostname))
    throw invalid(where, 'would send its token unprotected over http:// to another machine: use https://')
  if (sshKey !== null && kind !== 'ssh') throw invalid(where, 'has an `sshKey`, which is for addresses such as ssh://… or git@host:…')
}

export function kindOf(repository: string): 'https' | 'http' | 'ssh' | 'file' {
  const scheme = /^(https?|ssh|file):\/\//i.exec(repository)?.[1]?.toLowerCase()
  if (scheme === 'https' || scheme === 'http' || scheme === 'ssh' || scheme === 'file') return scheme
  // `git@host:path`: a colon before any slash, and no drive of Windows.
  return /^[^/\\:]{2,}:/.test(repository) ? 'ssh' : 'file'
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

/** A path that stays below the root of the code, in its simplest form; the root itself is `null`. */
function inside(directory: string, where: string): string | null {
  const parts = directory.split(/[\\/]/).filter((part) => part !== '' && part !== '.')
  if (isAbsolute(directory) || parts.includes('..') || hasControl(directory))
    throw invalid(where, `has a \`directory\` that is not below the repository: ${shown(directory)}`)
  return parts.length === 0 ? null : parts.join('/')
}

function isAbsolute(path: string): boolean {
  return path.startsWith('/') || path.startsWith('~') || /^[a-z]:[\\/]/i.test(path)
}

function hasControl(text: string): boolean {
  return Array.from(text).some((character) => character < ' ' || character === '\u007f')
}

function text(fields: Fields, field: string, where: string): string {
  const value = optionalText(fields, field, where)
  if (value === null) throw invalid(where, `has no \`${field}\``)
  return value
}

function optionalText(fields: Fields, field: string, where: string): string | null {
  const value = fields[field] ?? null
  if (value === null) return null
  if (typeof value !== 'string' || value.trim() === '') throw invalid(where, `has a \`${field}\` that is no text`)
  if (value.length > TEXT_MAX) throw invalid(where, `has a \`${field}\` of more than ${TEXT_MAX} characters`)
  return value.trim()
}

function knownFields(fields: Fields, known: readonly string[], where: string): void {
  const wrong = Object.keys(fields).find((field) => !known.includes(field))
  if (wrong === undefined) return
  const near = suggestion(wrong, known)
  throw invalid(where, `has no field ${shown(wrong)}${near === undefined ? '' : `; did you mean ${near}?`}`)
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function shown(value: string): string {
  return value.length > 100 ? `${value.slice(0, 100)}…` : value
}

function invalid(where: string, problem: string): TuttiError {
  return new TuttiError('CODE_SOURCE_INVALID', `${where} ${problem}`)
}
