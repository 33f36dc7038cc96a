import { createReadStream, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { StoredObject } from './disk.ts'
import { ServiceError } from './http.ts'
import type { Call } from './http.ts'

/** Sends the bytes of an object, or the range of them that is asked for. */
export function sendMedia({ request, response, method }: Call, object: StoredObject, file: string): void {
  const headers = headersOf(object)
  if (object.contentEncoding === 'gzip' && !(request.headers['accept-encoding'] ?? '').includes('gzip')) {
    // As the service does it: what was stored in a packed form is unpacked for those who cannot.
    const bytes = gunzipSync(readFileSync(file))
    response.writeHead(200, { ...headers, 'content-length': bytes.length, warning: '214 UploadServer gunzipped' })
    response.end(bytes)
    return
  }
  const size = Number(object.size)
  const range = readRange(request.headers.range, size)
  response.writeHead(range === undefined ? 200 : 206, {
    ...headers,
    ...(object.contentEncoding !== undefined && { 'content-encoding': object.contentEncoding }),
    ...(range !== undefined && { 'content-range': `bytes ${range.start}-${range.end}/${size}` }),
    'content-length': range === undefined ? size : range.end - range.start + 1,
  })
  if (size === 0 || method === 'HEAD') {
    response.end()
    return
  }
  createReadStream(file, range)
    .on('error', () => response.destroy())
    .pipe(response)
}

function headersOf(object: StoredObject): Readonly<Record<string, string>> {
  const { md5Hash, cacheControl } = object
  return {
    'content-type': object.contentType,
    'x-goog-hash': `crc32c=${object.crc32c}${md5Hash === undefined ? '' : `,md5=${md5Hash}`}`,
    'x-goog-generation': object.generation,
    'x-goog-metageneration': object.metageneration,
    'x-goog-stored-content-length': object.size,
    'x-goog-stored-content-encoding': object.contentEncoding ?? 'identity',
    etag: object.etag,
    'last-modified': new Date(object.updated).toUTCString(),
    'accept-ranges': 'bytes',
    ...(cacheControl !== undefined && { 'cache-control': cacheControl }),
  }
}

/** `bytes=0-99`, `bytes=100-` and `bytes=-100`; both ends belong to the range. */
function readRange(header: string | undefined, size: number): { readonly start: number; readonly end: number } | undefined {
  const found = /^bytes=(\d*)-(\d*)$/.exec(header ?? '')
  if (found === null || found[0] === 'bytes=-') return undefined
  const [, from = '', to = ''] = found
  const start = from === '' ? Math.max(0, size - Number(to)) : Number(from)
  const end = from === '' || to === '' ? size - 1 : Math.min(size - 1, Number(to))
  if (start >= size) throw new ServiceError(416, 'requestedRangeNotSatisfiable', 'Request range not satisfiable')
  return { start, end }
}
