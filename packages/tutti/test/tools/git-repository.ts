// A git repository to test with: a bare one, and commits that are made without a working folder of one's own.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

export type Files = Readonly<Record<string, string | Buffer>>

export interface TestRepository {
  /** The bare repository. */
  readonly folder: string
  /** Replaces all files of a branch (`main` if not said) and tells the commit. */
  commit(files: Files, branch?: string): string
  git(...args: readonly string[]): string
}

/** Makes `NAME.git` in a folder. */
export function makeRepository(root: string, name: string): TestRepository {
  const folder = path.join(root, `${name}.git`)
  git(root, ['init', '--quiet', '--bare', '--initial-branch=main', folder])
  return {
    folder,
    git: (...args) => git(folder, args),
    commit(files, branch = 'main') {
      const work = mkdtempSync(path.join(root, 'work-'))
      try {
        git(work, ['clone', '--quiet', folder, '.'])
        const known = git(work, ['branch', '--remotes', '--list', `origin/${branch}`]) !== ''
        git(work, known ? ['checkout', '--quiet', '-B', branch, `origin/${branch}`] : ['checkout', '--quiet', '-B', branch])
        git(work, ['rm', '-r', '--quiet', '--ignore-unmatch', '.'])
        write(work, files)
        git(work, ['add', '--all', '--force'])
        git(work, ['commit', '--quiet', '--allow-empty', '--message', 'change'])
        git(work, ['push', '--quiet', 'origin', branch])
        return git(work, ['rev-parse', 'HEAD'])
      } finally {
        rmSync(work, { recursive: true, force: true })
      }
    },
  }
}

export function write(folder: string, files: Files): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    writeFileSync(path.join(folder, name), content)
  }
}

/** Calls git as one and the same person, whatever this machine is configured to. */
export function git(folder: string, args: readonly string[]): string {
  const environment = {
    PATH: process.env['PATH'],
    HOME: folder,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_AUTHOR_NAME: 'Ada',
    GIT_AUTHOR_EMAIL: 'ada@example.com',
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'ada@example.com',
  }
  return execFileSync('git', args, { cwd: folder, env: environment, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
}
