import { link, mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { TuttiError } from '../core/errors.ts'

/** Large results beside the database. A cached one is kept under the cache's own name too, so it outlives its run. */
export interface ResultFiles {
  write(flowRunId: string, key: string, bytes: Uint8Array): Promise<void>
  read(flowRunId: string, key: string): Promise<Uint8Array>
  /** Makes a run's result readable for another run, without copying it where the file system can. */
  share(from: string, to: string, key: string): Promise<void>
  deleteRun(flowRunId: string): Promise<void>
}

/** The run under whose name cached results are kept. */
export const CACHE_OWNER = 'cache'

/** One folder for each run. A file has its name only once its content is on the disk. */
export function folderFiles(folder: string): ResultFiles {
  const place = (flowRunId: string, key: string): string => join(folder, flowRunId, key)
  return {
    async write(flowRunId, key, bytes) {
      await mkdir(join(folder, flowRunId), { recursive: true, mode: 0o700 })
      const temporary = `${place(flowRunId, key)}.part`
      const file = await open(temporary, 'w', 0o600)
      try {
        await file.writeFile(bytes)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(temporary, place(flowRunId, key))
    },
    async read(flowRunId, key) {
      try {
        return await readFile(place(flowRunId, key))
      } catch (error) {
        throw missing(flowRunId, key, error)
      }
    },
    async share(from, to, key) {
      await mkdir(join(folder, to), { recursive: true, mode: 0o700 })
      try {
        await link(place(from, key), place(to, key))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw missing(from, key, error)
      }
    },
    async deleteRun(flowRunId) {
      await rm(join(folder, flowRunId), { recursive: true, force: true })
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
    write: async (flowRunId, key, bytes) => void files.set(`${flowRunId}/${key}`, bytes),
    read: async (flowRunId, key) => get(flowRunId, key),
    share: async (from, to, key) => void files.set(`${to}/${key}`, get(from, key)),
    deleteRun: async (flowRunId) => {
      for (const name of files.keys()) if (name.startsWith(`${flowRunId}/`)) files.delete(name)
    },
  }
}

function missing(flowRunId: string, key: string, cause: unknown): TuttiError {
  return new TuttiError('RESULT_MISSING', `the stored result ${key} of flow run ${flowRunId} cannot be read`, { cause })
}
