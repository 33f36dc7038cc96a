// Holds the sources of an integration against its own rule: of Tutti it knows the public doors, and nothing else of this repository.
import path from 'node:path'
import { readSourceFile, type Import } from './source-file.ts'

export interface IntegrationSources {
  /** Text by path below `src/`, with forward slashes. */
  readonly sources: ReadonlyMap<string, string>
  /** What its package.json depends on, besides `tutti`. */
  readonly dependencies: readonly string[]
}

const DOORS: readonly string[] = ['tutti', 'tutti/worker']
/** The kit for tests is for tests. */
const TEST_DOORS: readonly string[] = [...DOORS, 'tutti/testing', 'vitest']
/** Small enough to be loaded with the door; what is heavy is loaded when it is first needed. */
const LIGHT: readonly string[] = ['zod']

/** Answers with one sentence for every import that is not allowed. */
export function checkIntegration({ sources, dependencies }: IntegrationSources): string[] {
  return [...sources].flatMap(([file, text]) =>
    readSourceFile(file, text)
      .imports.map((each) => ({ each, problem: problemOf(file, each, dependencies) }))
      .filter(({ problem }) => problem !== undefined)
      .map(({ each, problem }) => `${file}:${each.line} ${problem}`),
  )
}

function problemOf(file: string, { specifier, isType, isLazy }: Import, dependencies: readonly string[]): string | undefined {
  if (specifier.startsWith('.')) {
    const target = path.posix.normalize(path.posix.join(path.posix.dirname(file), specifier))
    return target.startsWith('..') ? `must not import ${specifier}: it lies outside of the package` : undefined
  }
  const isTest = file.endsWith('.test.ts')
  if (specifier.startsWith('node:') || (isTest ? TEST_DOORS : DOORS).includes(specifier)) return undefined
  const name = packageOf(specifier)
  if (!dependencies.includes(name)) return `must not import ${specifier}: neither a door of tutti nor a dependency of its own`
  if (isType || isLazy || isTest || LIGHT.includes(name)) return undefined
  return `must load ${specifier} with import() where it is first needed`
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}
