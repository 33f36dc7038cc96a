// How git is called: with nothing of the machine's own configuration, and with secrets where no other program sees them.
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { withoutCredentials } from '../../core/code-source.ts'
import type { GitSource } from '../../core/code-source.ts'
import { readSecret } from './secret-reference.ts'
import type { Environment } from './secret-reference.ts'

export interface GitAccess {
  readonly environment: Readonly<Record<string, string>>
  /** A text of git's without what is secret in it. */
  scrub(text: string): string
  /** Removes the key from the disk. */
  close(): void
}

/** What of the worker's environment reaches git: how to find programs, and how to get out into the network. */
const PASSED = [
  'PATH',
  'USER',
  'LOGNAME',
  'TMPDIR',
  'SYSTEMROOT',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'ALL_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'all_proxy',
  'no_proxy',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'CURL_CA_BUNDLE',
  'GIT_SSL_CAINFO',
  'GIT_SSL_CAPATH',
  'GIT_EXEC_PATH',
  'SSH_AUTH_SOCK',
]

interface Places {
  /** A folder for this call alone, which does not exist yet. */
  readonly privateFolder: string
  /** Where the keys of hosts are remembered. */
  readonly knownHosts: string
}

/** @throws `CODE_SECRET_MISSING` */
export function openGitAccess(source: GitSource, environment: Environment, { privateFolder, knownHosts }: Places): GitAccess {
  const token = source.token === null ? null : readSecret(source.token, 'token of the repository', environment)
  const key = source.sshKey === null ? null : readSecret(source.sshKey, 'ssh key of the repository', environment)
  const basic = token === null ? null : Buffer.from(`${source.username}:${token}`).toString('base64')
  mkdirSync(privateFolder, { recursive: true, mode: 0o700 })
  const keyFile = key === null ? null : writeKey(path.join(privateFolder, 'key'), key)

  return {
    environment: {
      ...passed(environment, PASSED),
      // Also git's: there is no `.netrc` in it.
      HOME: privateFolder,
      LC_ALL: 'C',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_ATTR_NOSYSTEM: '1',
      GIT_TERMINAL_PROMPT: '0',
      // The home may lie in a repository, which has a configuration too.
      GIT_CEILING_DIRECTORIES: path.dirname(privateFolder),
      GIT_ALLOW_PROTOCOL: 'https:http:ssh:file',
      GIT_SSH_VARIANT: 'ssh',
      GIT_SSH_COMMAND: sshCommand(knownHosts, keyFile),
      ...configuration([...CONFIGURATION, ...(basic === null ? [] : withToken(basic))]),
    },
    scrub(text) {
      const hidden = [token, basic, key].reduce<string>((all, secret) => (secret === null ? all : all.replaceAll(secret, '***')), text)
      return hidden.replace(/\b([a-z][a-z\d+.-]*:\/\/)[^\s/@]*@/gi, '$1')
    },
    close: () => rmSync(privateFolder, { recursive: true, force: true }),
  }
}

const CONFIGURATION: readonly (readonly [string, string])[] = [
  ['credential.helper', ''],
  ['core.hooksPath', '/dev/null'],
  ['core.autocrlf', 'false'],
  ['protocol.version', '2'],
  // Packs stay what they are: thousands of loose files are slower in every way.
  ['fetch.unpackLimit', '1'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  // A connection on which nothing arrives for a minute is dead.
  ['http.lowSpeedLimit', '1'],
  ['http.lowSpeedTime', '60'],
]

/** Where a redirect leads the header would go as well. */
function withToken(basic: string): readonly (readonly [string, string])[] {
  return [
    ['http.extraHeader', `Authorization: Basic ${basic}`],
    ['http.followRedirects', 'false'],
  ]
}

/** Configuration by the environment: the list of processes shows arguments to everybody, this to the same user only. */
function configuration(entries: readonly (readonly [string, string])[]): Record<string, string> {
  const numbered = entries.flatMap(([key, value], at) => [
    [`GIT_CONFIG_KEY_${at}`, key],
    [`GIT_CONFIG_VALUE_${at}`, value],
  ])
  return { GIT_CONFIG_COUNT: String(entries.length), ...Object.fromEntries(numbered) }
}

function sshCommand(knownHosts: string, keyFile: string | null): string {
  const options = [
    'BatchMode=yes',
    'ConnectTimeout=30',
    'ServerAliveInterval=20',
    'StrictHostKeyChecking=accept-new',
    `UserKnownHostsFile="${knownHosts}" ~/.ssh/known_hosts`,
    ...(keyFile === null ? [] : [`IdentityFile="${keyFile}"`, 'IdentitiesOnly=yes']),
  ]
  return ['ssh', ...options.map((option) => `-o ${quoted(option)}`)].join(' ')
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

/** ssh takes no key that others may read, and wants a line end after the last line. */
function writeKey(file: string, key: string): string {
  writeFileSync(file, `${key.trimEnd()}\n`, { mode: 0o600 })
  chmodSync(file, 0o600)
  return file
}

function passed(environment: Environment, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = environment[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

/** The repository as errors and logs show it. */
export function shownRepository({ repository }: GitSource): string {
  return withoutCredentials(repository)
}
