import { copyFileSync, linkSync, mkdirSync } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { TuttiError } from '../core/errors.ts'
import { resultName } from '../core/result-name.ts'
import type { Instant } from '../core/time.ts'
import type { Script } from '../store/port.ts'

/** Large results beside the database. A cached one is kept under the cache's own name too, so it outlives its run. */
export interface ResultFiles {
  write(flowRunId: string, key: string, bytes: Uint8Array): Promise<void>
  read(flowRunId: string, key: string): Promise<Uint8Array>
  /**
   * Makes a run's result readable under another name, within this call or as part of the transaction that asks. A file is not copied where
   * the file system can do without. `false`: there is no such result.
   */
  share(from: string, to: string, key: string): boolean | Script<boolean>
  deleteRun(flowRunId: string): Promise<void>
  /** Copies every result into a folder that is not there yet, by links where the file system can: a result never changes. Makes none when there is no result. */
  copyAll(to: string): Promise<void>
  /** Under whose names there are files. */
  owners(): Promise<readonly string[]>
  /** The keys of an owner. */
  keys(owner: string): Promise<readonly string[]>
  /** Deletes the files of an owner that were last written or shared before a moment, except those with a key to keep. */
  deleteOld(owner: string, before: Instant, keep: ReadonlySet<string>): Promise<void>
}

/** The run under whose name cached results are kept. */
export const CACHE_OWNER = 'cache'

/** One folder for each run. A file has its name only once its content is on the disk. */
export function folderFiles(folder: string): ResultFiles {
  const place = (owner: string, key: string): string => join(folder, resultName(owner), resultName(key))
  const owners = async (): Promise<readonly string[]> => {
    const entries = await readdir(folder, { withFileTypes: true }).catch(nothingIfMissing)
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  }
  return {
    async write(flowRunId, key, bytes) {
      const path = place(flowRunId, key)
      try {
        await writeFile(join(folder, flowRunId), path, bytes)
      } catch (error) {
        throw new TuttiError('STORE_FAILED', `a result of ${bytes.length} bytes could not be written to ${path}: ${messageOf(error)}`, {
          cause: error,
        })
      }
    },
    async read(flowRunId, key) {
      const path = place(flowRunId, key)
      try {
        return await readFile(path)
      } catch (error) {
        throw missing(flowRunId, key, error)
      }
    },
    share(from, to, key) {
      mkdirSync(join(folder, to), { recursive: true, mode: 0o700 })
      return linkOrCopy(place(from, key), place(to, key))
    },
    async copyAll(to) {
      for (const owner of await owners()) {
        mkdirSync(join(to, owner), { recursive: true, mode: 0o700 })
        const keys = await readdir(join(folder, owner)).catch(nothingIfMissing)
        for (const key of keys) if (!key.endsWith('.part')) linkOrCopy(join(folder, owner, key), join(to, owner, key))
      }
    },
    async deleteRun(flowRunId) {
      await rm(join(folder, resultName(flowRunId)), { recursive: true, force: true })
    },
    owners,
    async keys(owner) {
      const names = await readdir(join(folder, resultName(owner))).catch(nothingIfMissing)
      return names.filter((name) => !name.endsWith('.part'))
    },
    async deleteOld(owner, before, keep) {
      const owned = join(folder, resultName(owner))
      for (const key of await readdir(owned).catch(nothingIfMissing)) {
        if (keep.has(key)) continue
        const changedMs = await changedAt(join(owned, key))
        if (changedMs !== undefined && changedMs * 1000 < before) await rm(join(owned, key), { force: true })
      }
      await rmdir(owned).catch(ifNotEmpty)
    },
  }
}

export function memoryFiles(): ResultFiles {
  const files = new Map<string, Uint8Array>()
  const get = (flowRunId: string, key: string): Uint8Array => {
    const bytes = files.get(`${flowRunId}/${key}`)
    if (bytes === undefined) throw missing(flowRunId, key, undefined)
    return bytes
  }
  return {
    write: async (flowRunId, key, bytes) => void files.set(`${resultName(flowRunId)}/${resultName(key)}`, bytes),
    read: async (flowRunId, key) => get(resultName(flowRunId), resultName(key)),
    share(from, to, key) {
      const bytes = files.get(`${from}/${key}`)
      if (bytes !== undefined) files.set(`${to}/${key}`, bytes)
      return bytes !== undefined
    },
    deleteRun: async (flowRunId) => {
      for (const name of files.keys()) if (name.startsWith(`${flowRunId}/`)) files.delete(name)
    },
    async copyAll(to) {
      for (const [name, bytes] of files) {
        const path = join(to, name)
        await writeFile(dirname(path), path, bytes)
      }
    },
    // What nothing refers to ends with the process, as all of it does.
    owners: async () => [],
    keys: async () => [],
    deleteOld: async () => undefined,
  }
}

/** `false`: the source is not there. A target that is there already is the same result. */
function linkOrCopy(source: string, target: string): boolean {
  try {
    linkSync(source, target)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false
    // Another file system, or one without links.
    if (errorCode(error) !== 'EEXIST') copyFileSync(source, target)
  }
  return true
}

async function writeFile(folder: string, path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const { file, name } = await openPart(path)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } catch (error) {
    await rm(name, { force: true })
    throw error
  } finally {
    await file.close()
  }
  await rename(name, path)
  await syncFolder(folder)
}

/** Several writers may write one key: each fills a file of its own, and the last one to finish gives it the name. */
async function openPart(path: string): Promise<{ readonly file: FileHandle; readonly name: string }> {
  for (let attempt = 0; ; attempt++) {
    const name = `${path}.${attempt}.part`
    try {
      return { file: await open(name, 'wx', 0o600), name }
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error
    }
  }
}

/** The new name, too, is on the disk before anything refers to it. */
async function syncFolder(path: string): Promise<void> {
  let folder: FileHandle
  try {
    folder = await open(path, 'r')
  } catch (error) {
    // Where folders cannot be opened (Windows) the system writes names by itself.
    if (errorCode(error) === 'EISDIR' || errorCode(error) === 'EPERM' || errorCode(error) === 'EACCES') return
    throw error
  }
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function missing(flowRunId: string, key: string, cause: unknown): TuttiError {
  return new TuttiError('RESULT_MISSING', `the stored result ${key} of flow run ${flowRunId} cannot be read`, { cause })
}

/** When a file was written or shared, in milliseconds; `undefined` when another process has deleted it meanwhile. */
async function changedAt(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).ctimeMs
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

function nothingIfMissing(error: unknown): [] {
  if (errorCode(error) === 'ENOENT') return []
  throw error
}

function ifNotEmpty(error: unknown): void {
  const code = errorCode(error)
  if (code !== 'ENOTEMPTY' && code !== 'EEXIST' && code !== 'ENOENT') throw error
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
