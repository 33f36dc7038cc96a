import { registerHooks } from 'node:module'
import { pathToFileURL } from 'node:url'
import { readOwnPackage } from './own-package.ts'

/**
 * A bundle lies elsewhere than the files it was made of, but what they import must be found from where they are. So an import of a package
 * is written into the bundle together with the file that asked, and a resolve hook of this thread hands both to Node's own resolution.
 * The same hook gives `tutti` to everybody, libraries included, as the copy that runs already.
 */
const SCHEME = 'tutti-import:'

const WRITTEN = /tutti-import:([^?'"\s]+)\?from=[^'"\s)]+/g

/** What a bundle says for `import 'specifier'` in the file `importer`. */
export function importFrom(specifier: string, importer: string): string {
  return `${SCHEME}${encodeURIComponent(specifier)}?from=${encodeURIComponent(pathToFileURL(importer).href)}`
}

/** The text with specifiers as their authors wrote them. */
export function readableSpecifiers(text: string): string {
  return text.replace(WRITTEN, (_, specifier: string) => decodeURIComponent(specifier))
}

interface Hooks {
  /** URL of a bundle → URL of its entry file, for imports that are only known when they are made. */
  readonly origins: Map<string, string>
}

const HOOKS = Symbol.for('tutti.module-hooks')

/** Makes imports of the bundle at `url` count as imports of its entry file. */
export function setOrigin(url: string, fileUrl: string): void {
  // Hooks are a thread's own, and so is its globalThis: two copies of this package must not both install them.
  const holder = globalThis as { [HOOKS]?: Hooks }
  const hooks = (holder[HOOKS] ??= install())
  hooks.origins.set(url, fileUrl)
}

function install(): Hooks {
  const origins = new Map<string, string>()
  const { doorUrl } = readOwnPackage()
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const door = doorUrl(specifier)
      if (door !== undefined) return { url: door, shortCircuit: true }
      if (specifier.startsWith(SCHEME)) {
        const written = new URL(specifier)
        const parentURL = written.searchParams.get('from') ?? context.parentURL
        return nextResolve(decodeURIComponent(written.pathname), { ...context, parentURL })
      }
      const origin = context.parentURL === undefined ? undefined : origins.get(context.parentURL)
      return nextResolve(specifier, origin === undefined ? context : { ...context, parentURL: origin })
    },
  })
  return { origins }
}
