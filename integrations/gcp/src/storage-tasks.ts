import { artifact, exponential, isTuttiError, task } from 'tutti'
import { GcsBucket } from './gcs-bucket.ts'
import { withProgress } from './shown-progress.ts'
import { sizeOfFolder } from './storage/bucket.ts'
import type { Bucket } from './storage/bucket.ts'
import type { FolderProgress } from './storage/folder-progress.ts'
import type { ObjectInfo } from './storage/object-info.ts'
import type { Preconditions } from './storage/preconditions.ts'
import type { ObjectMetadata } from './storage/upload.ts'

/** A bucket, or the name of a saved `GcsBucket` block. */
export type BucketOrBlock = Bucket | string

interface OfBucket {
  readonly bucket: BucketOrBlock
}

export interface UploadFileInput extends OfBucket, ObjectMetadata, Preconditions {
  /** On this machine. */
  readonly file: string
  /** In the bucket; that of the file when nothing is given. */
  readonly name?: string | undefined
  /** Parts of a large file that are transferred at once; 4 when nothing is given, 1: one stream. */
  readonly parts?: number | undefined
}

export interface DownloadFileInput extends OfBucket, Preconditions {
  readonly name: string
  readonly file: string
  /** Parts of a large file that are transferred at once; 4 when nothing is given, 1: one stream. */
  readonly parts?: number | undefined
}

export interface UploadFolderInput extends OfBucket {
  readonly folder: string
  /** What names of objects begin with. */
  readonly prefix?: string | undefined
  readonly glob?: string | undefined
  readonly parallel?: number | undefined
}

export interface DownloadFolderInput extends OfBucket {
  readonly prefix: string
  readonly folder: string
  readonly glob?: string | undefined
  readonly parallel?: number | undefined
}

export interface CopyObjectInput extends OfBucket, Preconditions {
  readonly from: string
  readonly to: string
  /** Where to; the same bucket when nothing is given. */
  readonly toBucket?: BucketOrBlock | undefined
}

export interface DeleteObjectsInput extends OfBucket {
  readonly prefix?: string | undefined
  readonly glob?: string | undefined
}

/** A transfer goes on by itself where it was cut; what is left for a new attempt takes longer to pass. */
const again = {
  retries: 3,
  retryDelay: exponential('5s', { jitter: 0.3 }),
  retryIf: mayPass,
} as const

/** Errors that the caller has to mend stay as they are. */
function mayPass(error: unknown): boolean {
  return !isTuttiError(error) || error.status >= 500 || error.status === 429
}

/** Uploads a file; its page in Google's console is linked from the run. */
export const uploadFile = task(
  {
    name: 'upload-file',
    ...again,
    key: ({ bucket, file, name }: UploadFileInput) => `${keyOf(bucket, name)} from ${file}`,
  },
  async ({ bucket, file, name, ...options }: UploadFileInput): Promise<ObjectInfo> => {
    const to = await bucketOf(bucket)
    const object = await withProgress(`Uploading ${file}`, {}, (onProgress) => to.uploadFile(file, name, { ...options, onProgress }))
    await link(to, object.name, `${object.sizeBytes} bytes uploaded from ${file}`)
    return object
  },
)

/** Uploads the files below a folder. */
export const uploadFolder = task(
  {
    name: 'upload-folder',
    ...again,
    key: ({ bucket, folder, prefix, glob = '' }: UploadFolderInput) => `${keyOf(bucket, prefix)} from ${folder}/${glob}`,
  },
  async ({ bucket, folder, prefix = '', ...options }: UploadFolderInput): Promise<FolderProgress> => {
    const to = await bucketOf(bucket)
    const totalBytes = (): Promise<number> => sizeOfFolder(folder, options.glob)
    const sum = await withProgress(`Uploading ${folder}`, { totalBytes }, (onProgress) =>
      to.uploadFolder(folder, prefix, { ...options, onProgress }),
    )
    await link(to, prefix, `${sum.files} files with ${sum.bytes} bytes uploaded from ${folder}`)
    return sum
  },
)

/** Downloads an object to a file on this machine. The next task may run on another one: hand names of objects from task to task, not files. */
export const downloadFile = task(
  {
    name: 'download-file',
    ...again,
    // The file of an earlier process may be gone, or on another machine.
    persist: false,
    key: ({ bucket, name, file }: DownloadFileInput) => `${keyOf(bucket, name)} to ${file}`,
  },
  async ({ bucket, name, file, ...options }: DownloadFileInput): Promise<string> => {
    const from = await bucketOf(bucket)
    await withProgress(`Downloading ${from.urlOf(name)}`, {}, (onProgress) => from.downloadFile(name, file, { ...options, onProgress }))
    return file
  },
)

/** Downloads what lies below a prefix to a folder on this machine. */
export const downloadFolder = task(
  {
    name: 'download-folder',
    ...again,
    persist: false,
    key: ({ bucket, prefix, folder, glob = '' }: DownloadFolderInput) => `${keyOf(bucket, prefix)}/${glob} to ${folder}`,
  },
  async ({ bucket, prefix, folder, ...options }: DownloadFolderInput): Promise<FolderProgress> => {
    const from = await bucketOf(bucket)
    const totalBytes = (): Promise<number> => from.sizeBelow(prefix, options.glob)
    return withProgress(`Downloading ${from.urlOf(prefix)}`, { totalBytes }, (onProgress) =>
      from.downloadFolder(prefix, folder, { ...options, onProgress }),
    )
  },
)

/** Copies an object within Google. */
export const copyObject = task(
  {
    name: 'copy-object',
    ...again,
    key: ({ bucket, from, to, toBucket }: CopyObjectInput) => `${keyOf(bucket, from)} to ${keyOf(toBucket ?? bucket, to)}`,
  },
  async ({ bucket, from, to, toBucket, ...options }: CopyObjectInput): Promise<ObjectInfo> => {
    const [source, target] = await Promise.all([bucketOf(bucket), bucketOf(toBucket ?? bucket)])
    const object = await source.copy(from, to, { ...options, to: target })
    await link(target, object.name, `copied from ${source.urlOf(from)}`)
    return object
  },
)

/** Deletes the objects that a prefix or a pattern names, and answers how many. */
export const deleteObjects = task(
  {
    name: 'delete-objects',
    ...again,
    key: ({ bucket, prefix, glob = '' }: DeleteObjectsInput) => `${keyOf(bucket, prefix)} ${glob}`,
  },
  async ({ bucket, ...options }: DeleteObjectsInput): Promise<number> => (await bucketOf(bucket)).deleteAll(options),
)

async function bucketOf(bucket: BucketOrBlock): Promise<Bucket> {
  return typeof bucket === 'string' ? GcsBucket.load(bucket) : bucket
}

/** Where a call stands follows from names: a bucket that was loaded again is another object. */
function keyOf(bucket: BucketOrBlock, name = ''): string {
  return typeof bucket === 'string' ? `${bucket}:${name}` : bucket.urlOf(name)
}

async function link(bucket: Bucket, name: string, description: string): Promise<void> {
  await artifact.link({ url: bucket.consoleUrlOf(name), text: bucket.urlOf(name), description })
}
