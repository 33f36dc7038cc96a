import { describe, expect, test } from 'vitest'
import { kindOf, readCodeSource, withoutCredentials } from './code-source.ts'
import type { CodeSource, GitSource } from './code-source.ts'
import { isTuttiError } from './errors.ts'

const REPOSITORY = 'https://git.example.com/team/flows.git'
const COMMIT = 'ab'.repeat(20)
const CLONE = 'prefect.deployments.steps.git_clone'
const ENTER = 'prefect.deployments.steps.set_working_directory'

function read(...pullSteps: readonly unknown[]): CodeSource {
  return readCodeSource({ pullSteps, path: null, entrypoint: 'flow.ts:etl' })
}

function gitOf(fields: Readonly<Record<string, unknown>>): GitSource {
  const { from } = read({ 'tutti.git': { repository: REPOSITORY, ...fields } })
  if (from.type !== 'git') throw new Error('it is no repository')
  return from
}

function problemOf(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    if (isTuttiError(error)) return `${error.code}: ${error.message}`
    throw error
  }
  return 'nothing was refused'
}

describe('where the code is', () => {
  test.each([[null], [undefined], [[]]])('without pull steps (%j) in the folder of the deployment', (pullSteps) => {
    const source = readCodeSource({ pullSteps, path: '/srv/flows', entrypoint: 'flow.ts' })

    expect(source).toEqual({ from: { type: 'folder', path: '/srv/flows' }, directory: null, entrypoint: 'flow.ts' })
  })

  test('a repository alone means its default branch, its packages and no scripts', () => {
    expect(read({ 'tutti.git': { repository: REPOSITORY } })).toEqual({
      from: {
        type: 'git',
        repository: REPOSITORY,
        ref: { type: 'default' },
        token: null,
        username: 'x-access-token',
        sshKey: null,
        install: 'packages',
      },
      directory: null,
      entrypoint: 'flow.ts:etl',
    })
  })

  test('a step may say all there is to say', () => {
    const step = {
      repository: REPOSITORY,
      tag: 'v1.2',
      directory: './teams//data/',
      token: 'file:/run/secrets/git',
      username: 'x-token-auth',
      install: 'auto',
      installScripts: true,
    }

    expect(read({ 'tutti.git': step })).toMatchObject({
      from: {
        ref: { type: 'tag', name: 'v1.2' },
        token: { kind: 'file', name: '/run/secrets/git' },
        username: 'x-token-auth',
        install: 'scripts',
      },
      directory: 'teams/data',
    })
  })

  test('a commit goes before the branch it was made on', () => {
    const step = { [CLONE]: { repository: REPOSITORY, branch: 'main', commit_sha: COMMIT.toUpperCase(), access_token: null } }

    expect(read(step).from).toMatchObject({ ref: { type: 'commit', name: COMMIT } })
  })

  test.each([
    ['{{ clone.directory }}', null],
    ['{{ clone.directory }}/flows', 'flows'],
    ['{{git_clone.directory}}/flows', 'flows'],
    ['flows/daily', 'flows/daily'],
  ])('the working folder %s is in the repository', (directory, expected) => {
    expect(read({ [CLONE]: { repository: REPOSITORY } }, { [ENTER]: { directory } }).directory).toBe(expected)
  })

  test('an absolute working folder is one of the machine', () => {
    expect(read({ [ENTER]: { directory: '/opt/flows' } }).from).toEqual({ type: 'folder', path: '/opt/flows' })
  })

  test.each([
    [REPOSITORY, 'https'],
    ['http://localhost:3000/a.git', 'http'],
    ['ssh://git@host:2222/a.git', 'ssh'],
    ['git@host:team/a.git', 'ssh'],
    ['host:a.git', 'ssh'],
    ['file:///srv/a.git', 'file'],
    ['/srv/a.git', 'file'],
    ['./a:b', 'file'],
    ['C:\\repositories\\a', 'file'],
  ])('%s is reached by %s', (repository, kind) => {
    expect(kindOf(repository)).toBe(kind)
  })
})

describe('what is refused', () => {
  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['a short commit', { commit: 'abc1234' }, 'has a `commit` that is not written in full: abc1234'],
    ['a branch and a tag', { branch: 'main', tag: 'v1' }, 'names both a branch and a tag'],
    ['a branch that is an option', { branch: '--upload-pack=touch' }, 'can be none in git'],
    ['a branch with a range in it', { branch: 'a..b' }, 'can be none in git'],
    ['a repository that is an option', { repository: '--upload-pack=touch' }, 'is no address'],
    ['a repository that starts a program', { repository: 'ext::sh -c touch' }, 'is no address'],
    ['an address of another kind', { repository: 'ftp://host/a.git' }, 'of the kind ftp://'],
    ['a path that depends on where one is', { repository: '../flows.git' }, 'does not begin at the root: ../flows.git'],
    ['no repository', { repository: '' }, 'has a `repository` that is no text'],
    ['a folder above', { directory: 'a/../../b' }, 'is not below the repository'],
    ['an absolute folder', { directory: '/etc' }, 'is not below the repository'],
    ['a token over a line that others can read', { repository: 'http://git.internal/a.git', token: 'env:T' }, 'use https://'],
    ['a token for ssh', { repository: 'git@host:a.git', token: 'env:T' }, 'is for addresses that begin with https://'],
    ['a key for https', { sshKey: 'env:K' }, 'is for addresses such as ssh://'],
    ['scripts of no packages', { install: 'never', installScripts: true }, 'asks for install scripts and for no install'],
    ['a way to install that there is not', { install: 'always' }, 'neither "auto" nor "never"'],
    ['a field that is nearly right', { brnach: 'main' }, 'has no field brnach; did you mean branch?'],
  ])('%s', (_, fields, problem) => {
    const found = problemOf(() => gitOf(fields))

    expect(found).toContain('CODE_SOURCE_INVALID: pull step 1 (tutti.git) ')
    expect(found).toContain(problem)
  })

  test.each([
    ['https://ada:s3cret@git.example.com/a.git'],
    ['https://s3cret@git.example.com/a.git'],
    ['https://git.example.com/a.git?token=s3cret'],
    ['ssh://git:s3cret@git.example.com/a.git'],
  ])('credentials in %s, without repeating them', (repository) => {
    const found = problemOf(() => gitOf({ repository }))

    expect(found).toContain('git.example.com/a.git: take them out, and say where the worker finds the token')
    expect(found).not.toContain('s3cret')
  })

  test.each(['ghp_s3cret', 'env:s3cret with spaces', 'env:'])('the token %s itself, without repeating it', (token) => {
    const found = problemOf(() => gitOf({ token }))

    expect(found).toContain('has a `token` that does not say where the secret is kept')
    expect(found).not.toContain('s3cret')
  })

  test('secrets that the protocol keeps on the server, without repeating them', () => {
    const found = problemOf(() => read({ [CLONE]: { repository: REPOSITORY, access_token: 's3cret' } }))

    expect(found).toContain('has `access_token`: write the step as tutti.git')
    expect(found).not.toContain('s3cret')
  })

  test('steps that this worker cannot take, by name', () => {
    const step = { 'prefect.deployments.steps.run_shell_script': { script: 'make' } }

    expect(problemOf(() => read(step))).toBe(
      'CODE_STEP_UNKNOWN: pull step 1 is prefect.deployments.steps.run_shell_script, which this worker does not know',
    )
  })

  test.each<[string, readonly unknown[], string]>([
    ['two repositories', [{ 'tutti.git': { repository: REPOSITORY } }, { [CLONE]: { repository: REPOSITORY } }], 'is a second repository'],
    ['a step that is no object', ['clone'], 'is no object with one key'],
    ['two steps in one', [{ 'tutti.git': {}, [CLONE]: {} }], 'is no object with one key'],
    ['a step without fields', [{ 'tutti.git': null }], 'has no object with its fields'],
    [
      'a folder of a step that is not there',
      [{ [ENTER]: { directory: '{{ clone.directory }}' } }],
      'names a step clone that does not come',
    ],
    ['submodules', [{ [CLONE]: { repository: REPOSITORY, include_submodules: true } }], 'has `include_submodules`, which'],
    ['very many steps', Array.from({ length: 11 }, () => ({})), 'has more than 10 steps'],
  ])('%s', (_, steps, problem) => {
    expect(problemOf(() => read(...steps))).toContain(problem)
  })
})

test('an address is shown without what may be secret in it', () => {
  expect(withoutCredentials('https://ada:s3cret@host/a.git?x=s3cret')).toBe('https://host/a.git')
  expect(withoutCredentials('git@host:a.git')).toBe('git@host:a.git')
})
