import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { checkArchitecture } from './architecture/check.ts'
import { checkIntegration } from './architecture/integrations.ts'

const src = path.join(import.meta.dirname, '..', 'src')
const integrations = path.join(import.meta.dirname, '..', '..', '..', 'integrations')

function readSources(folder = src): Map<string, string> {
  const files = globSync('**/*.ts', { cwd: folder }).filter((file) => !file.endsWith('.test.ts'))
  return new Map(files.map((file) => [file.split(path.sep).join('/'), readFileSync(path.join(folder, file), 'utf8')]))
}

function dependenciesOf(integration: string): readonly string[] {
  const text = readFileSync(path.join(integrations, integration, 'package.json'), 'utf8')
  const { dependencies = {} } = JSON.parse(text) as { readonly dependencies?: Readonly<Record<string, string>> } // npm's format
  return Object.keys(dependencies)
}

const complaints = (file: string, text: string): string[] => checkArchitecture(new Map([[file, text]]))

test('every import in the package is one the table allows, and only system touches the world', () => {
  const sources = readSources()

  expect(sources.size).toBeGreaterThan(10)
  expect(checkArchitecture(sources)).toEqual([])
})

test.each([
  ['core/a.ts', `import { openStore } from '../store/sqlite.ts'`],
  ['core/a.ts', `import type { Tables } from '../store/tables.ts'`],
  ['core/a.ts', `export { openStore } from '../store/sqlite.ts'`],
  ['core/a.ts', `export * from '../store/sqlite.ts'`],
  ['core/a.ts', `const store = await import('../store/sqlite.ts')`],
  ['core/a.ts', `import '../engine/log.ts'`],
  ['core/a.ts', `import { readFile } from 'node:fs/promises'`],
  ['core/a.ts', `import { StandardSchemaV1 } from '@standard-schema/spec'`],
  ['core/a.ts', `import { build } from 'esbuild'`],
  ['engine/a.ts', `import { createClient } from '../client/index.ts'`],
  ['engine/a.ts', `import { build } from 'esbuild'`],
  ['orchestrator/a.ts', `import { openSqlite } from '../store/sqlite.ts'`],
  ['services/a.ts', `import { operations } from '../orchestrator/service-operations.ts'`],
  ['store/a.ts', `import { transition } from '../orchestrator/index.ts'`],
  ['sdk/flow.ts', `import { openSqlite } from '../store/sqlite.ts'`],
  ['cli/main.ts', `import { flow } from '../sdk/flow.ts'`],
  ['cli/main.ts', `import { readClock } from '../system/clock.ts'`],
  ['server/app.ts', `import { createOrchestrator } from '../orchestrator/index.ts'`],
  ['client/index.ts', `import { request } from 'node:http'`],
  ['engine/a.ts', `import { aFlowRun } from '../testing/builders.ts'`],
  ['engine/a.ts', `import { root } from '../../scripts/processes.ts'`],
  ['index.ts', `export { openSqlite } from './store/sqlite.ts'`],
])('an arrow the table does not have is refused: %s, %s', (file, text) => {
  expect(complaints(file, text)).toHaveLength(1)
})

test.each([
  ['core/a.ts', `import { z } from 'zod'\nimport type { StandardSchemaV1 } from '@standard-schema/spec'\nimport { b } from './b.ts'`],
  ['core/schedule/cron.ts', `import { Cron } from 'croner'\nimport { after } from '../time.ts'`],
  ['engine/a.ts', `import { transition } from '../core/flow-run.ts'\nimport { createHash } from 'node:crypto'`],
  ['engine/entrypoint/bundle.ts', `const { build } = await import('esbuild')`],
  ['orchestrator/a.ts', `import type { Store } from '../store/port.ts'`],
  ['services/a.ts', `import type { Operations } from '../orchestrator/service-operations.ts'`],
  ['sdk/embedded.ts', `import { openSqlite } from '../store/sqlite.ts'`],
  ['sdk/connect.ts', `import { clock } from '../system/clock.ts'`],
  ['cli/commands/run.ts', `const { flow } = await import('../../index.ts')\nimport { Command } from 'commander'`],
  ['system/clock.ts', `import { setTimeout } from 'node:timers/promises'\nexport const now = () => Date.now()`],
  ['index.ts', `export { flow } from './sdk/flow.ts'`],
])('an arrow the table has is accepted: %s, %s', (file, text) => {
  expect(complaints(file, text)).toEqual([])
})

test('a room that nobody listed is an error', () => {
  expect(complaints('helpers/strings.ts', 'export const a = 1')).toEqual([
    'helpers/strings.ts: no room is named helpers; rooms are listed in test/architecture/rooms.ts',
  ])
})

test.each([
  'const at = Date.now()',
  'const at = new Date()',
  'const at = Date()',
  'const chance = Math.random()',
  'const id = crypto.randomUUID()',
  `import { randomUUID } from 'node:crypto'`,
  `import * as crypto from 'node:crypto'`,
  `import { setTimeout } from 'node:timers/promises'`,
  `const { env } = await import('node:process')`,
  'const home = process.env.TUTTI_HOME',
  `const home = process['env']['TUTTI_HOME']`,
  `console.log('hello')`,
  'const print = { console }',
  'setTimeout(() => {}, 1)',
  'globalThis.setTimeout(() => {}, 1)',
  'const later = setInterval',
  'const started = performance.now()',
])('outside of system the world is out of reach: %s', (text) => {
  expect(complaints('sdk/a.ts', text)).toHaveLength(1)
})

test.each(['process.pid', 'setImmediate(() => {})', `fetch('http://localhost')`, 'globalThis.anything'])(
  'core is pure: %s is refused there',
  (text) => {
    expect(complaints('core/a.ts', text).length).toBeGreaterThan(0)
  },
)

test.each([
  '// console.log(Date.now())',
  `const text = 'Date.now() and console.log'`,
  'const at = new Date(0)',
  'const { log: console } = options\nconsole.info(1)',
  'function run(process: { env: string }) { return process.env }',
  'interface Deps { readonly console: string; setTimeout(ms: number): void }',
  'const deps = { setTimeout: clock.setTimeout }',
  'let timer: ReturnType<typeof setTimeout> | undefined',
  'class Timer { setTimeout = 1; console() { return this.setTimeout } }',
])('what only looks like the world is not refused: %s', (text) => {
  expect(complaints('sdk/a.ts', text)).toEqual([])
})

test('the engine may wait for the next turn of the event loop, and for nothing longer', () => {
  expect(complaints('engine/journal.ts', 'setImmediate(() => {})')).toEqual([])
  expect(complaints('engine/journal.ts', 'setTimeout(() => {}, 0)')).toHaveLength(1)
})

test('a complaint names the file, the line and what is wrong', () => {
  expect(complaints('core/time.ts', '\n\nexport const now = () => Date.now()\n')).toEqual([
    'core/time.ts:3 must not use Date.now: only system/ touches it',
  ])
})

test.each(globSync('*/package.json', { cwd: integrations }).map(path.dirname))(
  'the integration %s knows the public doors of tutti and its own dependencies, and loads what is heavy when it needs it',
  (integration) => {
    const sources = readSources(path.join(integrations, integration, 'src'))

    expect(sources.size).toBeGreaterThan(0)
    expect(checkIntegration({ sources, dependencies: dependenciesOf(integration) })).toEqual([])
  },
)

test.each([
  ['storage.ts', `import { run } from '../../../packages/tutti/src/index.ts'`],
  ['storage.ts', `import { TuttiError } from 'tutti/core'`],
  ['storage.ts', `import { testTutti } from 'tutti/testing'`],
  ['storage.ts', `import { createClient } from 'tutti/client'`],
  ['storage.ts', `import { parse } from 'csv-parse'`],
  ['storage.ts', `import { Storage } from '@google-cloud/storage'`],
])('an integration may not: %s, %s', (file, text) => {
  expect(checkIntegration({ sources: new Map([[file, text]]), dependencies: ['@google-cloud/storage', 'zod'] })).toHaveLength(1)
})

test.each([
  ['storage.ts', `import { run } from 'tutti'\nimport { readFile } from 'node:fs/promises'\nimport { z } from 'zod'`],
  ['storage.ts', `import type { Bucket } from '@google-cloud/storage'\nconst { Storage } = await import('@google-cloud/storage')`],
  ['storage/list.ts', `import { request } from '../request.ts'`],
  ['storage.test.ts', `import { testTutti } from 'tutti/testing'\nimport { Storage } from '@google-cloud/storage'`],
])('an integration may: %s, %s', (file, text) => {
  expect(checkIntegration({ sources: new Map([[file, text]]), dependencies: ['@google-cloud/storage', 'zod'] })).toEqual([])
})
