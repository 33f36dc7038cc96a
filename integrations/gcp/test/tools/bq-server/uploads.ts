import { randomUUID } from 'node:crypto'
import { appendFile, stat, writeFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import path from 'node:path'
import { bodyOf } from './http.ts'
import { invalid, notFound } from './refusal.ts'
import type { IJob } from './wire.ts'

/** A job and the file that came with it. */
export interface Upload {
  readonly projectId: string
  readonly job: IJob
  readonly file: string
}

export type UploadStep = { readonly type: 'whole'; readonly upload: Upload } | { readonly type: 'more'; readonly sizeBytes: number }

/** Files that come with their load job: in one request, or in chunks of a resumable upload. */
export class Uploads {
  readonly #folder: string
  readonly #open = new Map<string, Upload>()

  constructor(folder: string) {
    this.#folder = folder
  }

  async begin(projectId: string, job: IJob): Promise<string> {
    const id = randomUUID()
    const upload = { projectId, job, file: path.join(this.#folder, id) }
    await writeFile(upload.file, '')
    this.#open.set(id, upload)
    return id
  }

  async chunk(id: string, request: IncomingMessage): Promise<UploadStep> {
    const upload = this.#open.get(id)
    if (upload === undefined) throw notFound(`Upload ${id}`)
    await appendFile(upload.file, await bodyOf(request))
    const { size } = await stat(upload.file)
    const [, total] = /\/(\d+|\*)$/.exec(request.headers['content-range'] ?? '') ?? []
    if (total !== undefined && (total === '*' || Number(total) > size)) return { type: 'more', sizeBytes: size }
    this.#open.delete(id)
    return { type: 'whole', upload }
  }

  /** `multipart/related`: the job as JSON, then the file. */
  async whole(projectId: string, request: IncomingMessage): Promise<Upload> {
    const [, , boundary] = /boundary=("?)([^";]+)\1/.exec(request.headers['content-type'] ?? '') ?? []
    if (boundary === undefined) throw invalid('Missing boundary in the content type of a multipart upload')
    const [job, media] = partsOf(await bodyOf(request), `--${boundary}`)
    if (job === undefined || media === undefined) throw invalid('Missing end boundary in multipart body.')
    const file = path.join(this.#folder, randomUUID())
    await writeFile(file, media)
    return { projectId, job: JSON.parse(job.toString()) as IJob, file } // as every body of this API
  }
}

function partsOf(body: Buffer, mark: string): readonly Buffer[] {
  const parts: Buffer[] = []
  let start = body.indexOf(mark)
  for (;;) {
    const next = start < 0 ? -1 : body.indexOf(mark, start + mark.length)
    if (next < 0) return parts
    const part = body.subarray(start + mark.length + 2, next - 2)
    parts.push(part.subarray(part.indexOf('\r\n\r\n') + 4))
    start = next
  }
}
