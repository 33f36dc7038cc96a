import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Bucket } from '@tutti/gcp'
import type { GcsBucketFields } from '@tutti/gcp'
import { serveGcs } from './tools/gcs-server.ts'
import type { GcsServer } from './tools/gcs-server.ts'

/** Cloud Storage for a test file: a folder of a bucket that nobody else uses. */
export interface Cloud {
  readonly bucket: Bucket
  /** A folder on this machine. */
  readonly folder: string
  close(): Promise<void>
}

/** The local server with its faults. */
export interface LocalCloud extends Cloud {
  readonly server: GcsServer
  /** The same bucket with other settings. */
  with(fields: Partial<GcsBucketFields>): Bucket
}

const BUCKET = 'trips'
/** A test does not wait for what passes. */
const QUICK = { retryDelay: 1, timeout: '20s' } as const

export async function openLocalCloud(token?: string): Promise<LocalCloud> {
  const folder = mkdtempSync(path.join(tmpdir(), 'tutti-gcs-'))
  const server = await serveGcs({ dir: path.join(folder, 'server'), ...(token !== undefined && { token }) })
  const open = (fields: Partial<GcsBucketFields> = {}): Bucket =>
    new Bucket({ bucket: BUCKET, emulator: server.url, ...QUICK, pieceBytes: 256 * 1024, ...fields })
  const bucket = open()
  if (token === undefined) await bucket.create()
  server.reset()
  return {
    bucket,
    server,
    folder,
    with: open,
    async close() {
      await server.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The real service where the environment names a project and a bucket, else the local server. */
export async function openCloud(): Promise<Cloud> {
  const { TUTTI_TEST_GCP_PROJECT: project, TUTTI_TEST_GCP_BUCKET: name } = process.env
  if (project === undefined || name === undefined) {
    console.log('Cloud Storage: the local server. TUTTI_TEST_GCP_PROJECT and TUTTI_TEST_GCP_BUCKET would name a real one.')
    return openLocalCloud()
  }
  console.log(`Cloud Storage: the bucket ${name} of the project ${project}`)
  const bucket = new Bucket({ bucket: name, folder: `tutti-test/${randomUUID()}`, project, pieceBytes: 256 * 1024 })
  const folder = mkdtempSync(path.join(tmpdir(), 'tutti-gcs-'))
  return {
    bucket,
    folder,
    async close() {
      await bucket.deleteAll({ glob: '**' })
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Bytes that compress badly and tell where they are from. */
export function someBytes(size: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(size)
  let state = seed
  for (let at = 0; at < size; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    bytes[at] = state >>> 24
  }
  return bytes
}

/** All that a stream gives. */
export async function allOf<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const each of stream) all.push(each)
  return all
}
