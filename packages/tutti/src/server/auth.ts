import { createHash, timingSafeEqual } from 'node:crypto'

/** Paths that tell whether the server lives, and nothing else: exactly these, without an auth string. */
const OPEN: ReadonlySet<string> = new Set(['/api/health', '/api/ready'])

export interface Credentials {
  readonly method: string
  readonly path: string
  readonly authorization: string | null
}

/** Whether a request may be answered by a server that asks for this `user:password`; an empty one asks for nothing. */
export function isAuthorised(secret: string, { method, path, authorization }: Credentials): boolean {
  if (secret === '' || !isApi(path)) return true
  if (method === 'GET' && OPEN.has(path)) return true
  const given = authorization === null ? undefined : secretIn(authorization)
  return given !== undefined && isSame(given, secret)
}

function isApi(path: string): boolean {
  return path === '/api' || path.startsWith('/api/')
}

/** `Basic` with the text encoded, or `Bearer` with the text itself. */
function secretIn(authorization: string): string | undefined {
  const match = /^(Basic|Bearer) +(\S+) *$/i.exec(authorization)
  if (match === null) return undefined
  const [, scheme = '', value = ''] = match
  return scheme.toLowerCase() === 'basic' ? Buffer.from(value, 'base64').toString('utf8') : value
}

/** Takes as long whatever they have in common. */
export function isSame(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
