import { open } from 'node:fs/promises'
import type { AuthClient } from 'google-auth-library'
import type { Connection } from './connection.ts'
import { bigQueryError } from './errors.ts'
import type { LocalSource } from './sources.ts'
import type { Job } from './wire.ts'

/** The service has it, and waits for the rest. */
const MORE = 308
/** How often the service may take a chunk and have no more of the file than before. */
const STALLS_MAX = 5

interface JobUpload {
  readonly job: Job
  readonly source: LocalSource
}

/** Sends a file with its load job, in chunks: one that fails is sent again, from where the service says. Answers where the job runs. */
export async function uploadJob(
  connection: Connection,
  { job, source }: JobUpload,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const address = await connection.askPlainly(
    `the upload of ${source.name} could not be started`,
    (auth) => begin(connection.url, auth, job),
    signal,
  )
  const file = await open(source.path)
  try {
    let state: State = { isDone: false, received: 0, location: undefined }
    let stalls = 0
    while (!state.isDone) {
      if (stalls > STALLS_MAX)
        throw bigQueryError('BIGQUERY_UNAVAILABLE', `the upload of ${source.name} does not get beyond byte ${state.received}`)
      const start = state.received
      const chunk = new Uint8Array(Math.min(connection.pieceBytes, source.sizeBytes - start))
      await file.read(chunk, 0, chunk.length, start)
      let hasFailed = false
      state = await connection.askPlainly(
        `${source.name} could not be uploaded`,
        async (auth) => {
          // After a failure it is not known how much has arrived.
          const asked = hasFailed ? await ask(auth, address, source.sizeBytes) : { isDone: false, received: start, location: undefined }
          hasFailed = true
          if (asked.isDone || asked.received !== start) return asked
          return send(auth, address, { chunk, start, sizeBytes: source.sizeBytes })
        },
        signal,
      )
      stalls = state.received > start ? 0 : stalls + 1
    }
    return state.location
  } finally {
    await file.close()
  }
}

async function begin(url: string, auth: AuthClient, job: Job): Promise<string> {
  const { headers } = await auth.request({
    url: `${url}/upload/bigquery/v2/projects/${encodeURIComponent(job.jobReference?.projectId ?? '')}/jobs?uploadType=resumable`,
    method: 'POST',
    headers: { 'x-upload-content-type': 'application/octet-stream' },
    data: job,
    retry: false,
  })
  const address = headers.get('location')
  if (address === null) throw new Error('BigQuery gave the upload no address')
  return address
}

interface State {
  readonly isDone: boolean
  /** How many bytes have arrived. */
  readonly received: number
  /** Of the job, once it is started. */
  readonly location: string | undefined
}

function send(
  auth: AuthClient,
  address: string,
  { chunk, start, sizeBytes }: { readonly chunk: Uint8Array<ArrayBuffer>; readonly start: number; readonly sizeBytes: number },
): Promise<State> {
  const range = chunk.length === 0 ? '*' : `${start}-${start + chunk.length - 1}`
  return put(auth, address, `bytes ${range}/${sizeBytes}`, chunk)
}

const ask = (auth: AuthClient, address: string, sizeBytes: number): Promise<State> => put(auth, address, `bytes */${sizeBytes}`, undefined)

async function put(auth: AuthClient, address: string, range: string, body: Uint8Array<ArrayBuffer> | undefined): Promise<State> {
  const { status, headers, data } = await auth.request<Job | undefined>({
    url: address,
    method: 'PUT',
    headers: { 'content-range': range, 'content-type': 'application/octet-stream' },
    ...(body !== undefined && { body }),
    validateStatus: (code) => (code >= 200 && code < 300) || code === MORE,
    retry: false,
  })
  const last = /-(\d+)$/.exec(headers.get('range') ?? '')?.[1]
  const isDone = status !== MORE
  return { isDone, received: last === undefined ? 0 : Number(last) + 1, location: isDone ? data?.jobReference?.location : undefined }
}
