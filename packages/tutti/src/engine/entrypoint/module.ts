import { realpathSync, statSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { isTuttiError, TuttiError } from '../../core/errors.ts'
import { findBundle, openBundleCache, storeBundle, withSourceMap } from './bundle-cache.ts'
import { ENTRY_EXTENSIONS, isInstalledFile, makeBundle, shownPath } from './bundle.ts'
import { readableSpecifiers, setOrigin } from './module-hooks.ts'
import { readOwnPackage } from './own-package.ts'

export interface LoadOptions {
  /** Where bundles are kept when there is no `node_modules` near the file, or none we may write; without it those are not kept. */
  readonly cacheFolder?: string
}

/** A user's file, ready to be imported in any thread of this process. Can be sent to threads. */
export interface PreparedModule {
  /** The file its author wrote, absolute. */
  readonly file: string
  /** What to import for it. */
  readonly url: string
  readonly isCommonJs: boolean
  /** Every file that decides what it does: its sources and their configuration. To watch. */
  readonly inputs: readonly string[]
}

export type ModuleNamespace = Readonly<Record<string, unknown>>

/**
 * Makes sure that a bundle of the file is there. About 1 ms when nothing has changed since the last time.
 *
 * @throws `ENTRYPOINT_NOT_FOUND`, or `ENTRYPOINT_FAILED` with the place of the mistake.
 */
export async function prepareModule(file: string | URL, options: LoadOptions = {}): Promise<PreparedModule> {
  const entry = findFile(file)
  // Installed JavaScript is what Node runs anyway.
  if (isInstalledFile(entry) && /\.[cm]?js$/.test(entry))
    return { file: entry, url: pathToFileURL(entry).href, isCommonJs: false, inputs: [entry] }

  const own = readOwnPackage()
  const cache = openBundleCache(entry, options.cacheFolder)
  const known = cache === undefined ? undefined : findBundle(cache, entry, own)
  if (known !== undefined) return prepared(entry, known)
  const bundle = await makeBundle(entry, own)
  const stored = cache === undefined ? undefined : storeBundle(cache, entry, own, bundle)
  if (stored !== undefined) return prepared(entry, stored)
  const url = `data:text/javascript;base64,${Buffer.from(withSourceMap(bundle, 0)).toString('base64')}`
  return { file: entry, url, isCommonJs: bundle.isCommonJs, inputs: Object.keys(bundle.inputs.files) }
}

function prepared(entry: string, { file, version, inputs, isCommonJs }: NonNullable<ReturnType<typeof findBundle>>): PreparedModule {
  return { file: entry, url: `${pathToFileURL(file).href}?v=${version}`, isCommonJs, inputs: Object.keys(inputs.files) }
}

/**
 * Imports a prepared file into this thread; once for each version of its content, as Node keeps modules by their address.
 *
 * @throws `ENTRYPOINT_FAILED` with what it threw as the cause. Errors of Tutti's own pass as they are.
 */
export async function importModule({ file, url, isCommonJs }: PreparedModule): Promise<ModuleNamespace> {
  process.setSourceMapsEnabled(true)
  setOrigin(url, pathToFileURL(file).href)
  try {
    const namespace: ModuleNamespace = await import(url)
    const { default: exported } = namespace
    return isCommonJs && typeof exported === 'object' && exported !== null ? { ...exported, default: exported } : namespace
  } catch (error) {
    if (isTuttiError(error)) throw error
    throw new TuttiError('ENTRYPOINT_FAILED', `${shownPath(file)} could not be loaded: ${problemOf(error)}`, { cause: error })
  }
}

function problemOf(error: unknown): string {
  if (!(error instanceof Error)) return `it threw ${String(error)}`
  const { message, stack } = error
  // Node shows the address it was given, which only we can read.
  const readable = readableSpecifiers(message)
  if (readable !== message) {
    error.message = readable
    if (stack !== undefined) error.stack = readableSpecifiers(stack)
  }
  return error.name === 'Error' ? readable : `${error.name}: ${readable}`
}

/** The real path of a file that may be given as a path or a `file:` URL. */
function findFile(given: string | URL): string {
  const file = path.resolve(given instanceof URL || given.startsWith('file:') ? fileURLToPath(given) : given)
  const stat = statSync(file, { throwIfNoEntry: false })
  if (stat === undefined) throw new TuttiError('ENTRYPOINT_NOT_FOUND', `there is no file ${shownPath(file)}`)
  if (!stat.isFile()) throw new TuttiError('ENTRYPOINT_NOT_FOUND', `${shownPath(file)} is a folder, not a file`)
  const extension = path.extname(file)
  if (!ENTRY_EXTENSIONS.includes(extension)) {
    throw new TuttiError(
      'ENTRYPOINT_NOT_FOUND',
      `${shownPath(file)} is neither TypeScript nor JavaScript: its name must end in ${ENTRY_EXTENSIONS.join(', ')}`,
    )
  }
  return realpathSync(file)
}
