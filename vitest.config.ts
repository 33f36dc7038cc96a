import { defineConfig } from 'vitest/config'

/** The packages' own sources, not their builds: tests need no build and stack traces show what was written. */
const conditions = ['tutti-source', 'node', 'import', 'module', 'default']
const resolve = { conditions }
/** Packages choose between their forms by how they are loaded: `import` as a condition would give a `require` the wrong one. */
const own = ['tutti-source', 'node']
const ssr = { resolve: { conditions: own, externalConditions: own } }

const threads = { pool: 'threads', isolate: false } as const
/** Child processes run the sources too; what they are started with is inherited from here. */
const forks = { pool: 'forks' as const, execArgv: ['--conditions=tutti-source', '--disable-warning=ExperimentalWarning'] }

export default defineConfig({
  resolve,
  ssr,
  test: {
    projects: [
      {
        resolve,
        ssr,
        test: {
          name: 'unit',
          include: [
            'packages/*/src/**/*.test.ts',
            'packages/*/test/*.test.ts',
            'bench/**/*.test.ts',
            'scripts/**/*.test.ts',
            'integrations/*/src/**/*.test.ts',
          ],
          // A busy machine is no failure.
          testTimeout: 30_000,
          ...threads,
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'conformance',
          include: ['packages/tutti/test/conformance/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          ...forks,
        },
      },
      {
        resolve,
        ssr,
        test: { name: 'crash', include: ['packages/tutti/test/crash/**/*.test.ts'], testTimeout: 300_000, hookTimeout: 60_000, ...forks },
      },
      {
        resolve,
        ssr,
        test: { name: 'e2e', include: ['packages/tutti/test/e2e/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 60_000, ...forks },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'postgres',
          include: ['packages/tutti/test/postgres/**/*.test.ts', 'packages/tutti/test/conformance/protocol/**/*.test.ts'],
          // Hundreds of databases for one property: what they show does not depend on the database.
          exclude: ['**/*.properties.test.ts'],
          globalSetup: ['packages/tutti/test/postgres/cluster.setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          ...forks,
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'integrations',
          include: ['integrations/*/test/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          ...forks,
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'browser',
          include: ['packages/tutti/test/browser/**/*.test.ts'],
          globalSetup: ['packages/tutti/test/browser/built.setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          ...forks,
        },
      },
      { resolve, ssr, test: { name: 'docs', include: ['examples/**/*.test.ts', 'docs/**/*.test.ts'], testTimeout: 120_000, ...forks } },
    ],
  },
})
