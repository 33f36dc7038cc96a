import { z } from 'zod'

/** What is known of an object. */
export interface ObjectInfo {
  /** Below the folder of the bucket, when it has one. */
  readonly name: string
  /** As other tools take it: `gs://bucket/folder/name`. */
  readonly url: string
  readonly sizeBytes: number
  /** Another one whenever the object is written; for `ifGenerationMatch`. */
  readonly generation: string
  readonly metageneration: string
  readonly contentType: string | undefined
  readonly contentEncoding: string | undefined
  readonly cacheControl: string | undefined
  readonly storageClass: string | undefined
  /** The checksum, as Google writes it: base64. */
  readonly crc32c: string
  /** Absent for objects that were composed of others. */
  readonly md5: string | undefined
  readonly etag: string
  readonly createdAt: Date
  readonly updatedAt: Date
  /** What users keep with it. */
  readonly metadata: Readonly<Record<string, string>>
}

/** An object as the service writes it; only what is used here. */
export const objectResource = z.object({
  name: z.string(),
  bucket: z.string(),
  size: z.string(),
  generation: z.string(),
  metageneration: z.string(),
  contentType: z.string().optional(),
  contentEncoding: z.string().optional(),
  cacheControl: z.string().optional(),
  storageClass: z.string().optional(),
  crc32c: z.string(),
  md5Hash: z.string().optional(),
  etag: z.string(),
  timeCreated: z.string(),
  updated: z.string(),
  metadata: z.record(z.string(), z.string()).optional(),
})

/** Asked for, so that answers are no larger than they have to be. */
export const OBJECT_FIELDS = Object.keys(objectResource.shape).join(',')

export type ObjectResource = z.infer<typeof objectResource>

/** @param folder - what names of this bucket begin with, with a slash at its end, or nothing. */
export function objectInfo(resource: ObjectResource, folder: string): ObjectInfo {
  const { name, bucket, size, md5Hash, timeCreated, updated, metadata = {} } = resource
  return {
    name: name.startsWith(folder) ? name.slice(folder.length) : name,
    url: `gs://${bucket}/${name}`,
    sizeBytes: Number(size),
    generation: resource.generation,
    metageneration: resource.metageneration,
    contentType: resource.contentType,
    contentEncoding: resource.contentEncoding,
    cacheControl: resource.cacheControl,
    storageClass: resource.storageClass,
    crc32c: resource.crc32c,
    md5: md5Hash,
    etag: resource.etag,
    createdAt: new Date(timeCreated),
    updatedAt: new Date(updated),
    metadata,
  }
}
