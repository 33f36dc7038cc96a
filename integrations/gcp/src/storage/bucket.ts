import type { Bucket as GoogleBucket } from '@google-cloud/storage'
import type { AuthClient, GoogleAuth } from 'google-auth-library'
import path from 'node:path'
import { isTuttiError } from 'tutti'
import { Api } from '../api.ts'
import { accessTo, GoogleCredentials } from '../credentials.ts'
import type { Access } from '../credentials.ts'
import { endpointOf } from '../endpoints.ts'
import { gcpError } from '../errors.ts'
import { inParallel } from '../parallel.ts'
import { stopSignal } from '../run-signal.ts'
import { contentTypeOf } from './content-type.ts'
import { copy } from './copy.ts'
import { openDownload } from './download.ts'
import type { Download } from './download.ts'
import { downloadInParts } from './download-parts.ts'
import { FolderCount } from './folder-progress.ts'
import type { FolderProgress } from './folder-progress.ts'
import { parseGlob } from './glob.ts'
import { list, listFolders } from './list.ts'
import type { ListOptions } from './list.ts'
import { fileSource, filesBelow, pathBelow, writeWhole } from './local-files.ts'
import type { FileWriter } from './local-files.ts'
import { OBJECT_FIELDS, objectInfo, objectResource } from './object-info.ts'
import type { ObjectInfo } from './object-info.ts'
import type {
  CopyOptions,
  CreateOptions,
  DeleteOptions,
  DownloadFileOptions,
  FolderOptions,
  PartsOption,
  ReadOptions,
  Stoppable,
  UploadFileOptions,
  UploadOptions,
} from './options.ts'
import { sourceOf } from './pieces.ts'
import type { Bytes, Source } from './pieces.ts'
import { hasPreconditions, preconditionsQuery } from './preconditions.ts'
import { readSettings } from './settings.ts'
import type { BucketSettings, GcsBucketFields } from './settings.ts'
import { signedUrl } from './signed-url.ts'
import type { SignedUrlOptions } from './signed-url.ts'
import { unpacked } from './unpacked.ts'
import { upload } from './upload.ts'
import type { Upload } from './upload.ts'
import { canCompose, uploadInParts } from './upload-parts.ts'

const PARALLEL_DEFAULT = 4
const PARALLEL_MAX = 64
const PARTS_DEFAULT = 4
/** A part of a large file has so many pieces or more: each costs a request or two of its own. */
const PIECES_PER_PART = 2
/** Downloads of a file that come with another checksum than the object's. */
const TRANSFERS_MAX = 3
/** What `read` takes into memory. */
const READ_BYTES_MAX = 1024 * 1024 * 1024

/**
 * A bucket of Cloud Storage, or a folder of one.
 *
 * Transfers are checked by their checksums in both directions, go on where a connection was cut, and are stopped by the run's own signal.
 * Whatever is written is there as a whole or not at all, in the bucket and on the disk.
 */
export class Bucket {
  readonly name: string
  /** What all names begin with, with a slash at its end, or nothing. */
  readonly folder: string
  readonly #fields: GcsBucketFields
  readonly #settings: BucketSettings
  readonly #credentials: GoogleCredentials
  readonly #access: Access
  readonly #api: Api

  constructor(fields: GcsBucketFields) {
    // All that come of this one share what they ask for access.
    this.#credentials = fields.credentials ?? new GoogleCredentials()
    this.#fields = { ...fields, credentials: this.#credentials }
    this.#settings = readSettings(fields)
    this.name = this.#settings.name
    this.folder = this.#settings.folder
    this.#access = accessTo(endpointOf('storage', fields), this.#credentials)
    this.#api = new Api(this.#access, this.#settings.api)
  }

  /** The same bucket, seen from a folder in it. */
  in(folder: string): Bucket {
    return new Bucket({ ...this.#fields, folder: `${this.folder}${folder}` })
  }

  /** Another bucket with the same credentials and settings, and without a folder. */
  named(bucket: string): Bucket {
    return new Bucket({ ...this.#fields, bucket, folder: undefined })
  }

  /** The address of an object as other tools take it. */
  urlOf(name = ''): string {
    return `gs://${this.name}/${this.folder}${name}`
  }

  /** The page of Google's console that shows an object or a folder. */
  consoleUrlOf(name = ''): string {
    const whole = `${this.folder}${name}`
    const path = `${encodeURIComponent(this.name)}/${whole.split('/').map(encodeURIComponent).join('/')}`
    const isFolder = whole === '' || whole.endsWith('/')
    return `https://console.cloud.google.com/storage/browser/${isFolder ? path : `_details/${path}`}`
  }

  /** Google's own client of this bucket, for what is not offered here. It knows nothing of `folder`. */
  async client(): Promise<GoogleBucket> {
    return this.#client(await this.#access.authClient())
  }

  async #client(authClient: AuthClient | GoogleAuth): Promise<GoogleBucket> {
    const { Storage } = await import('@google-cloud/storage')
    const { endpoint } = this.#access
    // An address of one's own would be asked without credentials.
    const storage = new Storage({ authClient, apiEndpoint: endpoint.url, useAuthWithCustomEndpoint: !endpoint.isEmulator })
    return storage.bucket(this.name)
  }

  /** Writes an object: text, bytes, or any stream of them. */
  async write(name: string, bytes: Bytes, options: UploadOptions = {}): Promise<ObjectInfo> {
    return this.#upload(name, sourceOf(bytes), options)
  }

  /** @param name - that of the file when nothing is given. */
  async uploadFile(file: string, name: string = path.basename(file), options: UploadFileOptions = {}): Promise<ObjectInfo> {
    const source = await fileSource(file)
    const { sizeBytes } = source
    const { largeBytes, pieceBytes } = this.#settings
    const parallel = readParts(options)
    if (parallel > 1 && sizeBytes >= largeBytes && !hasPreconditions(options)) {
      const it = this.#uploading(name, options)
      const large = { ...it, file, sizeBytes, leastBytes: PIECES_PER_PART * pieceBytes, parallel }
      if (await canCompose(this.#api, it)) return objectInfo(await uploadInParts(this.#api, large), this.folder)
    }
    return this.#upload(name, source, options)
  }

  /** Uploads the files below a folder, several at once. Links are not followed. The first failure ends it. */
  async uploadFolder(folder: string, prefix = '', options: FolderOptions = {}): Promise<FolderProgress> {
    const pattern = options.glob === undefined ? undefined : parseGlob(options.glob)
    const told = new FolderCount(options.onProgress)
    await inParallel(filesBelow(folder), this.#parallel(options), async (file, signal) => {
      if (pattern !== undefined && !pattern.matches(file)) return
      await this.uploadFile(`${folder}/${file}`, `${prefix}${file}`, { signal, parts: 1, onProgress: told.of(file) })
      told.done(file)
    })
    return told.sum()
  }

  async #upload(name: string, source: Source, options: UploadOptions): Promise<ObjectInfo> {
    return objectInfo(await upload(this.#api, { ...this.#uploading(name, options), source }), this.folder)
  }

  #uploading(name: string, options: UploadOptions): Omit<Upload, 'source'> {
    const { contentType = contentTypeOf(name), contentEncoding, contentDisposition, cacheControl, metadata, storageClass } = options
    const { onProgress } = options
    return {
      ...preconditionsQuery(options),
      bucket: this.name,
      name: this.#whole(name),
      metadata: { contentType, contentEncoding, contentDisposition, cacheControl, metadata, storageClass },
      pieceBytes: this.#settings.pieceBytes,
      onProgress: onProgress === undefined ? undefined : (progress) => onProgress({ ...progress, name }),
      signal: stopSignal(options.signal),
    }
  }

  /** The bytes of an object as they come; memory holds a chunk of them. */
  async *stream(name: string, options: ReadOptions = {}): AsyncGenerator<Buffer> {
    const isPart = options.start !== undefined || options.end !== undefined
    const { bytes, encoding } = await openDownload(this.#api, this.#download(name, options))
    if (encoding !== 'gzip' || options.raw === true || isPart) {
      yield* bytes
      return
    }
    yield* unpacked(bytes)
  }

  /** All of an object at once. Take `stream` or `downloadFile` for what is large. */
  async read(name: string, options: ReadOptions = {}): Promise<Buffer> {
    const chunks: Buffer[] = []
    let size = 0
    for await (const chunk of this.stream(name, options)) {
      chunks.push(chunk)
      size += chunk.length
      if (size > READ_BYTES_MAX)
        throw gcpError('INVALID_OPTION', `${this.urlOf(name)} has more than 1 GiB: take \`stream\` or \`downloadFile\``)
    }
    return Buffer.concat(chunks)
  }

  async readText(name: string, options: ReadOptions = {}): Promise<string> {
    return (await this.read(name, options)).toString()
  }

  /** Downloads an object to a file, which gets its name when it is whole. */
  async downloadFile(name: string, file: string, options: DownloadFileOptions = {}): Promise<void> {
    const parallel = readParts(options)
    for (let transfer = 1; ; transfer++) {
      try {
        await writeWhole(file, (writer) => this.#downloadTo(writer, this.#download(name, options), { parallel, raw: options.raw === true }))
        return
      } catch (error) {
        if (!isTuttiError(error, 'gcp/DATA_CORRUPT') || transfer === TRANSFERS_MAX) throw error
      }
    }
  }

  async #downloadTo(
    { append, writeAt }: FileWriter,
    download: Download,
    { parallel, raw }: { readonly parallel: number; readonly raw: boolean },
  ): Promise<void> {
    const { largeBytes, pieceBytes } = this.#settings
    const { bytes, encoding, sizeBytes, generation, crc32c, close } = await openDownload(this.#api, download)
    const isPacked = encoding === 'gzip' && !raw
    if (parallel > 1 && sizeBytes >= largeBytes && !isPacked) {
      close()
      const whole = { download: { ...download, generation }, sizeBytes, crc32c }
      await downloadInParts(this.#api, { ...whole, leastBytes: PIECES_PER_PART * pieceBytes, parallel, write: writeAt })
      return
    }
    for await (const chunk of isPacked ? unpacked(bytes) : bytes) await append(chunk)
  }

  /** Downloads what lies below a prefix, several objects at once; files are named as the objects without it. The first failure ends it. */
  async downloadFolder(prefix: string, folder: string, options: FolderOptions = {}): Promise<FolderProgress> {
    const told = new FolderCount(options.onProgress)
    const parallel = this.#parallel(options)
    const objects = this.#below(prefix, { glob: options.glob, signal: parallel.signal })
    await inParallel(objects, parallel, async ({ name, short, generation }, signal) => {
      await this.downloadFile(name, pathBelow(folder, short), { generation, signal, parts: 1, onProgress: told.of(name) })
      told.done(name)
    })
    return told.sum()
  }

  /** The bytes of what `downloadFolder` would download. */
  async sizeBelow(prefix: string, glob?: string): Promise<number> {
    let sum = 0
    for await (const { sizeBytes } of this.#below(prefix, { glob, signal: stopSignal(undefined) })) sum += sizeBytes
    return sum
  }

  /** Objects below a prefix, and their names without it. */
  async *#below(
    prefix: string,
    { glob, signal }: { readonly glob: string | undefined; readonly signal: AbortSignal | undefined },
  ): AsyncGenerator<ObjectInfo & { readonly short: string }> {
    const start = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`
    const pattern = glob === undefined ? undefined : parseGlob(glob)
    for await (const object of this.list({ prefix: `${start}${pattern?.prefix ?? ''}`, signal })) {
      const short = object.name.slice(start.length)
      // An object that stands for an empty folder.
      if (short === '' || short.endsWith('/') || (pattern !== undefined && !pattern.matches(short))) continue
      yield { ...object, short }
    }
  }

  #download(name: string, { signal, generation, start, end, onProgress, ...conditions }: ReadOptions): Download {
    return {
      ...preconditionsQuery(conditions),
      bucket: this.name,
      name: this.#whole(name),
      generation,
      start,
      end,
      onProgress: onProgress === undefined ? undefined : (progress) => onProgress({ ...progress, name }),
      signal: stopSignal(signal),
    }
  }

  /** Objects in the order of their names, by prefix, pattern, or both. */
  list(options: ListOptions = {}): AsyncGenerator<ObjectInfo> {
    return list(this.#api, { bucket: this.name, folder: this.folder }, { ...options, signal: stopSignal(options.signal) })
  }

  /** Folders directly below a prefix; each ends with a slash. */
  folders(options: Omit<ListOptions, 'glob'> = {}): AsyncGenerator<string> {
    return listFolders(this.#api, { bucket: this.name, folder: this.folder }, { ...options, signal: stopSignal(options.signal) })
  }

  /** What is known of an object; `undefined` when there is none. A bucket that does not exist is an error. */
  async stat(name: string, options: Stoppable & { readonly generation?: string | undefined } = {}): Promise<ObjectInfo | undefined> {
    try {
      const answer = await this.#api.json({
        method: 'GET',
        url: this.#pathOf(name),
        query: { fields: OBJECT_FIELDS, generation: options.generation },
        what: `${this.urlOf(name)} was not found`,
        signal: stopSignal(options.signal),
      })
      return objectInfo(objectResource.parse(answer), this.folder)
    } catch (error) {
      if (isTuttiError(error, 'gcp/NOT_FOUND')) return undefined
      throw error
    }
  }

  async exists(name: string, options: Stoppable = {}): Promise<boolean> {
    return (await this.stat(name, options)) !== undefined
  }

  /** Copies within Google: no byte comes here. Conditions are about the object that is written. */
  async copy(from: string, to: string, options: CopyOptions = {}): Promise<ObjectInfo> {
    const target = options.to ?? this
    const copied = await copy(this.#api, {
      ...preconditionsQuery(options),
      from: { bucket: this.name, name: this.#whole(from), generation: options.generation },
      to: { bucket: target.name, name: target.#whole(to) },
      signal: stopSignal(options.signal),
    })
    return objectInfo(copied, target.folder)
  }

  /** Copies, then deletes what was copied; if it was changed meanwhile it is left where it is, and that is an error. */
  async move(from: string, to: string, options: Omit<CopyOptions, 'generation'> = {}): Promise<ObjectInfo> {
    const source = await this.stat(from, options)
    if (source === undefined) throw gcpError('NOT_FOUND', `${this.urlOf(from)} was not moved: there is no such object`)
    const { generation } = source
    const moved = await this.copy(from, to, { ...options, generation })
    if (moved.url !== source.url) await this.delete(from, { signal: options.signal, ifGenerationMatch: generation })
    return moved
  }

  /** Deletes an object. Answers whether there was one. */
  async delete(name: string, options: DeleteOptions = {}): Promise<boolean> {
    try {
      await this.#api.json({
        method: 'DELETE',
        url: this.#pathOf(name),
        query: { generation: options.generation, ...preconditionsQuery(options) },
        what: `${this.urlOf(name)} was not deleted`,
        signal: stopSignal(options.signal),
      })
      return true
    } catch (error) {
      if (isTuttiError(error, 'gcp/NOT_FOUND')) return false
      throw error
    }
  }

  /** Deletes all objects that a prefix or pattern names, several at once, and answers how many. One of both must be given. */
  async deleteAll(options: ListOptions & { readonly parallel?: number | undefined }): Promise<number> {
    if ((options.prefix ?? '') === '' && options.glob === undefined) {
      throw gcpError('INVALID_OPTION', "deleteAll: give a `prefix` or a `glob`; `glob: '**'` deletes everything")
    }
    const parallel = this.#parallel(options)
    let deleted = 0
    await inParallel(this.list({ ...options, signal: parallel.signal }), parallel, async ({ name, generation }, signal) => {
      if (await this.delete(name, { generation, signal })) deleted += 1
    })
    return deleted
  }

  /**
   * An address that needs no credentials for a while. It is signed by the key of a service account, else by Google for the account that is
   * impersonated or that the machine has.
   */
  async signedUrl(name: string, options: SignedUrlOptions = {}): Promise<string> {
    const whole = this.#whole(name)
    return signedUrl(async () => this.#client(await this.#credentials.signer()), whole, options)
  }

  /** Makes the bucket. Answers whether it was made: `false` when it was there. */
  async create({ location = 'US', storageClass, uniformAccess = true, signal }: CreateOptions = {}): Promise<boolean> {
    const project = this.#fields.project ?? (await this.#access.projectId())
    try {
      await this.#api.json({
        method: 'POST',
        url: '/storage/v1/b',
        query: { project },
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          name: this.name,
          location,
          storageClass,
          iamConfiguration: { uniformBucketLevelAccess: { enabled: uniformAccess } },
        }),
        what: `the bucket ${this.name} was not made`,
        signal: stopSignal(signal),
      })
      return true
    } catch (error) {
      if (!isTuttiError(error, 'gcp/CONFLICT')) throw error
      await this.#lookAt(signal)
      return false
    }
  }

  /** Throws when the bucket of that name is not there, or is somebody else's. */
  async #lookAt(signal: AbortSignal | undefined): Promise<void> {
    const url = `/storage/v1/b/${encodeURIComponent(this.name)}`
    await this.#api.json({ method: 'GET', url, what: `the bucket ${this.name} cannot be used`, signal: stopSignal(signal) })
  }

  #parallel({ parallel = PARALLEL_DEFAULT, signal }: FolderOptions): {
    readonly parallel: number
    readonly signal: AbortSignal | undefined
  } {
    if (!Number.isInteger(parallel) || parallel < 1 || parallel > PARALLEL_MAX) {
      throw gcpError('INVALID_OPTION', `parallel: ${parallel} is not a whole number from 1 to ${PARALLEL_MAX}`)
    }
    return { parallel, signal: stopSignal(signal) }
  }

  #whole(name: string): string {
    if (name === '') throw gcpError('INVALID_OPTION', 'an object needs a name')
    return `${this.folder}${name}`
  }

  #pathOf(name: string): string {
    return `/storage/v1/b/${encodeURIComponent(this.name)}/o/${encodeURIComponent(this.#whole(name))}`
  }
}

function readParts({ parts = PARTS_DEFAULT }: PartsOption): number {
  if (Number.isInteger(parts) && parts >= 1 && parts <= PARALLEL_MAX) return parts
  throw gcpError('INVALID_OPTION', `parts: ${parts} is not a whole number from 1 to ${PARALLEL_MAX}`)
}

/** The bytes of what `uploadFolder` would upload. */
export async function sizeOfFolder(folder: string, glob?: string): Promise<number> {
  const pattern = glob === undefined ? undefined : parseGlob(glob)
  let sum = 0
  for await (const file of filesBelow(folder))
    if (pattern === undefined || pattern.matches(file)) sum += (await fileSource(`${folder}/${file}`)).sizeBytes
  return sum
}
