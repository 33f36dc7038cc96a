import { GIT_STEP, readGitStep } from '../core/code-source.ts'
import type { GitStepFields } from '../core/code-source.ts'

/** Where a worker finds a secret: an environment variable, or a file of its machine. Never the secret itself. */
export type SecretLocation = `env:${string}` | `file:${string}`

/** A git repository as the place where the code of a deployment comes from. */
export interface GitOptions {
  /** `https://…`, `ssh://…`, `git@host:owner/name.git`, or a path that every worker has. Without credentials: see `token`. */
  readonly repository: string
  /** The newest commit of it is run. Without branch, tag and commit: the repository's default branch. */
  readonly branch?: string
  readonly tag?: string
  /** All 40 digits. Runs of a commit need no network once a worker has fetched it. */
  readonly commit?: string
  /** The folder below the repository that entrypoints are seen from. */
  readonly directory?: string
  /** For `https://`: where each worker finds the token. */
  readonly token?: SecretLocation
  /** The user that goes with the token: `x-access-token` if not given, as GitHub, GitLab and Gitea take it; Bitbucket wants `x-token-auth`. */
  readonly username?: string
  /** For `ssh://`: where each worker finds the private key, without a passphrase. Without it: the agent and the keys of the worker's user. */
  readonly sshKey?: SecretLocation
  /** `never`: no packages are installed, whatever lock file there is. */
  readonly install?: 'auto' | 'never'
  /** Whether packages may run their install scripts; off unless you say so. */
  readonly installScripts?: boolean
}

/** A step that a worker takes before it starts a flow run, as deployments store it. */
export interface GitPullStep {
  readonly [GIT_STEP]: GitStepFields
}

/**
 * Says that the code of a deployment comes from a git repository: workers fetch it when a run starts, and keep it by commit.
 *
 * @throws `CODE_SOURCE_INVALID` at once, for what cannot be right: an address with credentials, a short commit, a branch and a tag.
 */
export function git(options: GitOptions): GitPullStep {
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  readGitStep(Object.fromEntries(given), 'git({ … })')
  // Checked a line before.
  return { [GIT_STEP]: Object.fromEntries(given) as unknown as GitStepFields }
}
