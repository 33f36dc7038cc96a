import { readFileSync } from 'node:fs'

/** The running copy of this package: users' files get this one, whatever lies in their own `node_modules`. */
export interface OwnPackage {
  readonly version: string
  /** The URL of a door (`tutti`, `tutti/testing`); `undefined` for what is none. */
  readonly doorUrl: (specifier: string) => string | undefined
}

/** Where this file runs from says which form of the doors to use: TypeScript sources or what was built from them. */
const CONDITIONS = import.meta.url.endsWith('.ts') ? ['tutti-source'] : ['default']

export function readOwnPackage(): OwnPackage {
  // The same depth in `src/` and in `dist/`.
  const file = new URL('../../../package.json', import.meta.url)
  // Our own file: its shape is known.
  const { name, version, exports } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly name: string
    readonly version: string
    readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  }
  return {
    version,
    doorUrl(specifier) {
      if (specifier !== name && !specifier.startsWith(`${name}/`)) return undefined
      const subpath = `.${specifier.slice(name.length)}`
      const door = Object.hasOwn(exports, subpath) ? exports[subpath] : undefined
      const target = typeof door === 'object' ? CONDITIONS.map((condition) => door[condition]).find((each) => each !== undefined) : door
      return target === undefined ? undefined : new URL(target, file).href
    },
  }
}
