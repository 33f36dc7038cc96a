import { hash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

/** What a bundle was made of, so that a later start can tell whether it would come out the same. */
export interface Inputs {
  /** Hash of the content by absolute path. */
  readonly files: Readonly<Record<string, string>>
  /** Files that were looked for and not there: one that appears would be taken. */
  readonly absent: readonly string[]
}

export function hashOf(content: string | Uint8Array): string {
  return hash('sha256', content, 'hex').slice(0, 32)
}

/** Reads every input again. Content counts, not times: a checkout or a copy changes nothing. */
export function areCurrent({ files, absent }: Inputs): boolean {
  for (const [file, known] of Object.entries(files)) if (hashOfFile(file) !== known) return false
  return !absent.some((file) => existsSync(file))
}

export function hashOfFile(file: string): string | undefined {
  try {
    return hashOf(readFileSync(file))
  } catch {
    // Gone or no longer readable: not what it was.
    return undefined
  }
}

/** The configuration that decides how files are read: for each the nearest `tsconfig.json` and `package.json`, and what these extend. */
export function configurationOf(files: readonly string[]): { readonly present: readonly string[]; readonly absent: readonly string[] } {
  const present = new Set<string>()
  const absent = new Set<string>()
  for (const name of ['tsconfig.json', 'package.json']) {
    const seen = new Set<string>()
    for (const file of files) {
      for (let folder = path.dirname(file); !seen.has(folder); folder = path.dirname(folder)) {
        seen.add(folder)
        const candidate = path.join(folder, name)
        if (existsSync(candidate)) {
          addWithExtended(candidate, present)
          break
        }
        absent.add(candidate)
      }
    }
  }
  return { present: [...present], absent: [...absent] }
}

function addWithExtended(file: string, into: Set<string>): void {
  if (into.has(file) || !existsSync(file)) return
  into.add(file)
  if (path.basename(file) === 'package.json') return
  // The file may have comments; only this one member is of interest, so no reader of that dialect is needed.
  const extended = /"extends"\s*:\s*(\[[^\]]*\]|"[^"]*")/.exec(readFileSync(file, 'utf8'))?.[1] ?? ''
  for (const [, specifier = ''] of extended.matchAll(/"([^"]+)"/g)) {
    const base = resolveExtended(specifier, file)
    if (base !== undefined) addWithExtended(base, into)
  }
}

function resolveExtended(specifier: string, from: string): string | undefined {
  if (specifier.startsWith('.') || path.isAbsolute(specifier)) {
    const base = path.resolve(path.dirname(from), specifier)
    return [base, `${base}.json`, path.join(base, 'tsconfig.json')].find((each) => each.endsWith('.json') && existsSync(each))
  }
  const { resolve } = createRequire(from)
  for (const candidate of [specifier, `${specifier}.json`, `${specifier}/tsconfig.json`]) {
    try {
      const found = resolve(candidate)
      if (found.endsWith('.json')) return found
    } catch {
      // Not under this name; the bundler says so if it is under none.
    }
  }
  return undefined
}

const EXTENSIONS = ['.tsx', '.ts', '.jsx', '.js', '.css', '.json']

/** Files that would be taken instead of `found` for `import './x'`, if there were any. */
export function rivalsOf(specifier: string, importer: string, found: string): readonly string[] {
  if (!/^\.\.?(?:\/|$)/.test(specifier)) return []
  const base = path.resolve(path.dirname(importer), specifier)
  if (base === found) return []
  const written = /\.([cm]?)jsx?$/.exec(base)
  const asTypeScript = written === null ? [] : [base.replace(/js(x?)$/, 'ts$1'), base.replace(/jsx?$/, 'tsx')]
  const candidates = [
    base,
    ...asTypeScript,
    ...EXTENSIONS.map((extension) => base + extension),
    ...EXTENSIONS.map((extension) => path.join(base, `index${extension}`)),
  ]
  return candidates.filter((candidate) => candidate !== found && !existsSync(candidate))
}
