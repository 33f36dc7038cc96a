// The test suites, as data: what each is for, which parts of the machine it needs, how it is started.
import { existsSync, globSync } from 'node:fs'
import path from 'node:path'
import { root } from './processes.ts'

export interface Suite {
  readonly name: string
  /** A suite without any of these files has nothing to run. */
  readonly files: string
  /** Debian parts it starts; see `setup-test-parts.txt`. */
  readonly commands: readonly string[]
  readonly run: VitestRun | { readonly type: 'script'; readonly node: string; readonly file: string }
}

interface VitestRun {
  readonly type: 'vitest'
  /** Files at once, for suites that wait for processes more than they compute; else as many as the runner thinks fit. */
  readonly filesAtOnce?: number
}

/** Two cores are kept busy by it, and what a test allows a process is still enough. */
const WAITING: VitestRun = { type: 'vitest', filesAtOnce: 3 }

const node22 = 'node_modules/node22-linux-x64/bin/node'

export const suites: readonly Suite[] = [
  { name: 'unit', files: 'packages/*/src/**/*.test.ts', commands: [], run: { type: 'vitest' } },
  { name: 'conformance', files: 'packages/tutti/test/conformance/**/*.test.ts', commands: [], run: WAITING },
  { name: 'crash', files: 'packages/tutti/test/crash/**/*.test.ts', commands: [], run: WAITING },
  { name: 'e2e', files: 'packages/tutti/test/e2e/**/*.test.ts', commands: ['git'], run: WAITING },
  { name: 'postgres', files: 'packages/tutti/test/postgres/**/*.test.ts', commands: ['initdb', 'pgbouncer'], run: WAITING },
  { name: 'docs', files: '{docs,examples}/**/*.test.ts', commands: [], run: WAITING },
  { name: 'integrations', files: 'integrations/*/test/**/*.test.ts', commands: [], run: WAITING },
  { name: 'browser', files: 'packages/tutti/test/browser/**/*.test.ts', commands: ['chromium'], run: WAITING },
  {
    name: 'node22',
    files: 'packages/tutti/test/smoke/main.ts',
    commands: [],
    run: { type: 'script', node: node22, file: 'packages/tutti/test/smoke/main.ts' },
  },
]

/** Why a suite cannot run here and how to change that, or nothing when all its parts are present. */
export function missingPart(suite: Suite): string | undefined {
  const [first] = globSync(suite.files, { cwd: root, exclude: (name) => name === 'node_modules' })
  if (first === undefined) return `there is no ${suite.files} yet`
  const command = suite.commands.find((name) => !isOnPath(name))
  if (command !== undefined) return `the command ${command} is missing: npm run setup:test`
  if (suite.run.type === 'script' && !existsSync(path.join(root, suite.run.node))) {
    return `${suite.run.node} is missing: npm ci on Linux x64 installs it`
  }
  return undefined
}

/** Debian keeps a server's programs beside the path: each version of PostgreSQL has a folder, and daemons are for root. */
const besidePath = ['/usr/lib/postgresql/*/bin', '/usr/sbin']

function isOnPath(command: string): boolean {
  const onPath = (process.env['PATH'] ?? '').split(path.delimiter).some((folder) => existsSync(path.join(folder, command)))
  return onPath || besidePath.some((folder) => globSync(`${folder}/${command}`).length > 0)
}
