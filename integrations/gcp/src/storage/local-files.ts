import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, opendir, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { gcpError } from '../errors.ts'
import type { Source } from './pieces.ts'

const READ_BYTES = 1024 * 1024

/** A file on this machine as something to upload. */
export async function fileSource(file: string): Promise<Source & { readonly sizeBytes: number }> {
  const found = await stat(file).catch((error: unknown) => {
    throw gcpError('FILE_UNUSABLE', `${file} cannot be read: ${messageOf(error)}`, { cause: error })
  })
  if (!found.isFile()) throw gcpError('FILE_UNUSABLE', `${file} is not a file`)
  return { open: () => createReadStream(file, { highWaterMark: READ_BYTES }), isRepeatable: true, sizeBytes: found.size }
}

/** A part of a file, up to a byte that does not belong to it. */
export function filePartSource(file: string, start: number, end: number): Source {
  return {
    open: () => createReadStream(file, { start, end: end - 1, highWaterMark: READ_BYTES }),
    isRepeatable: true,
    sizeBytes: end - start,
  }
}

/** What changes when a file is written. */
export async function fileMark(file: string): Promise<string> {
  const { size, mtimeNs, ino } = await stat(file, { bigint: true })
  return `${ino}.${size}.${mtimeNs}`
}

export interface FileWriter {
  append(bytes: Uint8Array): Promise<void>
  writeAt(position: number, bytes: Uint8Array): Promise<void>
}

/** The files below a folder, by their paths in it with forward slashes, in no order. Links are not followed. */
export async function* filesBelow(folder: string): AsyncGenerator<string> {
  const entries = await opendir(folder, { recursive: true }).catch((error: unknown) => {
    throw gcpError('FILE_UNUSABLE', `the folder ${folder} cannot be read: ${messageOf(error)}`, { cause: error })
  })
  for await (const entry of entries) {
    if (!entry.isFile()) continue
    yield path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/')
  }
}

/** Writes a file that gets its name when it is whole: whatever happens, there is the old one, or none, or the new one. */
export async function writeWhole(file: string, write: (writer: FileWriter) => Promise<void>): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true })
  const scratch = path.join(path.dirname(file), `.${path.basename(file).slice(0, 100)}.${randomBytes(6).toString('hex')}.part`)
  try {
    const handle = await open(scratch, 'wx')
    try {
      await write({
        append: (bytes) => handle.writeFile(bytes),
        async writeAt(position, bytes) {
          let written = 0
          while (written < bytes.length)
            written += (await handle.write(bytes, written, bytes.length - written, position + written)).bytesWritten
        },
      })
      await handle.datasync()
    } finally {
      await handle.close()
    }
    await rename(scratch, file)
  } catch (error) {
    await rm(scratch, { force: true })
    throw error
  }
}

/** Where an object lies below a folder. A name that leads out of it is refused. */
export function pathBelow(folder: string, name: string): string {
  const root = path.resolve(folder)
  const file = path.resolve(root, ...name.split('/'))
  if (file.startsWith(root + path.sep) && !name.startsWith('/') && !name.split('/').includes('..')) return file
  throw gcpError('FILE_UNUSABLE', `the object ${JSON.stringify(name)} would be written outside of ${folder}`)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
