import type { ResultStorage } from 'tutti'
import { gcpError } from './errors.ts'
import { GcsBucket } from './gcs-bucket.ts'
import type { Bucket } from './storage/bucket.ts'
import type { BucketOrBlock } from './storage-tasks.ts'

/**
 * Keeps the large results of a flow in a bucket: `flow({ results: { storage: gcsResults('results') } }, …)`. Any machine that can load the
 * block resumes the run. They are deleted when the flow deletes the run (`readTrips.delete(id)`), not by a server that deletes old runs: a
 * lifecycle rule of the bucket deletes them when they are old enough.
 *
 * @param bucket - the name of a saved `GcsBucket` block, loaded when the first large result is written or read, or a bucket.
 */
export function gcsResults(bucket: BucketOrBlock): () => Promise<ResultStorage> {
  return async () => new BucketResults(typeof bucket === 'string' ? await GcsBucket.load(bucket) : bucket)
}

class BucketResults implements ResultStorage {
  readonly #bucket: Bucket

  constructor(bucket: Bucket) {
    this.#bucket = bucket
  }

  async write(name: string, bytes: Uint8Array): Promise<string> {
    const { url } = await this.#bucket.write(name, bytes, { contentType: 'application/octet-stream', signal: never() })
    return url
  }

  async read(address: string): Promise<Uint8Array> {
    const { bucket, name } = placeOf(address)
    // The block may name another bucket by now.
    return this.#bucket.named(bucket).read(name, { signal: never() })
  }

  async delete(address: string): Promise<void> {
    const { bucket, name } = placeOf(address)
    await this.#bucket.named(bucket).delete(name, { signal: never() })
  }
}

function placeOf(address: string): { readonly bucket: string; readonly name: string } {
  const [, bucket, name] = /^gs:\/\/([^/]+)\/(.+)$/.exec(address) ?? []
  if (bucket === undefined || name === undefined) throw gcpError('NOT_FOUND', `${address} is no address of Cloud Storage`)
  return { bucket, name }
}

/** A task that has ended keeps its result, also when its run is being cancelled. */
function never(): AbortSignal {
  return new AbortController().signal
}
