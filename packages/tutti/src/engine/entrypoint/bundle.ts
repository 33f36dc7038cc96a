import type { BuildFailure, Loader, Message, Metafile, OnLoadResult, OnResolveArgs, OnResolveResult, Plugin, PluginBuild } from 'esbuild'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { TuttiError } from '../../core/errors.ts'
import { configurationOf, hashOf, hashOfFile, rivalsOf } from './inputs.ts'
import type { Inputs } from './inputs.ts'
import { importFrom } from './module-hooks.ts'
import type { OwnPackage } from './own-package.ts'

/** One module that does what the entry file and the files it imports do. Packages stay outside. */
export interface Bundle {
  /** Without its source map, so that the caller may put lines in front. */
  readonly code: string
  readonly sourceMap: SourceMap
  readonly inputs: Inputs
  /** The entry is a CommonJS module: its exports are those of `default`. */
  readonly isCommonJs: boolean
}

export interface SourceMap {
  readonly sources: readonly string[]
  readonly mappings: string
}

const LOADERS: Readonly<Record<string, Loader>> = {
  '.js': 'js',
  '.mjs': 'js',
  '.cjs': 'js',
  '.jsx': 'jsx',
  '.ts': 'ts',
  '.mts': 'ts',
  '.cts': 'ts',
  '.tsx': 'tsx',
}

export const ENTRY_EXTENSIONS: readonly string[] = Object.keys(LOADERS)

/** Bundles that are being made in this process: the bundler's own process is ended with the last. */
let building = 0

/** Makes the bundle of a file. Takes about 50 ms, nearly all of it for loading the bundler. */
export async function makeBundle(entry: string, own: OwnPackage): Promise<Bundle> {
  const { build, stop } = await import('esbuild')
  const hashes = new Map<string, string>()
  building += 1
  try {
    const result = await build({
      entryPoints: [entry],
      // Nothing is written there: source maps are relative to it.
      outfile: path.join(path.dirname(entry), 'bundle.mjs'),
      absWorkingDir: path.dirname(entry),
      write: false,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: `node${process.versions.node}`,
      conditions: conditionsOfProcess(),
      charset: 'utf8',
      // Task and flow names come from functions, also from two of one name in two files.
      keepNames: true,
      // Node knows no `sideEffects`: an import for its effect alone is made.
      ignoreAnnotations: true,
      legalComments: 'none',
      metafile: true,
      sourcemap: 'external',
      // Whoever shows source lines reads the file itself.
      sourcesContent: false,
      define: DEFINE,
      banner: { js: bannerOf(entry) },
      plugins: [keepPackagesOutside(own), readSources(hashes)],
      logLevel: 'silent',
    })
    const [map, code] = [...result.outputFiles].sort((a, b) => b.path.length - a.path.length)
    if (map === undefined || code === undefined) throw new Error('the bundler made no output')
    return {
      code: code.text,
      sourceMap: readSourceMap(map.text, entry),
      inputs: inputsOf(result.metafile, entry, hashes),
      isCommonJs: result.metafile.inputs[path.basename(entry)]?.format === 'cjs',
    }
  } catch (error) {
    throw isBuildFailure(error) ? failure(entry, error) : error
  } finally {
    building -= 1
    if (building === 0) await stop()
  }
}

/* ── what files know of themselves ───────────────────────────────────────────────────── */

const DEFINE = {
  'import.meta.url': '__tutti_url',
  'import.meta.filename': '__tutti_filename',
  'import.meta.dirname': '__tutti_dirname',
  'import.meta': '__tutti_meta',
  __filename: '__tutti_filename',
  __dirname: '__tutti_dirname',
}

const ASKS_WHERE_IT_IS = /\bimport\.meta\b|\b__(?:file|dir)name\b/

/** Puts the place of each file into it, on its first line so that line numbers stay, and notes exactly what was read. */
function readSources(hashes: Map<string, string>): Plugin {
  return {
    name: 'tutti-sources',
    setup(build) {
      build.onLoad({ filter: /\.[cm]?[jt]sx?$/, namespace: 'file' }, async ({ path: file }): Promise<OnLoadResult | undefined> => {
        const loader = LOADERS[path.extname(file)]
        if (loader === undefined) return undefined
        const text = await readFile(file, 'utf8')
        hashes.set(file, hashOf(text))
        return { contents: ASKS_WHERE_IT_IS.test(text) ? withPlace(text, file) : text, loader }
      })
    },
  }
}

function withPlace(text: string, file: string): string {
  const url = JSON.stringify(pathToFileURL(file).href)
  const place = `const __tutti_url=${url},__tutti_filename=${JSON.stringify(file)},__tutti_dirname=${JSON.stringify(path.dirname(file))};`
  // For those who take it whole, as in `const { dirname } = import.meta`.
  const meta = 'const __tutti_meta={...__tuttiMeta,url:__tutti_url,filename:__tutti_filename,dirname:__tutti_dirname};'
  const bodyAt = text.startsWith('#!') ? text.indexOf('\n') + 1 : 0
  return text.slice(0, bodyAt) + place + meta + text.slice(bodyAt)
}

/** In front of a bundle. CommonJS files, and ES modules that ask for it, may `require` what is not in it. */
function bannerOf(entry: string): string {
  const url = JSON.stringify(pathToFileURL(entry).href)
  return `import{createRequire as __tuttiCreateRequire}from'node:module';const require=__tuttiCreateRequire(${url});const __tuttiMeta=import.meta;`
}

/* ── what stays outside ──────────────────────────────────────────────────────────────── */

const RESOLVED = Symbol('resolved')

/**
 * Installed packages stay imports, looked up from the file that imports them. TypeScript is bundled wherever it lies, as Node would refuse
 * the most of it: a package of the same repository that has no build is such a case.
 */
function keepPackagesOutside(own: OwnPackage): Plugin {
  return {
    name: 'tutti-packages',
    setup(build) {
      build.onResolve({ filter: /^\.{1,2}\/.*\.node$/ }, ({ path: specifier, resolveDir }) => {
        return { path: path.resolve(resolveDir, specifier), external: true }
      })
      build.onResolve({ filter: /^[^./]/ }, async (asked) => {
        const { path: specifier } = asked
        if (asked.pluginData === RESOLVED || asked.kind === 'entry-point' || path.isAbsolute(specifier)) return undefined
        if (isBuiltin(specifier) || own.doorUrl(specifier) !== undefined) return { path: specifier, external: true }
        if (specifier.startsWith('file:')) return { path: fileURLToPath(specifier) }
        if (/^[a-z][a-z\d+.-]+:/i.test(specifier)) return undefined
        return await resolvePackage(build, asked)
      })
    },
  }
}

async function resolvePackage(build: PluginBuild, asked: OnResolveArgs): Promise<OnResolveResult> {
  const { path: specifier, importer, kind, resolveDir } = asked
  const outside = { path: importFrom(specifier, importer), external: true }
  const found = await build.resolve(specifier, { importer, kind, resolveDir, pluginData: RESOLVED })
  // What the bundler does not find Node will not find either, or by rules of its own; and the import may never be made.
  if (found.errors.length > 0 || found.external || found.namespace !== 'file') return outside
  const isTypeScript = /\.[cm]?tsx?$/.test(found.path)
  if (!isTypeScript && (isInstalledFile(found.path) || isInstalled(specifier, resolveDir))) return outside
  return { path: found.path }
}

export function isInstalledFile(file: string): boolean {
  return file.includes(`${path.sep}node_modules${path.sep}`)
}

/** Whether the specifier names a package in some `node_modules`, rather than an alias or the package's own parts. */
function isInstalled(specifier: string, from: string): boolean {
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
  for (let folder = from; ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, 'node_modules', name))) return true
    if (path.dirname(folder) === folder) return false
  }
}

/** `node --conditions=…` holds for bundled files too. */
function conditionsOfProcess(): string[] {
  const { execArgv } = process
  return execArgv.flatMap((flag, index) => {
    const written = /^(?:--conditions|-C)(?:=(.+))?$/.exec(flag)
    if (written === null) return []
    const condition = written[1] ?? execArgv[index + 1]
    return condition === undefined ? [] : [condition]
  })
}

/* ── what came out ───────────────────────────────────────────────────────────────────── */

function readSourceMap(text: string, entry: string): SourceMap {
  // Written by the bundler a moment ago.
  const { sources, mappings } = JSON.parse(text) as SourceMap
  const base = pathToFileURL(path.join(path.dirname(entry), 'bundle.mjs'))
  return { sources: sources.map((source) => new URL(source, base).href), mappings }
}

function inputsOf({ inputs }: Metafile, entry: string, hashes: ReadonlyMap<string, string>): Inputs {
  const folder = path.dirname(entry)
  const absolute = (name: string): string => path.resolve(folder, name)
  // Parts that are not files have a name with a namespace in front.
  const names = Object.keys(inputs).filter((name) => existsSync(absolute(name)))
  const sources = names.map(absolute)
  const rivals = names.flatMap((name) =>
    (inputs[name]?.imports ?? [])
      .filter((each) => each.external !== true && each.original !== undefined)
      .flatMap((each) => rivalsOf(each.original ?? '', absolute(name), absolute(each.path))),
  )
  const { present, absent } = configurationOf(sources)
  const files = [...sources, ...present].map((file) => [file, hashes.get(file) ?? hashOfFile(file) ?? ''] as const)
  return { files: Object.fromEntries(files), absent: [...new Set([...absent, ...rivals])] }
}

/* ── what went wrong ─────────────────────────────────────────────────────────────────── */

/** Problems shown; a file with more is best mended from the first. */
const PROBLEMS_MAX = 10

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors)
}

function failure(entry: string, error: BuildFailure): TuttiError {
  const shown = error.errors.slice(0, PROBLEMS_MAX).map((message) => describe(message, path.dirname(entry)))
  const rest = error.errors.length - shown.length
  const more = rest > 0 ? `\n… and ${rest} more` : ''
  return new TuttiError('ENTRYPOINT_FAILED', `${shownPath(entry)} cannot be read as a program:\n${shown.join('\n')}${more}`, {
    cause: error,
  })
}

function describe({ text, location }: Message, folder: string): string {
  if (location === null) return text
  const { file, line, column, lineText, length } = location
  const shown = lineText.replaceAll('\t', ' ')
  const mark = `${' '.repeat(column)}${'^'.repeat(Math.max(1, Math.min(length, shown.length - column)))}`
  return `${shownPath(path.resolve(folder, file))}:${line}:${column + 1}: ${text}\n    ${shown}\n    ${mark}`
}

/** As people would type it: relative when it is below the working directory. */
export function shownPath(file: string): string {
  const relative = path.relative(process.cwd(), file)
  return relative === '' || relative.startsWith('..') || path.isAbsolute(relative) ? file : relative
}
