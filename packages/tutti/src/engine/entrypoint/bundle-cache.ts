import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { threadId } from 'node:worker_threads'
import { areCurrent, hashOf } from './inputs.ts'
import type { Inputs } from './inputs.ts'
import type { Bundle } from './bundle.ts'
import type { OwnPackage } from './own-package.ts'

/**
 * Bundles of earlier starts. One file each, named after its entry and the versions that made it. Its first line says what it was made of,
 * so a start needs nothing but hashes to know that it may be used.
 */
export interface BundleCache {
  readonly folder: string
}

/** What the first line of a stored bundle says. */
interface Header {
  readonly inputs: Inputs
  readonly isCommonJs: boolean
  /** Hash of all lines after the first: a file cut by a power failure is not used. */
  readonly body: string
}

export interface StoredBundle {
  readonly file: string
  /** Differs whenever the content does: one process may load two versions. */
  readonly version: string
  readonly inputs: Inputs
  readonly isCommonJs: boolean
}

/** Bundles kept in one folder. */
const BUNDLES_MAX = 200

const HEADER = '//tutti '

/**
 * The cache for an entry: `node_modules/.cache/tutti` nearest to it, else the given folder; `undefined` when neither can be written by us
 * alone. What lies there is run, so nobody else may write it.
 */
export function openBundleCache(entry: string, fallback: string | undefined): BundleCache | undefined {
  const modules = nearestModules(path.dirname(entry))
  if (modules !== undefined) {
    const folder = path.join(modules, '.cache', 'tutti')
    if (isOwn(folder, { shared: path.join(modules, '.cache') })) return { folder }
  }
  return fallback !== undefined && isOwn(fallback, {}) ? { folder: fallback } : undefined
}

function nearestModules(from: string): string | undefined {
  for (let folder = from; ; folder = path.dirname(folder)) {
    const candidate = path.join(folder, 'node_modules')
    if (existsSync(candidate)) return candidate
    if (path.dirname(folder) === folder) return undefined
  }
}

function isOwn(folder: string, { shared }: { readonly shared?: string }): boolean {
  try {
    // Other tools keep their caches in the folder above, so that one gets the usual mode.
    if (shared !== undefined) mkdirSync(shared, { recursive: true })
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const stat = lstatSync(folder)
    if (!stat.isDirectory()) return false
    const uid = process.getuid?.()
    if (uid !== undefined && stat.uid !== uid) return false
    if (uid !== undefined && (stat.mode & 0o077) !== 0) chmodSync(folder, 0o700)
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    // Read-only or somebody else's: a place we do not use.
    return false
  }
}

/** The stored bundle of an entry, when it would come out the same today. */
export function findBundle(cache: BundleCache, entry: string, own: OwnPackage): StoredBundle | undefined {
  const file = fileOf(cache, entry, own)
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
  const header = readHeader(text)
  if (header === undefined || !areCurrent(header.inputs)) return undefined
  return { file, version: header.body, inputs: header.inputs, isCommonJs: header.isCommonJs }
}

/** Stores a bundle. Atomic: another process sees the old one or the new one. */
export function storeBundle(cache: BundleCache, entry: string, own: OwnPackage, bundle: Bundle): StoredBundle | undefined {
  const file = fileOf(cache, entry, own)
  const { inputs, isCommonJs } = bundle
  const body = withSourceMap(bundle, 1)
  const version = hashOf(body)
  // A line of JavaScript also ends at these two, which JSON leaves as they are.
  const header = JSON.stringify({ inputs, isCommonJs, body: version } satisfies Header).replace(/[\u2028\u2029]/g, '')
  const draft = path.join(cache.folder, `.${process.pid}-${threadId}-${version}.tmp`)
  try {
    writeFileSync(draft, `${HEADER}${header}\n${body}`, { mode: 0o600 })
    renameSync(draft, file)
  } catch {
    // A full disk, or a folder that was removed meanwhile: the bundle is used without being kept.
    rmSync(draft, { force: true })
    return undefined
  }
  prune(cache, path.basename(file))
  return { file, version, inputs, isCommonJs }
}

/** The code with its source map in its last line. @param linesInFront - lines the caller puts in front of it. */
export function withSourceMap({ code, sourceMap }: Bundle, linesInFront: number): string {
  const { sources, mappings } = sourceMap
  const map = JSON.stringify({ version: 3, names: [], sources, mappings: ';'.repeat(linesInFront) + mappings })
  return `${code}\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(map).toString('base64')}\n`
}

function readHeader(text: string): Header | undefined {
  const end = text.indexOf('\n')
  if (!text.startsWith(HEADER) || end === -1) return undefined
  try {
    // Written by `storeBundle`, into a folder that is ours alone.
    const header = JSON.parse(text.slice(HEADER.length, end)) as Header
    return header.body === hashOf(text.slice(end + 1)) ? header : undefined
  } catch {
    return undefined
  }
}

function fileOf({ folder }: BundleCache, entry: string, own: OwnPackage): string {
  const { name } = path.parse(entry)
  const [major] = process.versions.node.split('.')
  const made = JSON.stringify([
    entry,
    own.version,
    bundlerVersion(),
    major,
    process.execArgv.filter((flag) => /^(?:--conditions|-C)/.test(flag)),
  ])
  return path.join(folder, `${name.replace(/[^\w-]/g, '_').slice(0, 40)}-${hashOf(made).slice(0, 16)}.mjs`)
}

/** Read from its package file, as the bundler itself takes 25 ms to load. */
function bundlerVersion(): string {
  const require = createRequire(import.meta.url)
  const { version }: { readonly version: string } = require('esbuild/package.json')
  return version
}

/** A draft older than this was left behind by a process that died. */
const DRAFT_MAX_MS = 3_600_000

function prune({ folder }: BundleCache, newest: string): void {
  const bundles: { readonly name: string; readonly at: number }[] = []
  const now = modifiedAt(path.join(folder, newest))
  for (const name of readdirSync(folder)) {
    const at = modifiedAt(path.join(folder, name))
    if (name.endsWith('.mjs')) bundles.push({ name, at })
    else if (name.endsWith('.tmp') && now - at > DRAFT_MAX_MS) rmSync(path.join(folder, name), { force: true })
  }
  const surplus = bundles.sort((a, b) => b.at - a.at).slice(BUNDLES_MAX)
  for (const { name } of surplus) if (name !== newest) rmSync(path.join(folder, name), { force: true })
}

function modifiedAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
