import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

/** What git knows about a folder, for the version of a deployment. */
export interface GitInfo {
  /** In full. */
  readonly commit: string
  /** `null` when no branch is checked out, as in most CI jobs. */
  readonly branch: string | null
  /** Of the commit: `Name <address>`. */
  readonly author: string
  /** Whether the repository has changes that are not committed; new files count. */
  readonly dirty: boolean
  /** Of `origin`, without credentials; `null` when there is none. */
  readonly repositoryUrl: string | null
}

const TIMEOUT_MS = 10_000
const OUTPUT_MAX_BYTES = 64 * 1024 * 1024

/** `null` when the folder is in no repository, or in one without a commit, or when there is no git. */
export async function gitInfo(folder: string): Promise<GitInfo | null> {
  const commit = await ask(folder, 'rev-parse', '--verify', '--quiet', 'HEAD^{commit}')
  if (commit === null || commit === '') return null
  const [branch, author, changes, url] = await Promise.all([
    ask(folder, 'symbolic-ref', '--quiet', '--short', 'HEAD'),
    ask(folder, 'show', '--no-patch', '--format=%an <%ae>', 'HEAD'),
    ask(folder, 'status', '--porcelain', '--untracked-files=normal'),
    ask(folder, 'remote', 'get-url', 'origin'),
  ])
  return {
    commit,
    branch: branch === '' ? null : branch,
    author: author ?? '',
    // A repository too large to be looked through is not said to be clean.
    dirty: changes !== '',
    repositoryUrl: url === null || url === '' ? null : withoutUser(url),
  }
}

/**
 * The files below a folder that git would keep: what `.gitignore` names is left out, what is not committed yet is not. Also of a folder that
 * is in no repository. `null`: there is no git.
 */
export async function keptFiles(folder: string): Promise<readonly string[] | null> {
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
  const known = await ask(folder, ...list)
  if (known !== null) return filesIn(known)
  // A repository for this question alone: the rules are those of git, whatever they are.
  const repository = await mkdtemp(path.join(tmpdir(), 'tutti-git-'))
  try {
    if ((await ask(folder, 'init', '--quiet', '--bare', repository)) === null) return null
    const found = await ask(folder, `--git-dir=${repository}`, `--work-tree=${folder}`, ...list)
    return found === null ? null : filesIn(found)
  } finally {
    await rm(repository, { recursive: true, force: true })
  }
}

function filesIn(output: string): readonly string[] {
  return [...new Set(output.split('\u0000').filter((file) => file !== ''))]
}

/** The answer of git; `null` when it has none. */
async function ask(folder: string, ...args: readonly string[]): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)('git', args, {
      cwd: folder,
      env: environment(),
      timeout: TIMEOUT_MS,
      maxBuffer: OUTPUT_MAX_BYTES,
      windowsHide: true,
    })
    return stdout.trim()
  } catch {
    // No git, no repository, no such thing in it: all of them are "git does not know".
    return null
  }
}

/** In a hook of git these name another repository than that of the folder. */
function environment(): NodeJS.ProcessEnv {
  const { GIT_DIR: _dir, GIT_WORK_TREE: _tree, GIT_INDEX_FILE: _index, GIT_PREFIX: _prefix, ...rest } = process.env
  return { ...rest, LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' }
}

/** Deployments are read by everybody who sees the server: a token in the address of a remote does not go there. */
function withoutUser(url: string): string {
  return /^ssh:/i.test(url) ? url.replace(/^([a-z]+:\/\/[^/@:]*):[^/@]*@/i, '$1@') : url.replace(/^([a-z][a-z\d+.-]*:\/\/)[^/]*@/i, '$1')
}
