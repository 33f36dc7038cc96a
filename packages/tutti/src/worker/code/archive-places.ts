// Opens the place of archives that an address names. Those of clouds are known to packages of their own, which are loaded when they are named.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { ArchiveStorage, OpenArchiveStorage } from '../../core/archive-storage.ts'
import type { ArchiveSource } from '../../core/code-source.ts'
import { isTuttiError, TuttiError } from '../../core/errors.ts'
import { readSecret } from './secret-reference.ts'
import type { Environment } from './secret-reference.ts'

/** Packages by the beginning of an address; each exports `archiveStorage`. */
const PACKAGES: Readonly<Record<string, string>> = { 'gs:': '@tutti/gcp' }

/** @throws `CODE_SECRET_MISSING`, `CODE_STORAGE_UNREACHABLE` */
export async function openArchives(
  { address, key }: Pick<ArchiveSource, 'address' | 'key'>,
  environment: Environment,
): Promise<ArchiveStorage> {
  const { protocol } = new URL(address)
  if (protocol === 'file:') return folderArchives(fileURLToPath(address))
  const open = await opener(PACKAGES[protocol] ?? protocol, address)
  return open({ address, key: key === null ? null : readSecret(key, `key of ${address}`, environment) })
}

async function opener(name: string, address: string): Promise<OpenArchiveStorage> {
  try {
    const { archiveStorage } = (await importPackage(name)) as { readonly archiveStorage: OpenArchiveStorage } // what such packages export
    return archiveStorage
  } catch (cause) {
    throw new TuttiError('CODE_STORAGE_UNREACHABLE', `the package ${name} could not be loaded, which knows addresses such as ${address}`, {
      cause,
    })
  }
}

/** Beside this package, or in the folder this process was started in. */
async function importPackage(name: string): Promise<unknown> {
  try {
    return await import(name)
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'
    if (!isMissing) throw error
    const found = createRequire(path.join(process.cwd(), 'package.json')).resolve(name)
    return await import(pathToFileURL(found).href)
  }
}

/** A folder that every machine sees. */
function folderArchives(folder: string): ArchiveStorage {
  const place = (name: string): string => path.join(folder, name)
  return {
    has: async (name) => existsSync(place(name)),
    async write(name, bytes) {
      mkdirSync(folder, { recursive: true })
      writeFileSync(`${place(name)}.part`, bytes)
      renameSync(`${place(name)}.part`, place(name))
    },
    read: async (name) => (existsSync(place(name)) ? readFileSync(place(name)) : undefined),
  }
}

/** What a storage throws, in words of code. */
export function storageFailure(error: unknown, what: string): unknown {
  if (isTuttiError(error) && error.code.startsWith('CODE_')) return error
  const why = error instanceof Error ? error.message : String(error)
  return new TuttiError('CODE_STORAGE_UNREACHABLE', `${what}: ${why}`, { cause: error })
}
