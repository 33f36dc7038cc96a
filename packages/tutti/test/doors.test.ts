import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

/** What users may import, by name. A line added or removed here is a change of the public promise. */
const doors: Readonly<Record<string, readonly string[]>> = {
  tutti: [
    'Cancelled',
    'Completed',
    'Failed',
    'FlowDeployment',
    'JsonBlock',
    'MapError',
    'RunFuture',
    'RunState',
    'Secret',
    'TaskMap',
    'TuttiError',
    'allowFailure',
    'archive',
    'artifact',
    'block',
    'connect',
    'cron',
    'defineBlock',
    'defineConfig',
    'every',
    'exponential',
    'flow',
    'git',
    'inThread',
    'isBlockType',
    'isFlow',
    'isProjectConfig',
    'isTask',
    'isTuttiError',
    'log',
    'parseDuration',
    'pause',
    'registerClass',
    'registerSecretSource',
    'rrule',
    'run',
    'runDeployment',
    'secret',
    'serve',
    'sleep',
    'sleepUntil',
    'tags',
    'task',
    'transaction',
    'unmapped',
    'variable',
    'waitForInput',
  ],
  'tutti/worker': ['runWorker', 'startWorker'],
  'tutti/client': ['TuttiError', 'createClient', 'isTuttiError'],
  'tutti/testing': ['checkReplay', 'matchers', 'testTutti'],
}

/** What `import 'tutti'` may not load: nobody who writes a flow should wait for the server, or for what a run may never need. */
const heavy = [
  /\/src\/(server|client|cli|worker|services|testing)\//,
  /\/node_modules\/(zod|kysely|esbuild|commander|hono|pg|ws|cbor-x|devalue|croner|rrule-temporal)\//,
]

interface Loaded {
  readonly names: readonly string[]
  readonly urls: readonly string[]
  /** Modules of Node. */
  readonly builtins: readonly string[]
  readonly importMs: number
}

/** Imports a door in a process of its own. */
async function importDoor(door: string): Promise<Loaded> {
  const tracer = path.join(import.meta.dirname, 'doors', 'trace-import.ts')
  const args = ['--conditions=tutti-source', '--disable-warning=ExperimentalWarning', tracer, door]
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname })
  return JSON.parse(stdout) as Loaded // printed by trace-import.ts
}

test.each(Object.keys(doors))('the door %s exports what its list names, and nothing else', async (door) => {
  const { names } = await importDoor(door)

  expect(names).toEqual(doors[door])
})

test('importing tutti loads no server and none of the libraries a flow may never need', async () => {
  const { urls, importMs } = await importDoor('tutti')

  console.log(`import 'tutti' from its sources: ${importMs.toFixed(0)} ms, ${urls.length} files`)
  expect(urls.filter((url) => heavy.some((pattern) => pattern.test(url)))).toEqual([])
  expect(urls.some((url) => url.endsWith('/packages/tutti/src/index.ts'))).toBe(true)
})

test('importing tutti/client loads what browsers have too, and nothing of Node', async () => {
  const { urls, builtins } = await importDoor('tutti/client')

  expect(builtins).toEqual([])
  expect(urls.filter((url) => url.includes('/node_modules/') && !/\/node_modules\/zod\//.test(url))).toEqual([])
  expect(urls.filter((url) => url.includes('/src/') && !/\/src\/(?:api|client|core|system\/clock\.ts)/.test(url))).toEqual([])
  expect(urls.some((url) => url.endsWith('/packages/tutti/src/client/index.ts'))).toBe(true)
})

test('the trace sees the files of a library that is loaded', async () => {
  const { urls } = await importDoor('kysely')

  expect(urls.some((url) => heavy.some((pattern) => pattern.test(url)))).toBe(true)
})
