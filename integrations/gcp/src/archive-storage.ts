import type { OpenArchiveStorage } from 'tutti'
import { GoogleCredentials } from './credentials.ts'
import { gcpError } from './errors.ts'
import { Bucket } from './storage/bucket.ts'

/** Keeps archives of code in a bucket: what `archive({ address: 'gs://bucket/folder' })` of a deployment names. */
export const archiveStorage: OpenArchiveStorage = ({ address, key }) => {
  const [, name, folder = ''] = /^gs:\/\/([^/]+)(?:\/(.*))?$/.exec(address) ?? []
  if (name === undefined) throw gcpError('INVALID_OPTION', `${address} is not of the form gs://bucket/folder`)
  const credentials = new GoogleCredentials(key === null ? {} : { serviceAccount: key })
  const bucket = new Bucket({ bucket: name, folder, credentials })
  return {
    has: (archive, signal) => bucket.exists(archive, { signal }),
    async write(archive, bytes, signal) {
      await bucket.write(archive, bytes, { contentType: 'application/gzip', signal })
    },
    async read(archive, signal) {
      return (await bucket.exists(archive, { signal })) ? bucket.read(archive, { signal }) : undefined
    },
  }
}
