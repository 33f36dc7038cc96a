import type { Bucket as GoogleBucket } from '@google-cloud/storage'
import { parseDuration } from 'tutti'
import type { Duration } from 'tutti'
import { gcpError } from '../errors.ts'

export interface SignedUrlOptions {
  /** `read` (the usual) gives the object to whoever has the address; `write` lets them put it there; `delete` lets them delete it. */
  readonly action?: 'read' | 'write' | 'delete' | undefined
  /** How long the address is good for, at most 7 days; an hour when nothing is given. */
  readonly expires?: Duration | undefined
  /** Of `write`: what must be sent with it. */
  readonly contentType?: string | undefined
  /** Of `read`: the name browsers save it under. */
  readonly saveAs?: string | undefined
}

const EXPIRES_DEFAULT_MS = 3_600_000
const EXPIRES_MAX_MS = 7 * 86_400_000

/** An address that needs no credentials for a while: version 4, signed by the key or by Google for the impersonated account. */
export async function signedUrl(open: () => Promise<GoogleBucket>, name: string, options: SignedUrlOptions): Promise<string> {
  const { action = 'read', expires = EXPIRES_DEFAULT_MS, contentType, saveAs } = options
  const expiresMs = parseDuration(expires, 'expires')
  if (expiresMs > EXPIRES_MAX_MS) throw gcpError('INVALID_OPTION', 'expires: a signed address is good for at most 7 days')
  const bucket = await open()
  try {
    const [url] = await bucket.file(name).getSignedUrl({
      version: 'v4',
      action,
      expires: Date.now() + expiresMs,
      ...(contentType !== undefined && { contentType }),
      ...(saveAs !== undefined && { promptSaveAs: saveAs }),
    })
    return url
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error)
    throw gcpError('CANNOT_SIGN', `the address of gs://${bucket.name}/${name} was not signed: ${said}`, { cause: error })
  }
}
