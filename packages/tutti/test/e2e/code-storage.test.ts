import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readCodeSource } from '../../src/core/code-source.ts'
import type { GitStepFields } from '../../src/core/code-source.ts'
import { isTuttiError } from '../../src/core/errors.ts'
import type { TuttiError } from '../../src/core/errors.ts'
import type { Clock } from '../../src/core/time.ts'
import { resolveFlow } from '../../src/engine/entrypoint.ts'
import { loadSettings } from '../../src/settings/load.ts'
import { systemClock } from '../../src/system/clock.ts'
import { gitInfo } from '../../src/system/git.ts'
import { systemIds } from '../../src/system/random.ts'
import { inCode, prepareCode } from '../../src/worker/code/index.ts'
import type { CodeDependencies, CodeLimits, PreparedCode } from '../../src/worker/code/index.ts'
import { git, makeRepository, write } from '../tools/git-repository.ts'
import type { TestRepository } from '../tools/git-repository.ts'
import { serveGit } from '../tools/git-server.ts'
import type { GitServerOptions } from '../tools/git-server.ts'

const TOKEN = 'token-that-nobody-may-see'

let root: string
let home: string
let repository: TestRepository
const closing: (() => Promise<void>)[] = []

beforeEach(() => {
  root = realpathSync(mkdtempSync(path.join(tmpdir(), 'tutti-code-')))
  home = path.join(root, 'home')
  repository = makeRepository(root, 'flows')
})
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
  rmSync(root, { recursive: true, force: true })
})

async function serve(options: Omit<GitServerOptions, 'root'> = {}): ReturnType<typeof serveGit> {
  const server = await serveGit({ root, ...options })
  closing.push(() => server.close())
  return server
}

interface Asked {
  readonly entrypoint?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly limits?: Partial<CodeLimits>
  readonly clock?: Clock
  readonly signal?: AbortSignal
  readonly tell?: (message: string) => void
}

function dependencies({ environment, limits, clock = systemClock(), tell }: Asked): CodeDependencies {
  return {
    home,
    workingFolder: root,
    environment: { PATH: process.env['PATH'] ?? '', HOME: root, npm_config_cache: path.join(root, 'npm'), ...environment },
    clock,
    ids: systemIds(systemClock()),
    limits: { ...loadSettings({ TUTTI_HOME: home }, () => undefined), ...limits },
    ...(tell === undefined ? {} : { tell }),
  }
}

/** What a worker does before it starts a run of a deployment with this step. */
async function prepare(step: Partial<GitStepFields> = {}, asked: Asked = {}): Promise<PreparedCode> {
  const pullSteps = [{ 'tutti.git': { repository: repository.folder, ...step } }]
  const source = readCodeSource({ pullSteps, path: null, entrypoint: asked.entrypoint ?? null })
  return await prepareCode(source, dependencies(asked), asked.signal ?? new AbortController().signal)
}

async function refusal(promise: Promise<unknown>): Promise<TuttiError> {
  try {
    await promise
  } catch (error) {
    if (isTuttiError(error)) return error
    throw error
  }
  throw new Error('nothing was refused')
}

function read({ folder }: PreparedCode, file: string): string {
  return readFileSync(path.join(folder, file), 'utf8')
}

/** Answers of a clock that waits for nobody. */
function impatientClock(): Clock {
  const real = systemClock()
  return { ...real, now: () => real.now(), timer: (ms, callback) => real.timer(ms, callback), sleep: async () => await Promise.resolve() }
}

/** Every file below a folder, as one text. */
function allOf(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'latin1'))
    .join('\n')
}

/** The command lines of this machine's processes, as everybody sees them. */
function commandLines(): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
      } catch {
        return ''
      }
    })
}

describe('which commit', () => {
  test('the newest of a branch, each time a run starts', async () => {
    const first = repository.commit({ 'flow.ts': 'one' })
    const before = await prepare({ branch: 'main' })
    const second = repository.commit({ 'flow.ts': 'two' })

    const after = await prepare({ branch: 'main' })

    expect([before.commit, after.commit]).toEqual([first, second])
    expect([read(before, 'flow.ts'), read(after, 'flow.ts')]).toEqual(['one', 'two'])
    expect([before.how, after.how]).toEqual(['fetched', 'fetched'])
  })

  test('the default branch when none is named', async () => {
    const commit = repository.commit({ 'flow.ts': 'one' })
    repository.commit({ 'flow.ts': 'other' }, 'aside')

    expect((await prepare()).commit).toBe(commit)
  })

  test('the commit behind a tag, also of one with a message', async () => {
    const commit = repository.commit({ 'flow.ts': 'one' })
    git(repository.folder, ['tag', '--annotate', '--message', 'first', 'v1', commit])
    repository.commit({ 'flow.ts': 'two' })

    expect((await prepare({ tag: 'v1' })).commit).toBe(commit)
  })

  test('one that is given, also when the branch has moved on; without any network once it is there', async () => {
    const commit = repository.commit({ 'flow.ts': 'one' })
    repository.commit({ 'flow.ts': 'two' })
    const first = await prepare({ commit })
    rmSync(repository.folder, { recursive: true })

    const second = await prepare({ commit })

    expect(read(second, 'flow.ts')).toBe('one')
    expect([first.how, second.how]).toEqual(['fetched', 'cached'])
    expect(second.folder).toBe(first.folder)
  })

  test('nothing but the commit itself is fetched, without its history', async () => {
    const old = repository.commit({ 'flow.ts': 'x', 'large.txt': 'old and large' })
    repository.commit({ 'flow.ts': 'y' })
    await prepare()

    const [mirror = ''] = readdirSync(path.join(home, 'code/mirrors')).filter((name) => name.endsWith('.git'))
    const objects = git(path.join(home, 'code/mirrors', mirror), ['cat-file', '--batch-all-objects', '--batch-check'])

    expect(objects.split('\n')).toHaveLength(3)
    expect(objects).not.toContain(old)
  })
})

describe('what the code is run from', () => {
  test('a folder below the repository', async () => {
    repository.commit({ 'teams/data/flow.ts': 'data', 'flow.ts': 'root' })

    const code = await prepare({ directory: 'teams/data' }, { entrypoint: 'flow.ts:etl' })

    expect(read(code, 'flow.ts')).toBe('data')
  })

  test('steps of the protocol are understood as well', async () => {
    repository.commit({ 'teams/data/flow.ts': 'data' })
    const clone = { 'prefect.deployments.steps.git_clone': { id: 'code', repository: repository.folder, branch: 'main' } }
    const enter = { 'prefect.deployments.steps.set_working_directory': { directory: '{{ code.directory }}/teams/data' } }
    const source = readCodeSource({ pullSteps: [clone, enter], path: null, entrypoint: 'flow.ts:etl' })

    const code = await prepareCode(source, dependencies({}), new AbortController().signal)

    expect(read(code, 'flow.ts')).toBe('data')
  })

  test('a folder of this machine when nothing is pulled', async () => {
    write(root, { 'project/flow.ts': 'here' })
    const source = readCodeSource({ pullSteps: null, path: path.join(root, 'project'), entrypoint: 'flow.ts:etl' })

    const code = await prepareCode(source, dependencies({}), new AbortController().signal)

    expect(code).toMatchObject({ folder: path.join(root, 'project'), commit: null, how: 'cached' })
  })

  test('the configuration of the machine, and hooks in it, change nothing', async () => {
    repository.commit({ 'flow.ts': 'a\n' })
    write(root, {
      '.gitconfig': '[core]\n\tautocrlf = true\n\thooksPath = hooks\n[url "nowhere:"]\n\tinsteadOf = /',
      '.config/git/config': '[protocol]\n\tallow = never',
    })

    expect(read(await prepare(), 'flow.ts')).toBe('a\n')
  })

  test('a copy of the repository that was left damaged, or locked, by a process that was killed is made anew', async () => {
    repository.commit({ 'flow.ts': 'one' })
    await prepare()
    const second = repository.commit({ 'flow.ts': 'two' })
    const mirrors = path.join(home, 'code/mirrors')
    for (const name of readdirSync(mirrors).filter((each) => each.endsWith('.git'))) {
      writeFileSync(path.join(mirrors, name, 'shallow.lock'), '')
      const packs = path.join(mirrors, name, 'objects/pack')
      for (const pack of readdirSync(packs)) {
        chmodSync(path.join(packs, pack), 0o600)
        writeFileSync(path.join(packs, pack), 'damaged')
      }
    }

    expect((await prepare()).commit).toBe(second)
  })
})

describe('secrets', () => {
  const step = { token: 'env:GIT_TOKEN' as const }

  test('a token opens the repository, and is seen in no command line while git runs, nor in any file or message afterwards', async () => {
    repository.commit({ 'flow.ts': 'secret code' })
    const seen: string[] = []
    const told: string[] = []
    const server = await serve({
      token: TOKEN,
      before: () => {
        seen.push(...commandLines())
        return undefined
      },
    })

    const code = await prepare(
      { ...step, repository: `${server.url}/flows.git` },
      { environment: { GIT_TOKEN: TOKEN }, tell: (message) => told.push(message) },
    )

    const base64 = Buffer.from(`x-access-token:${TOKEN}`).toString('base64')
    expect(read(code, 'flow.ts')).toBe('secret code')
    expect(seen.some((line) => line.includes('ls-remote') && line.includes('flows.git'))).toBe(true)
    expect(seen.some((line) => line.includes('fetch') && line.includes('flows.git'))).toBe(true)
    for (const secret of [TOKEN, base64]) {
      expect(seen.filter((line) => line.includes(secret))).toEqual([])
      expect(allOf(home)).not.toContain(secret)
      expect([...told, code.place].join()).not.toContain(secret)
    }
    expect(told).toEqual([`fetching ${code.place}`])
  })

  test('a token in a file does the same', async () => {
    repository.commit({ 'flow.ts': 'secret code' })
    write(root, { 'git-token': `${TOKEN}\n` })
    const server = await serve({ token: TOKEN })

    const code = await prepare({ token: `file:${root}/git-token`, repository: `${server.url}/flows.git` })

    expect(read(code, 'flow.ts')).toBe('secret code')
  })

  test('a wrong token is refused without being told', async () => {
    const wrong = 'wrong-and-still-secret'
    const server = await serve({ token: TOKEN })

    const error = await refusal(prepare({ ...step, repository: `${server.url}/flows.git` }, { environment: { GIT_TOKEN: wrong } }))

    expect(error.code).toBe('CODE_REPOSITORY_REFUSED')
    expect(error.message).toContain(`${server.url}/flows.git does not let this worker in`)
    expect(JSON.stringify([error.message, error.stack, String(error.cause)])).not.toContain(wrong)
  })

  test('without a token nobody is asked for one', async () => {
    const server = await serve({ token: TOKEN })

    expect((await refusal(prepare({ repository: `${server.url}/flows.git` }))).code).toBe('CODE_REPOSITORY_REFUSED')
  })

  test('a token does not follow a redirect', async () => {
    const server = await serve({ before: () => 301 })

    const error = await refusal(prepare({ ...step, repository: `${server.url}/flows.git` }, { environment: { GIT_TOKEN: TOKEN } }))

    expect(error.code).toBe('CODE_REPOSITORY_MOVED')
    expect(server.requests).toHaveLength(1)
  })

  test('a reference that leads to nothing is named', async () => {
    const missing = await refusal(prepare({ ...step, repository: 'https://git.example.com/flows.git' }))
    const gone = await refusal(prepare({ token: `file:${root}/gone`, repository: 'https://git.example.com/flows.git' }))

    expect([missing.code, gone.code]).toEqual(['CODE_SECRET_MISSING', 'CODE_SECRET_MISSING'])
    expect(missing.message).toContain('the environment variable GIT_TOKEN is not set or empty')
    expect(gone.message).toContain(`the file ${root}/gone is not there`)
  })

  test('an ssh key reaches ssh in a file for its owner alone, which is gone afterwards', async () => {
    repository.commit({ 'flow.ts': 'over ssh' })
    // Notes how it was called, then does what the far side of ssh would do.
    const bin = path.join(root, 'bin')
    write(bin, {
      ssh: `#!/bin/sh
for each in "$@"; do case "$each" in IdentityFile=*) key=$(echo "$each" | sed 's/.*="\\(.*\\)"/\\1/');; esac; done
{ stat -c %a "$key"; cat "$key"; echo "$@"; } >> '${root}/ssh.log'
for last in "$@"; do :; done
eval "exec $last"
`,
    })
    chmodSync(path.join(bin, 'ssh'), 0o755)
    const environment = { PATH: `${bin}:${process.env['PATH'] ?? ''}`, DEPLOY_KEY: '-----KEY-----\nabc\n-----END-----' }

    const code = await prepare({ repository: `git@git.example.com:${repository.folder}`, sshKey: 'env:DEPLOY_KEY' }, { environment })

    const log = readFileSync(path.join(root, 'ssh.log'), 'utf8')
    expect(read(code, 'flow.ts')).toBe('over ssh')
    expect(log).toMatch(/^600\n-----KEY-----\nabc\n-----END-----\n/)
    expect(log).toContain('StrictHostKeyChecking=accept-new')
    expect(log).toContain('BatchMode=yes')
    expect(allOf(home)).not.toContain('-----KEY-----')
  })
})

describe('at the same time', () => {
  test('several that want one commit fetch it once', async () => {
    repository.commit({ 'flow.ts': 'one' })
    const server = await serve()

    const all = await Promise.all([1, 2, 3, 4].map(() => prepare({ repository: `${server.url}/flows.git` })))

    expect(new Set(all.map(({ folder }) => folder)).size).toBe(1)
    expect(all.map(({ how }) => how).toSorted()).toEqual(['cached', 'cached', 'cached', 'fetched'])
    // Of a fetch this is its second request after asking which refs there are.
    expect(server.requests.filter((each) => each.startsWith('POST'))).toHaveLength(4 + 1)
  })

  test('what was used last is kept; what is in use stays whatever there is', async () => {
    const commits = [1, 2, 3, 4].map((number) => repository.commit({ 'flow.ts': String(number) }))
    const limits = { codeKeepMax: 2 }
    const [first = '', second = '', third = '', fourth = ''] = commits
    const used = await prepare({ commit: first }, { limits })
    for (const commit of [second, third, fourth]) (await prepare({ commit }, { limits })).release()

    // Whatever is not kept cannot be fetched any more.
    rmSync(repository.folder, { recursive: true })
    rmSync(path.join(home, 'code/mirrors'), { recursive: true })
    const found = commits.map((commit) => prepare({ commit }, { limits }).catch((error: unknown) => error))

    const cached = { how: 'cached' }
    const gone = { code: 'CODE_REPOSITORY_NOT_FOUND' }
    expect(await Promise.all(found)).toMatchObject([cached, gone, gone, cached])
    expect(read(used, 'flow.ts')).toBe('1')
  })
})

describe('several processes', () => {
  interface Other {
    /** What it has printed once its code is there. */
    readonly prepared: Promise<{ readonly how: string; readonly folder: string }>
    /** Lets it go on to its end. */
    finish(): Promise<void>
    kill(): Promise<void>
  }

  function another(url: string, keep = '20'): Other {
    const program = path.join(import.meta.dirname, 'code', 'prepare.ts')
    const environment = { PATH: process.env['PATH'], HOME: root, TUTTI_HOME: home, npm_config_cache: path.join(root, 'npm') }
    const child = spawn(process.execPath, [...process.execArgv, program, url, keep], {
      env: environment,
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
    const finish = async (): Promise<void> => {
      child.stdin.end()
      await ended
    }
    closing.push(finish)
    return {
      // Printed by `prepare.ts`.
      prepared: once(child.stdout.setEncoding('utf8'), 'data').then(([line]) => JSON.parse(String(line)) as Awaited<Other['prepared']>),
      finish,
      kill: async () => {
        child.kill('SIGKILL')
        await ended
      },
    }
  }

  test('that want one commit fetch it once', async () => {
    repository.commit({ 'flow.ts': 'one' })
    const server = await serve()

    const all = await Promise.all([1, 2, 3].map(() => another(`${server.url}/flows.git`).prepared))

    expect(all.map(({ how }) => how).toSorted()).toEqual(['cached', 'cached', 'fetched'])
    expect(new Set(all.map(({ folder }) => folder)).size).toBe(1)
  })

  test("one that is killed while it fetches is in nobody's way", async () => {
    repository.commit({ 'flow.ts': 'one' })
    const fetching = Promise.withResolvers<void>()
    let posts = 0
    const server = await serve({
      // The second of the two requests with a body is the fetch: it is under way for as long as the process lives.
      before: async ({ method }) => {
        if (method !== 'POST' || ++posts !== 2) return undefined
        fetching.resolve()
        return await new Promise<never>(() => undefined)
      },
    })
    const killed = another(`${server.url}/flows.git`)
    killed.prepared.catch(() => undefined)
    await fetching.promise
    await killed.kill()

    const code = await prepare({ repository: `${server.url}/flows.git` })

    expect(read(code, 'flow.ts')).toBe('one')
  })

  test('code that one of them uses is kept by the others, until it has ended', async () => {
    const first = repository.commit({ 'flow.ts': 'one' })
    const user = another(repository.folder)
    const { folder } = await user.prepared
    repository.commit({ 'flow.ts': 'two' })
    const limits = { codeKeepMax: 1 }

    ;(await prepare({}, { limits })).release()
    const during = existsSync(path.join(folder, 'flow.ts'))
    await user.finish()
    repository.commit({ 'flow.ts': 'three' })
    await prepare({}, { limits })

    expect(folder).toContain(first)
    expect([during, existsSync(path.join(folder, 'flow.ts'))]).toEqual([true, false])
  })
})

describe('time and interruptions', () => {
  test('a repository that does not answer is given up after its time', async () => {
    const real = systemClock()
    const due: (() => void)[] = []
    // Its time is over as soon as the request has arrived.
    const clock: Clock = {
      ...real,
      now: () => real.now(),
      sleep: (ms, signal) => real.sleep(ms, signal),
      timer: (_, callback) => (due.push(callback), () => undefined),
    }
    const server = await serve({
      before: async () => {
        for (const callback of due.splice(0)) callback()
        return await new Promise<never>(() => undefined)
      },
    })

    const error = await refusal(prepare({ repository: `${server.url}/flows.git` }, { clock, limits: { codeTimeoutMs: 7_000 } }))

    expect(error).toMatchObject({ code: 'CODE_TIMED_OUT', message: `${server.url}/flows.git has not answered git within 7 s` })
    expect(commandLines().filter((line) => line.includes(server.url))).toEqual([])
  })

  test('a run that is cancelled stops git, with all it has started', async () => {
    const abort = new AbortController()
    const reason = new Error('cancelled')
    let during: readonly string[] = []
    const server = await serve({
      before: async ({ url }) => {
        during = commandLines().filter((line) => line.includes(`${url?.split('/')[1] ?? ''}`) && line.includes('git'))
        abort.abort(reason)
        return await new Promise<never>(() => undefined)
      },
    })

    await expect(prepare({ repository: `${server.url}/flows.git` }, { signal: abort.signal })).rejects.toBe(reason)

    expect(during.length).toBeGreaterThan(1)
    expect(commandLines().filter((line) => line.includes(server.url))).toEqual([])
    expect(readdirSync(path.join(home, 'code/drafts'))).toEqual([])
  })

  test('a host that is unwell for a moment is asked again', async () => {
    const commit = repository.commit({ 'flow.ts': 'one' })
    let left = 2
    const server = await serve({ before: () => (left-- > 0 ? 503 : undefined) })

    const code = await prepare({ repository: `${server.url}/flows.git` }, { clock: impatientClock() })

    expect(code.commit).toBe(commit)
  })

  test('one that stays unwell is told', async () => {
    const server = await serve({ before: () => 503 })

    const error = await refusal(prepare({ repository: `${server.url}/flows.git` }, { clock: impatientClock() }))

    expect(error.code).toBe('CODE_REPOSITORY_UNREACHABLE')
    expect(error.message).toContain(`${server.url}/flows.git could not be reached in 3 attempts: fatal: unable to access`)
    expect(server.requests).toHaveLength(3)
  })
})

describe('what is missing is named', () => {
  test('a repository', async () => {
    const server = await serve()

    const overHttp = await refusal(prepare({ repository: `${server.url}/gone.git` }))
    const onDisk = await refusal(prepare({ repository: path.join(root, 'gone.git') }))

    expect([overHttp.code, onDisk.code]).toEqual(['CODE_REPOSITORY_NOT_FOUND', 'CODE_REPOSITORY_NOT_FOUND'])
    expect(overHttp.message).toContain(`${server.url}/gone.git is no repository`)
  })

  test('a branch or tag, with the one that was probably meant', async () => {
    const commit = repository.commit({ 'flow.ts': 'one' }, 'production')
    git(repository.folder, ['tag', 'v1.0', commit])

    const branch = await refusal(prepare({ branch: 'prodction' }))
    const tag = await refusal(prepare({ tag: 'v1.O' }))

    expect(branch).toMatchObject({
      code: 'CODE_REF_NOT_FOUND',
      message: `${repository.folder} has no branch prodction; did you mean production?`,
    })
    expect(tag.message).toBe(`${repository.folder} has no tag v1.O; did you mean v1.0?`)
  })

  test('a repository without any commit', async () => {
    expect((await refusal(prepare())).message).toBe(`${repository.folder} has no commit on a branch of its own`)
  })

  test('a commit', async () => {
    repository.commit({ 'flow.ts': 'one' })
    const server = await serve()
    const commit = 'ab'.repeat(20)

    const error = await refusal(prepare({ commit, repository: `${server.url}/flows.git` }))

    expect(error.code).toBe('CODE_COMMIT_NOT_FOUND')
    expect(error.message).toContain(`${server.url}/flows.git does not have the commit ${commit}`)
  })

  test('a folder and a file, with the repository and the commit', async () => {
    const commit = repository.commit({ 'flows/etl.ts': 'one' })
    const place = `${repository.folder} at ${commit.slice(0, 12)}, branch main`

    const folder = await refusal(prepare({ branch: 'main', directory: 'flow' }))
    const file = await refusal(prepare({ branch: 'main', directory: 'flows' }, { entrypoint: 'elt.ts:etl' }))
    const outside = await refusal(prepare({ branch: 'main' }, { entrypoint: '../../../etc/passwd' }))

    expect(folder).toMatchObject({
      code: 'CODE_FOLDER_NOT_FOUND',
      message: `there is no folder flow in ${place}; did you mean flows?`,
    })
    expect(file).toMatchObject({
      code: 'CODE_FILE_NOT_FOUND',
      message: `there is no file elt.ts in flows of ${place}; did you mean etl.ts?`,
    })
    expect(outside.code).toBe('CODE_FILE_NOT_FOUND')
  })

  test('a folder of this machine', async () => {
    const source = readCodeSource({ pullSteps: [], path: path.join(root, 'gone'), entrypoint: null })

    const error = await refusal(prepareCode(source, dependencies({}), new AbortController().signal))

    expect(error).toMatchObject({ code: 'CODE_FOLDER_NOT_FOUND', message: `there is no folder ${root}/gone on this machine` })
  })

  test('an export, and a package that the code imports', async () => {
    const flowFile = "import { flow } from 'tutti'\nexport const etl = flow({ name: 'etl' }, async () => 1)"
    repository.commit({ 'flow.ts': flowFile, 'needs.ts': "import 'no-such-package'" })
    const code = await prepare()
    const load = async (entrypoint: string): Promise<TuttiError> => {
      return await refusal(
        resolveFlow(path.join(code.folder, entrypoint)).catch((error: unknown) => {
          throw inCode(error, code)
        }),
      )
    }

    const flow = await load('flow.ts:elt')
    const dependency = await load('needs.ts')

    expect(flow.code).toBe('FLOW_NOT_FOUND')
    expect(flow.message).toBe(`flow.ts exports no flow elt; did you mean etl? (its flows are etl) (in ${code.place})`)
    expect(dependency.code).toBe('CODE_DEPENDENCY_MISSING')
    expect(dependency.message).toContain('the package no-such-package is not installed: needs.ts could not be loaded')
    expect(dependency.message).toContain(code.place)
    expect(dependency.message).not.toContain(home)
  })

  test('git itself', async () => {
    const error = await refusal(prepare({}, { environment: { PATH: root } }))

    expect(error).toMatchObject({ code: 'CODE_PROGRAM_MISSING', message: 'the program git is not on this machine' })
  })
})

describe('packages', () => {
  /** A package as a registry has it: `export const size = …`. */
  function aTarball(name: string, script = 'true'): Buffer {
    const folder = mkdtempSync(path.join(root, 'package-'))
    const manifest = { name, version: '1.0.0', type: 'module', exports: './index.js', scripts: { postinstall: script } }
    write(folder, { 'package/package.json': JSON.stringify(manifest), 'package/index.js': "export const size = 'large'" })
    return execFileSync('tar', ['-czf', '-', 'package'], { cwd: folder })
  }

  function manifests(name: string, resolved: string): Readonly<Record<string, string>> {
    const wanted = { [name]: resolved.startsWith('file:') ? resolved : '1.0.0' }
    const lock = {
      name: 'flows',
      lockfileVersion: 3,
      packages: {
        '': { name: 'flows', dependencies: wanted },
        [`node_modules/${name}`]: { version: '1.0.0', resolved, hasInstallScript: true },
      },
    }
    return { 'package.json': JSON.stringify({ name: 'flows', dependencies: wanted }), 'package-lock.json': JSON.stringify(lock) }
  }

  const FLOW = "import { flow } from 'tutti'\nimport { size } from 'boxes'\nexport const etl = flow({ name: size }, async () => 1)"

  /** Hands out one package, as a registry would; tells how often. */
  async function serveTarball(tarball: Buffer): Promise<{ readonly url: string; readonly asked: () => number }> {
    let asked = 0
    const server = createServer((_, response) => {
      asked += 1
      response.end(tarball)
    })
    await listen(server)
    const { port } = server.address() as AddressInfo // it listens on a port
    return { url: `http://127.0.0.1:${port}/boxes-1.0.0.tgz`, asked: () => asked }
  }

  async function listen(server: Server): Promise<void> {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    closing.push(async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    })
  }

  async function flowName({ folder }: PreparedCode, file = 'flow.ts'): Promise<string> {
    return (await resolveFlow(path.join(folder, file))).definition.name
  }

  test('of a lock file are installed once, by several at the same time and for every commit that has the same', async () => {
    const registry = await serveTarball(aTarball('boxes'))
    const files = manifests('boxes', registry.url)
    const first = repository.commit({ ...files, 'flow.ts': FLOW })
    const second = repository.commit({ ...files, 'flow.ts': `${FLOW}\n// changed` })

    const all = await Promise.all([first, second, first].map((commit) => prepare({ commit }, { entrypoint: 'flow.ts' })))
    const again = await prepare({ commit: second }, { entrypoint: 'flow.ts' })

    expect(await Promise.all(all.map((code) => flowName(code)))).toEqual(['large', 'large', 'large'])
    expect(again.how).toBe('cached')
    expect(registry.asked()).toBe(1)
    expect(lstatSync(path.join(again.folder, 'node_modules')).isSymbolicLink()).toBe(true)
    expect(readdirSync(path.join(home, 'code/drafts'))).toEqual([])
  })

  test('whose installation is cancelled leave no npm behind, and are installed by the next run', async () => {
    const abort = new AbortController()
    const reason = new Error('cancelled')
    const tarball = aTarball('boxes')
    const server = createServer((_, response) => {
      if (abort.signal.aborted) return void response.end(tarball)
      abort.abort(reason)
    })
    await listen(server)
    const { port } = server.address() as AddressInfo // it listens on a port
    repository.commit({ ...manifests('boxes', `http://127.0.0.1:${port}/boxes.tgz`), 'flow.ts': FLOW })

    await expect(prepare({}, { signal: abort.signal })).rejects.toBe(reason)
    const left = commandLines().filter((line) => line.startsWith('npm ci'))
    const code = await prepare()

    expect(left).toEqual([])
    expect(await flowName(code)).toBe('large')
  })

  test('another lock file is another installation', async () => {
    const registry = await serveTarball(aTarball('boxes'))
    const first = repository.commit({ ...manifests('boxes', registry.url), 'flow.ts': FLOW })
    const second = repository.commit({ ...manifests('boxes', `${registry.url}?new`), 'flow.ts': FLOW })

    const [one, two] = [await prepare({ commit: first }), await prepare({ commit: second })]

    expect([one.how, two.how]).toEqual(['fetched', 'fetched'])
    expect(realpathSync(path.join(one.folder, 'node_modules'))).not.toBe(realpathSync(path.join(two.folder, 'node_modules')))
  })

  test('that lie in the repository itself are installed beside its lock file, also for a folder below', async () => {
    repository.commit({
      ...manifests('boxes', 'file:vendor/boxes.tgz'),
      'vendor/boxes.tgz': aTarball('boxes'),
      'teams/data/flow.ts': FLOW,
    })

    const first = await prepare({ directory: 'teams/data' }, { entrypoint: 'flow.ts' })
    const again = await prepare({ directory: 'teams/data' }, { entrypoint: 'flow.ts' })

    expect(await flowName(first)).toBe('large')
    expect([first.how, again.how]).toEqual(['fetched', 'cached'])
  })

  test('run no install scripts unless the deployment says so', async () => {
    const tarball = aTarball('boxes', 'echo ran > ran.txt')
    repository.commit({ ...manifests('boxes', 'file:vendor/boxes.tgz'), 'vendor/boxes.tgz': tarball, 'flow.ts': FLOW })
    const ran = ({ folder }: PreparedCode): boolean => existsSync(path.join(folder, 'node_modules/boxes/ran.txt'))

    const without = await prepare()
    const withScripts = await prepare({ installScripts: true })

    expect([ran(without), ran(withScripts)]).toEqual([false, true])
  })

  test('are left out on request', async () => {
    repository.commit({ ...manifests('boxes', 'file:gone.tgz'), 'flow.ts': 'x' })

    const code = await prepare({ install: 'never' })

    expect(existsSync(path.join(code.folder, 'node_modules'))).toBe(false)
  })

  test('that are committed are taken as they are', async () => {
    repository.commit({
      ...manifests('boxes', 'file:gone.tgz'),
      'node_modules/boxes/package.json': '{ "name": "boxes", "type": "module", "exports": "./index.js" }',
      'node_modules/boxes/index.js': "export const size = 'committed'",
      'flow.ts': FLOW,
    })

    expect(await flowName(await prepare())).toBe('committed')
  })

  test('that cannot be installed are told in the words of npm; the next run tries again', async () => {
    const commit = repository.commit({ ...manifests('boxes', 'file:vendor/gone.tgz'), 'flow.ts': FLOW })

    const errors = [await refusal(prepare()), await refusal(prepare())]

    for (const error of errors) {
      expect(error.code).toBe('CODE_INSTALL_FAILED')
      expect(error.message).toContain(`npm could not install package-lock.json (in ${repository.folder} at ${commit.slice(0, 12)}):`)
      expect(error.message).toContain('gone.tgz')
    }
  })

  test.each([
    ['without any lock file', {}, 'CODE_LOCK_MISSING', 'teams/package.json has dependencies and no package-lock.json'],
    ['with one of pnpm', { 'pnpm-lock.yaml': '' }, 'CODE_LOCK_UNSUPPORTED', 'pnpm-lock.yaml is a lock file of pnpm'],
    ['with one of yarn', { 'teams/yarn.lock': '' }, 'CODE_LOCK_UNSUPPORTED', 'teams/yarn.lock is a lock file of yarn'],
  ])('%s cannot be installed', async (_, files, code, message) => {
    repository.commit({ 'teams/package.json': '{ "dependencies": { "boxes": "1.0.0" } }', 'teams/flow.ts': FLOW, ...files })

    const error = await refusal(prepare({}, { entrypoint: 'teams/flow.ts:etl' }))

    expect(error.code).toBe(code)
    expect(error.message).toContain(message)
  })

  test('tutti itself needs no lock file: it is the running copy', async () => {
    const flow = "import { flow } from 'tutti'\nexport const etl = flow({ name: 'plain' }, async () => 1)"
    repository.commit({ 'package.json': '{ "dependencies": { "tutti": "^0.1.0" } }', 'flow.ts': flow })

    expect(await flowName(await prepare({}, { entrypoint: 'flow.ts' }))).toBe('plain')
  })
})

describe('what git knows about a folder', () => {
  test('the commit, the branch, the author and the address without credentials; clean until something changes', async () => {
    const commit = repository.commit({ 'flows/etl.ts': 'one' })
    const work = path.join(root, 'work')
    git(root, ['clone', '--quiet', repository.folder, work])
    git(work, ['remote', 'set-url', 'origin', `https://ada:${TOKEN}@git.example.com/flows.git`])

    const clean = await gitInfo(path.join(work, 'flows'))
    write(work, { 'flows/new.ts': 'not committed' })
    const dirty = await gitInfo(work)

    const repositoryUrl = 'https://git.example.com/flows.git'
    expect(clean).toEqual({ commit, branch: 'main', author: 'Ada <ada@example.com>', dirty: false, repositoryUrl })
    expect(dirty?.dirty).toBe(true)
  })

  test('no branch where a commit is checked out, no address without a remote', async () => {
    const commit = repository.commit({ 'flow.ts': 'one' })
    const work = path.join(root, 'work')
    git(root, ['clone', '--quiet', repository.folder, work])
    git(work, ['checkout', '--quiet', commit])
    git(work, ['remote', 'remove', 'origin'])

    expect(await gitInfo(work)).toMatchObject({ commit, branch: null, repositoryUrl: null })
  })

  test('nothing where there is no repository, or one without a commit', async () => {
    mkdirSync(path.join(root, 'empty'))
    git(root, ['init', '--quiet', path.join(root, 'fresh')])

    expect(await gitInfo(path.join(root, 'empty'))).toBeNull()
    expect(await gitInfo(path.join(root, 'fresh'))).toBeNull()
  })
})
