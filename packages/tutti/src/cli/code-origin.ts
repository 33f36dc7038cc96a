import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { CodeOrigin } from '../core/deployment-version.ts'

const GIT_MS_MAX = 5_000

/** Where the code of a folder comes from, by its git repository; `null`: it has none, or git is not there. */
export async function codeOrigin(folder: string): Promise<CodeOrigin | null> {
  const commit = await git(folder, ['rev-parse', 'HEAD'])
  if (commit === null) return null
  const [branch, author, changes, url] = await Promise.all([
    git(folder, ['rev-parse', '--abbrev-ref', 'HEAD']),
    git(folder, ['log', '-1', '--format=%an']),
    git(folder, ['status', '--porcelain', '--', '.']),
    git(folder, ['remote', 'get-url', 'origin']),
  ])
  return {
    commit,
    branch: branch === 'HEAD' ? null : branch,
    author,
    dirty: changes === null ? null : changes !== '',
    repositoryUrl: url === null ? null : withoutSecret(url),
  }
}

async function git(folder: string, args: readonly string[]): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)('git', ['-C', folder, ...args], { timeout: GIT_MS_MAX })
    return stdout.trim()
  } catch {
    // No repository, no such remote, no git: each is as good as not known.
    return null
  }
}

/** An address may carry a password or a token. */
function withoutSecret(url: string): string {
  return url.replace(/^(\w+:\/\/)[^@/]*@/, '$1')
}
