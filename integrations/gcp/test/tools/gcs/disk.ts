import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { crc32c, crcText } from './crc32c.ts'
import { ServiceError } from './http.ts'
import { checkPreconditions } from './preconditions.ts'

export interface StoredObject {
  readonly name: string
  readonly bucket: string
  readonly generation: string
  readonly metageneration: string
  readonly contentType: string
  readonly contentEncoding?: string
  readonly cacheControl?: string
  readonly size: string
  readonly crc32c: string
  readonly md5Hash?: string
  readonly etag: string
  readonly timeCreated: string
  readonly updated: string
  readonly metadata?: Readonly<Record<string, string>>
  readonly [member: string]: unknown
}

export interface StoredBucket {
  readonly name: string
  readonly metageneration: string
  readonly [member: string]: unknown
}

/** What is known of an object's bytes before they become an object. */
export interface Sums {
  readonly size: number
  readonly crc32c: string
  readonly md5Hash?: string
  readonly componentCount?: number
}

/** A finished file that is about to become an object. */
export interface Candidate {
  readonly bucket: string
  readonly name: string
  readonly file: string
  readonly metadata: Readonly<Record<string, unknown>>
  readonly query: URLSearchParams
  readonly sums: Sums
}

interface Bucket {
  metadata: StoredBucket
  readonly objects: Map<string, StoredObject>
}

const KEPT_MEMBERS = ['contentType', 'contentEncoding', 'contentDisposition', 'contentLanguage', 'cacheControl', 'metadata', 'customTime']
const NAME_BYTES_MAX = 1024

/** Buckets and objects below one folder; they are there again after a restart. */
export class Disk {
  readonly #folder: string
  readonly #buckets = new Map<string, Bucket>()
  #lastGeneration = 0

  constructor(folder: string) {
    this.#folder = folder
    mkdirSync(path.join(folder, 'tmp'), { recursive: true })
    mkdirSync(path.join(folder, 'b'), { recursive: true })
    for (const name of readdirSync(path.join(folder, 'b'))) this.#open(name)
  }

  #open(name: string): void {
    const folder = path.join(this.#folder, 'b', name)
    const objects = new Map<string, StoredObject>()
    for (const file of readdirSync(folder)) {
      if (!file.endsWith('.json') || file === 'bucket.json') continue
      const object = readJsonFile(path.join(folder, file)) as StoredObject // written by `save`
      objects.set(object.name, object)
      this.#lastGeneration = Math.max(this.#lastGeneration, Number(object.generation))
    }
    this.#buckets.set(name, { metadata: readJsonFile(path.join(folder, 'bucket.json')) as StoredBucket, objects })
  }

  buckets(): readonly StoredBucket[] {
    return [...this.#buckets.values()].map(({ metadata }) => metadata)
  }

  bucket(name: string): Bucket {
    const found = this.#buckets.get(name)
    if (found === undefined) throw new ServiceError(404, 'notFound', 'The specified bucket does not exist.')
    return found
  }

  createBucket(metadata: Readonly<Record<string, unknown>>): StoredBucket {
    const name = String(metadata['name'] ?? '')
    if (!/^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/.test(name)) throw new ServiceError(400, 'invalid', `Invalid bucket name: '${name}'`)
    if (this.#buckets.has(name)) {
      throw new ServiceError(409, 'conflict', 'Your previous request to create the named bucket succeeded and you already own it.')
    }
    const at = now()
    const usual = { kind: 'storage#bucket', id: name, location: 'US', storageClass: 'STANDARD', timeCreated: at, updated: at }
    const created: StoredBucket = { ...usual, metageneration: '1', ...metadata, name }
    mkdirSync(path.join(this.#folder, 'b', name), { recursive: true })
    this.#buckets.set(name, { metadata: created, objects: new Map() })
    this.#saveBucket(created)
    return created
  }

  changeBucket(name: string, changes: Readonly<Record<string, unknown>>): StoredBucket {
    const bucket = this.bucket(name)
    const metageneration = String(Number(bucket.metadata.metageneration) + 1)
    bucket.metadata = { ...bucket.metadata, ...changes, name, metageneration, updated: now() }
    this.#saveBucket(bucket.metadata)
    return bucket.metadata
  }

  deleteBucket(name: string): void {
    if (this.bucket(name).objects.size > 0) throw new ServiceError(409, 'conflict', 'The bucket you tried to delete is not empty.')
    rmSync(path.join(this.#folder, 'b', name), { recursive: true, force: true })
    this.#buckets.delete(name)
  }

  object(bucket: string, name: string): StoredObject {
    const found = this.bucket(bucket).objects.get(name)
    if (found === undefined) throw new ServiceError(404, 'notFound', `No such object: ${bucket}/${name}`)
    return found
  }

  /** A name for a file that becomes an object by a rename, or is deleted. */
  scratch(): string {
    return path.join(this.#folder, 'tmp', randomUUID())
  }

  put(candidate: Candidate): StoredObject {
    try {
      this.#check(candidate)
    } catch (error) {
      rmSync(candidate.file, { force: true })
      throw error
    }
    const { bucket, name, file, sums } = candidate
    const generation = this.#nextGeneration()
    const at = now()
    const object: StoredObject = {
      contentType: 'application/octet-stream',
      ...kept(candidate.metadata),
      name,
      bucket,
      generation,
      metageneration: '1',
      storageClass: 'STANDARD',
      size: String(sums.size),
      crc32c: sums.crc32c,
      ...(sums.md5Hash !== undefined && { md5Hash: sums.md5Hash }),
      ...(sums.componentCount !== undefined && { componentCount: sums.componentCount }),
      etag: Buffer.from(generation).toString('base64'),
      timeCreated: at,
      updated: at,
      timeStorageClassUpdated: at,
    }
    renameSync(file, this.fileOf(object))
    this.save(object)
    return object
  }

  #check({ bucket, name, metadata, query, sums }: Candidate): void {
    if (name === '' || Buffer.byteLength(name) > NAME_BYTES_MAX || /[\r\n]/.test(name)) {
      throw new ServiceError(400, 'invalid', 'Invalid object name')
    }
    checkPreconditions(query, this.bucket(bucket).objects.get(name))
    const { crc32c: crc, md5Hash: md5 } = metadata
    if (typeof crc === 'string' && crc !== sums.crc32c) {
      throw new ServiceError(400, 'invalid', `Provided CRC32C "${crc}" doesn't match calculated CRC32C "${sums.crc32c}".`)
    }
    if (typeof md5 === 'string' && sums.md5Hash !== undefined && md5 !== sums.md5Hash) {
      throw new ServiceError(400, 'invalid', `Provided MD5 hash "${md5}" doesn't match calculated MD5 hash "${sums.md5Hash}".`)
    }
  }

  putBytes(candidate: Omit<Candidate, 'file' | 'sums'>, bytes: Buffer, more: Partial<Sums> = {}): StoredObject {
    const file = this.scratch()
    writeFileSync(file, bytes)
    const { md5Hash, ...sums } = sumsOf(bytes)
    // As the service, which does not read the bytes that it composes.
    const isComposed = more.componentCount !== undefined
    return this.put({ ...candidate, file, sums: { ...sums, ...(!isComposed && md5Hash !== undefined && { md5Hash }), ...more } })
  }

  /** The metadata of an object that has its bytes already. */
  save(object: StoredObject): void {
    const file = `${this.fileOf(object)}.json`
    writeFileSync(`${file}~`, JSON.stringify(object))
    renameSync(`${file}~`, file)
    this.bucket(object.bucket).objects.set(object.name, object)
  }

  delete(object: StoredObject): void {
    rmSync(`${this.fileOf(object)}.json`, { force: true })
    rmSync(this.fileOf(object), { force: true })
    this.bucket(object.bucket).objects.delete(object.name)
  }

  fileOf({ bucket, name }: Pick<StoredObject, 'bucket' | 'name'>): string {
    return path.join(this.#folder, 'b', bucket, createHash('sha256').update(name).digest('hex'))
  }

  #saveBucket(metadata: StoredBucket): void {
    writeFileSync(path.join(this.#folder, 'b', metadata.name, 'bucket.json'), JSON.stringify(metadata))
  }

  /** Numbers that only grow, near to the time in microseconds as those of the service. */
  #nextGeneration(): string {
    this.#lastGeneration = Math.max(this.#lastGeneration + 1, Date.now() * 1000)
    return String(this.#lastGeneration)
  }
}

export function sumsOf(bytes: Buffer): Sums {
  return { size: bytes.length, crc32c: crcText(crc32c(bytes)), md5Hash: createHash('md5').update(bytes).digest('base64') }
}

function kept(metadata: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(KEPT_MEMBERS.filter((key) => metadata[key] !== undefined).map((key) => [key, metadata[key]]))
}

function readJsonFile(file: string): unknown {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
}

function now(): string {
  return new Date().toISOString()
}
