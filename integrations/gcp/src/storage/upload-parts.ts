import { randomBytes } from 'node:crypto'
import { isTuttiError } from 'tutti'
import { z } from 'zod'
import type { Api } from '../api.ts'
import { joinCrc32c } from '../crc32c.ts'
import { gcpError } from '../errors.ts'
import { inParallel } from '../parallel.ts'
import { fileMark, filePartSource } from './local-files.ts'
import { objectResource } from './object-info.ts'
import type { ObjectResource } from './object-info.ts'
import { each, partsOf, PartsProgress } from './parts.ts'
import { upload } from './upload.ts'
import type { Upload } from './upload.ts'

export interface UploadInParts extends Omit<Upload, 'source'> {
  readonly file: string
  readonly sizeBytes: number
  /** Of a part. */
  readonly leastBytes: number
  readonly parallel: number
}

/** What Google composes at once. */
const PARTS_MAX = 32
/** Names have at most 1024 bytes. */
const NAME_BYTES_MAX = 960
/** Of all parts, for as long as somebody waits who has failed or was cancelled. */
const DELETING_MS = 30_000
const NEEDED = ['storage.objects.create', 'storage.objects.get', 'storage.objects.delete']

/**
 * Whether the parts of an object can be composed, and deleted afterwards. Who cannot be asked, as an emulator, is taken for one that cannot.
 */
export async function canCompose(api: Api, { bucket, name, signal }: Pick<Upload, 'bucket' | 'name' | 'signal'>): Promise<boolean> {
  if (Buffer.byteLength(name) > NAME_BYTES_MAX) return false
  const url = `/storage/v1/b/${encodeURIComponent(bucket)}`
  const ask = (path: string): Promise<unknown> =>
    api.json({ method: 'GET', url: `${url}${path}`, what: `the bucket ${bucket} was not asked what may be done in it`, signal })
  try {
    const asked = NEEDED.map((permission) => `permissions=${permission}`).join('&')
    const { permissions = [] } = granted.parse(await ask(`/iam/testPermissions?${asked}`))
    if (!NEEDED.every((permission) => permissions.includes(permission))) return false
  } catch (error) {
    if (isTuttiError(error)) return false
    throw error
  }
  try {
    // What must be kept for a time could not be deleted.
    return unkept.safeParse((await ask('?fields=retentionPolicy,defaultEventBasedHold')) ?? {}).success
  } catch (error) {
    // Few may look at buckets, and few buckets keep what is in them.
    if (isTuttiError(error)) return isTuttiError(error, 'gcp/FORBIDDEN')
    throw error
  }
}

const granted = z.object({ permissions: z.array(z.string()).optional() })
const unkept = z.object({ retentionPolicy: z.undefined().optional(), defaultEventBasedHold: z.literal(false).optional() })

/**
 * Uploads a file in parts, several at once, and lets Google compose them: the object is there as a whole or not at all. The parts lie beside
 * it until then and are deleted whatever happens; only a process that is killed leaves them, named `*.tutti-part`.
 */
export async function uploadInParts(api: Api, it: UploadInParts): Promise<ObjectResource> {
  const { bucket, name, file, sizeBytes, metadata, onProgress, signal } = it
  const what = `gs://${bucket}/${name} was not uploaded`
  const mark = await fileMark(file)
  const id = randomBytes(8).toString('hex')
  const parts = partsOf(sizeBytes, { leastBytes: it.leastBytes, most: PARTS_MAX }).map((part) => ({
    ...part,
    name: `${name}.${id}.${String(part.index).padStart(2, '0')}.tutti-part`,
  }))
  const progress = new PartsProgress((bytes) => onProgress?.({ name, bytes, totalBytes: sizeBytes }))
  const uploaded: ObjectResource[] = []
  try {
    await inParallel(each(parts), { parallel: it.parallel, signal }, async ({ index, start, end, name: partName }, stop) => {
      uploaded[index] = await upload(api, {
        bucket,
        name: partName,
        source: filePartSource(file, start, end),
        // Of other classes an object costs for a month or more, however soon it is deleted.
        metadata: { contentType: 'application/octet-stream', storageClass: 'STANDARD' },
        pieceBytes: it.pieceBytes,
        onProgress: ({ bytes }) => progress.set(index, bytes),
        signal: stop,
      })
    })
    if ((await fileMark(file)) !== mark) throw gcpError('FILE_UNUSABLE', `${what}: ${file} was changed while it was read`)
    const answer = await api.json({
      method: 'POST',
      url: `/storage/v1/b/${encodeURIComponent(bucket)}/o/${encodeURIComponent(name)}/compose`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        sourceObjects: uploaded.map((part) => ({ name: part.name, generation: part.generation })),
        destination: metadata,
      }),
      what,
      signal,
    })
    const object = objectResource.parse(answer)
    const crc32c = joinCrc32c(uploaded.map((part) => ({ crc32c: part.crc32c, sizeBytes: Number(part.size) })))
    if (object.crc32c === crc32c) return object
    throw gcpError('DATA_CORRUPT', `${what} as it is: Google's checksum is ${object.crc32c}, that of the bytes that were sent is ${crc32c}`)
  } finally {
    await deleteParts(
      api,
      bucket,
      parts.map((part) => part.name),
    )
  }
}

/** Also of parts of which nobody knows whether they are there. What it cannot delete it leaves: the object is what was asked for. */
async function deleteParts(api: Api, bucket: string, names: readonly string[]): Promise<void> {
  const signal = AbortSignal.timeout(DELETING_MS)
  await inParallel(each(names), { parallel: 8 }, async (name) => {
    const url = `/storage/v1/b/${encodeURIComponent(bucket)}/o/${encodeURIComponent(name)}`
    await api.json({ method: 'DELETE', url, what: `gs://${bucket}/${name} was not deleted`, signal }).catch(() => undefined)
  })
}
