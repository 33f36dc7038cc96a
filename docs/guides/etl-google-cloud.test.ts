// Types what the guide says into an empty folder, in its order: its files, its commands. Only the places are others: the web, Cloud Storage, BigQuery,
// the webhook and the git server are of this machine, and the packages are those of this repository instead of the registry's.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClient } from 'tutti/client'
import { openLocalCloud } from '../../examples/etl-gcp/local/cloud.ts'
import type { LocalCloud } from '../../examples/etl-gcp/local/cloud.ts'
import { countTrips } from '../../examples/etl-gcp/local/count.ts'
import { smallFlights } from '../../examples/etl-gcp/local/small.ts'
import { serveGoogleIdentity } from '../../integrations/gcp/test/tools/google-identity.ts'
import type { GoogleIdentity } from '../../integrations/gcp/test/tools/google-identity.ts'
import { freePort } from '../../packages/tutti/test/crash/server-process.ts'
import { makeRepository } from '../../packages/tutti/test/tools/git-repository.ts'
import { serveGit } from '../../packages/tutti/test/tools/git-server.ts'
import type { GitServer } from '../../packages/tutti/test/tools/git-server.ts'

const repositoryRoot = path.join(import.meta.dirname, '..', '..')
const guide = readFileSync(path.join(import.meta.dirname, 'etl-google-cloud.md'), 'utf8')
const TOKEN = 'a-token-that-nobody-may-see'
const AUDIENCE = '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/secret-audience'

/** In their order: a file with its name above it, or commands. */
const blocks = [...guide.matchAll(/(?:\*\*([\w.-]+)\*\*\n\n)?```(ts|sh)\n(.*?)^```$/gms)].map(([, file, language, text = '']) => ({
  file: language === 'ts' ? file : undefined,
  // The published trips are of 2021; what the web of this test has is of 2001.
  text: language === 'ts' ? text : text.replaceAll('2021', '2001'),
}))

let folder: string
let project: string
let home: string
let cloud: LocalCloud
let identity: GoogleIdentity
let git: GitServer
let port: number
let environment: Record<string, string>
const started: ChildProcess[] = []

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'tutti-guide-'))
  project = path.join(folder, 'project')
  home = path.join(folder, 'home')
  for (const each of ['project', 'home', 'bin', 'repositories']) mkdirSync(path.join(folder, each))
  cloud = await openLocalCloud({ folder: path.join(folder, 'cloud'), flights: await smallFlights(folder) })
  identity = await serveGoogleIdentity('')
  makeRepository(path.join(folder, 'repositories'), 'trips')
  git = await serveGit({ root: path.join(folder, 'repositories'), token: TOKEN })
  port = await freePort()
  writeFileSync(path.join(folder, 'subject-token'), 'token of another provider')
  writeFileSync(path.join(folder, 'key.json'), JSON.stringify(externalAccount()))
  writePrograms()
  environment = environmentOfTest()
})

afterAll(async () => {
  for (const child of started) {
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, 'SIGKILL')
  }
  await Promise.all([cloud[Symbol.asyncDispose](), identity.close(), git.close()])
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})

/** A key that Google would exchange for a token; here the identity server does. */
function externalAccount(): object {
  return {
    type: 'external_account',
    audience: AUDIENCE,
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: `${identity.url}/v1/token`,
    credential_source: { file: path.join(folder, 'subject-token') },
  }
}

/** `node`, `npx tutti` and `npm install` of this repository. All else of npm is npm's own. */
function writePrograms(): void {
  const node = `exec '${process.execPath}' --conditions=tutti-source --disable-warning=ExperimentalWarning`
  const main = path.join(repositoryRoot, 'packages', 'tutti', 'src', 'cli', 'main.ts')
  const modules = `ln -sfn '${path.join(repositoryRoot, 'node_modules')}' node_modules`
  program('node', `${node} "$@"`)
  program('npx', `[ "$1" = tutti ] || exit 1; shift\n[ "$1 $2" = 'server start' ] && set -- "$@" --port ${port}\n${node} '${main}' "$@"`)
  program(
    'npm',
    `case "$1" in
      install) shift; '${process.execPath}' '${path.join(folder, 'bin', 'add.mjs')}' "$@"; ${modules};;
      ci) ${modules};;
      *) PATH=\${PATH#*:}; exec npm "$@";;
    esac`,
  )
  writeFileSync(
    path.join(folder, 'bin', 'add.mjs'),
    `import fs from 'node:fs'
    const manifest = JSON.parse(fs.readFileSync('package.json', 'utf8'))
    manifest.dependencies = Object.fromEntries(process.argv.slice(2).map((name) => [name, '*']))
    fs.writeFileSync('package.json', JSON.stringify(manifest))
    fs.writeFileSync('package-lock.json', JSON.stringify({ lockfileVersion: 3, packages: { '': { dependencies: manifest.dependencies } } }))`,
  )
}

function program(name: string, text: string): void {
  const file = path.join(folder, 'bin', name)
  writeFileSync(file, `#!/bin/bash\n${text}\n`)
  chmodSync(file, 0o755)
}

function environmentOfTest(): Record<string, string> {
  return {
    PATH: `${path.join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
    HOME: folder,
    TUTTI_HOME: home,
    // Who commits, and the token that whoever pushes has.
    GIT_AUTHOR_NAME: 'Ada',
    GIT_AUTHOR_EMAIL: 'ada@example.com',
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'ada@example.com',
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'http.extraHeader',
    GIT_CONFIG_VALUE_0: `Authorization: Bearer ${TOKEN}`,
    METADATA_SERVER_DETECTION: 'none',
    TRIPS_SOURCE: cloud.web.url,
    STORAGE_ENDPOINT: cloud.gcs.url,
    BIGQUERY_ENDPOINT: cloud.bigquery.url,
  }
}

/** What the guide exports, and what it is here. */
function exported(): Readonly<Record<string, string>> {
  return {
    GOOGLE_KEY: path.join(folder, 'key.json'),
    TRIPS_PROJECT: 'trips',
    TRIPS_BUCKET: 'my-project-trips',
    TRIPS_WEBHOOK: cloud.webhook.url,
    TRIPS_REPOSITORY: `${git.url}/trips.git`,
    TRIPS_TOKEN: TOKEN,
  }
}

/** Exports are taken over with the values of the test; they last as in a terminal. */
function withExports(commands: string): string {
  return commands.replaceAll(/^export (\w+)=.*\n/gm, (_, name: string) => {
    const value = exported()[name]
    if (value === undefined) throw new Error(`the guide exports ${name}, which the test does not know`)
    environment[name] = value
    return ''
  })
}

/** Runs commands to their end; those that go on are left running once they have said that they are ready. */
async function type(commands: string): Promise<string> {
  const ready = commands.includes('server start')
    ? 'Tutti is ready'
    : commands.includes('worker start')
      ? 'serves the work pool'
      : undefined
  // The deployment takes the place of the web from the environment when it is made.
  const text = withExports(commands).replace('run flows.ts:etlTrips', `run flows.ts:etlTrips --param source=${cloud.web.url}`)
  const child = spawn('bash', ['-euo', 'pipefail', '-c', text], {
    cwd: project,
    env: environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  started.push(child)
  return await new Promise((resolve, reject) => {
    let output = ''
    const add = (chunk: Buffer): void => {
      output += chunk.toString()
      if (ready !== undefined && output.includes(ready)) resolve(output)
    }
    child.stdout.on('data', add)
    child.stderr.on('data', add)
    child.on('close', (code) => (code === 0 ? resolve(output) : reject(new Error(`${text}ended with ${code}:\n${output}`))))
  })
}

/** Files of the home in which a text stands; packages are this repository's, with this test in their caches. */
function filesWith(text: string, below = home): readonly string[] {
  return readdirSync(below, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(below, entry.name)
    if (entry.isDirectory()) return filesWith(text, file)
    return entry.isFile() && readFileSync(file).includes(text) ? [path.relative(home, file)] : []
  })
}

test(
  'an empty folder becomes a pipeline that runs every month, by what the guide says and nothing else',
  { timeout: 600_000 },
  async () => {
    const printed: string[] = []
    for (const { file, text } of blocks) {
      if (file !== undefined) writeFileSync(path.join(project, file), text)
      else printed.push(await type(text))
    }

    // January by hand, green of February by the deployment, March and April for the schedule's times.
    const counted = (await countTrips([1, 2, 3, 4], path.join(folder, 'flights.parquet'))).filter(
      ({ file }) => file !== 'yellow/yellow_tripdata_2001-02',
    )
    const loaded = await cloud.loaded()
    expect(loaded).toEqual(counted.map(({ file, kept }) => ({ file, loaded: kept })).toSorted((a, b) => (a.file < b.file ? -1 : 1)))

    const client = createClient({ url: `http://127.0.0.1:${port}/api` })
    const deployment = await client.deployments.readByName({ flow_name: 'etl-trips', deployment_name: 'monthly' })
    expect(deployment).toMatchObject({
      work_pool_name: 'etl',
      schedules: [{ active: true, schedule: { cron: '0 5 1 * *', timezone: 'UTC' } }],
    })
    const runs = await client.flowRuns.filter({
      body: { deployments: { id: { any_: [deployment.id] } }, flow_runs: { state: { type: { any_: ['COMPLETED'] } } } },
    })
    const head = (await type('git rev-parse HEAD')).trim()
    expect(runs.map(({ labels }) => labels['tutti.commit'])).toEqual([head, head, head])

    expect(cloud.webhook.texts.toSorted()).toHaveLength(4)
    const rows = cloud.webhook.texts.map((text) => Number(/^✅ etl-trips .*: (\d+) rows$/.exec(text)?.[1]))
    expect(rows.reduce((sum, each) => sum + each, 0)).toBe(counted.reduce((sum, { kept }) => sum + kept, 0))
    const artifacts = await client.artifacts.list({ body: { artifacts: { key: { any_: ['trips-loaded'] } } } })
    const published = artifacts.map(({ description }) => Number(/^(\d+) rows/.exec(description ?? '')?.[1]))
    expect(new Set(published)).toEqual(new Set(rows))

    // The credentials were used, by the processes of the worker too, and are nowhere to be read.
    expect(identity.asked.length).toBeGreaterThan(1)
    for (const secret of [AUDIENCE, cloud.webhook.url, TOKEN]) {
      expect({ secret, files: filesWith(secret) }).toEqual({ secret, files: [] })
      expect(printed.join('\n')).not.toContain(secret)
    }
  },
)
