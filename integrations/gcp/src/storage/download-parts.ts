import type { Api } from '../api.ts'
import { Crc32c, joinCrc32c } from '../crc32c.ts'
import { gcpError } from '../errors.ts'
import { inParallel } from '../parallel.ts'
import { openDownload } from './download.ts'
import type { Download } from './download.ts'
import { each, partsOf, PartsProgress } from './parts.ts'

export interface DownloadInParts {
  /** With the generation that all parts are of. */
  readonly download: Download & { readonly generation: string }
  readonly sizeBytes: number
  readonly crc32c: string | undefined
  /** Of a part. */
  readonly leastBytes: number
  readonly parallel: number
  readonly write: (position: number, bytes: Uint8Array) => Promise<void>
}

const PARTS_MAX = 10_000

/** Downloads an object in ranges, several at once. Each goes on where it was cut; the checksum is that of the whole. */
export async function downloadInParts(api: Api, it: DownloadInParts): Promise<void> {
  const { download, sizeBytes } = it
  const { name, signal, onProgress } = download
  const parts = partsOf(sizeBytes, { leastBytes: it.leastBytes, most: PARTS_MAX })
  const progress = new PartsProgress((bytes) => onProgress?.({ name, bytes, totalBytes: sizeBytes }))
  const sums: { readonly crc32c: string; readonly sizeBytes: number }[] = []
  await inParallel(each(parts), { parallel: it.parallel, signal }, async ({ index, start, end }, stop) => {
    const crc = new Crc32c()
    const told = (bytes: number): void => progress.set(index, bytes)
    const part = await openDownload(api, { ...download, start, end, signal: stop, onProgress: ({ bytes }) => told(bytes) })
    let position = start
    for await (const chunk of part.bytes) {
      await it.write(position, chunk)
      crc.update(chunk)
      position += chunk.length
    }
    sums[index] = { crc32c: crc.toBase64(), sizeBytes: end - start }
  })
  const crc32c = joinCrc32c(sums)
  if (it.crc32c === undefined || it.crc32c === crc32c) return
  const what = `gs://${download.bucket}/${name}`
  throw gcpError(
    'DATA_CORRUPT',
    `${what} was not downloaded as it is: its checksum is ${it.crc32c}, that of the bytes that came is ${crc32c}`,
  )
}
