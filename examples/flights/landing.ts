import { createWriteStream } from 'node:fs'
import { mkdir, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'

/** The source could not answer this time. Tutti reads `Retry-After` from `headers` and waits that long before the next attempt. */
export class SourceError extends Error {
  override readonly name = 'SourceError'
  readonly headers: Headers | null
  /** Asking again may help: it was busy or the line broke. */
  readonly mayPass: boolean

  constructor(message: string, options: { readonly mayPass: boolean; readonly headers?: Headers; readonly cause?: unknown }) {
    super(message, { cause: options.cause })
    this.headers = options.headers ?? null
    this.mayPass = options.mayPass
  }
}

/** Downloads a file. It appears under its name when it is whole, so a download that was cut or repeated leaves nothing half. */
export async function download(url: string, file: string, signal: AbortSignal): Promise<string> {
  await mkdir(dirname(file), { recursive: true })
  const unfinished = `${file}.${process.pid}.unfinished`
  try {
    const response = await fetch(url, { signal })
    if (!response.ok || response.body === null) {
      const mayPass = response.status >= 500 || response.status === 429
      throw new SourceError(`the source answered ${response.status} for ${url}`, { mayPass, headers: response.headers })
    }
    // The types of the web's streams and of Node's describe the same object.
    await pipeline(Readable.fromWeb(response.body as ReadableStream), createWriteStream(unfinished), { signal })
  } catch (error) {
    if (error instanceof SourceError || signal.aborted) throw error
    throw new SourceError(`the connection to the source broke while ${url} came in`, { mayPass: true, cause: error })
  }
  await rename(unfinished, file)
  return file
}

/** Downloads a small JSON document. */
export async function downloadJson(url: string, file: string, signal: AbortSignal): Promise<unknown> {
  return JSON.parse(await readFile(await download(url, file, signal), 'utf8'))
}
