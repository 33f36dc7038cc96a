import { randomUUID } from 'node:crypto'
import type { BigQuery, Job as JobHandle } from '@google-cloud/bigquery'
import { log, parseDuration } from 'tutti'
import type { Duration } from 'tutti'
import type { Connection } from './connection.ts'
import { bigQueryError } from './errors.ts'
import { isPassingJob, isStatus, jobError } from './failures.ts'
import type { JobIdentity } from './job-identity.ts'
import { currentRun, stopSignal } from './job-identity.ts'
import { pauseMs, sleep } from './retries.ts'
import type { Pauses } from './retries.ts'
import type { Job, JobConfiguration } from './wire.ts'

/** How a job that is waited for is doing. */
export interface JobProgress {
  readonly jobId: string
  readonly state: 'pending' | 'running' | 'done'
  /** Since it was started. */
  readonly elapsedMs: number
  /** Between 0 and 100 where BigQuery says it: of queries the share of their work that is done. */
  readonly percent: number | null
}

/** What may be said about every job. */
export interface JobOptions {
  /**
   * Names the call, so that another attempt of the run finds its job again although its options are others now. Default: the kind of job, what
   * it is asked to do, and which such call of the run it is.
   */
  readonly key?: string | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** Called at every look at the job. */
  readonly onProgress?: ((progress: JobProgress) => void) | undefined
  /** The longest to wait; then the job is cancelled. Default 6 hours. */
  readonly timeout?: Duration | undefined
  /** Cancels the job, besides the signal of the run. */
  readonly signal?: AbortSignal | undefined
}

export interface JobRequest {
  /** For messages: `the load into trips.yellow`. */
  readonly what: string
  readonly identity: JobIdentity
  readonly configuration: JobConfiguration
  /** Of a job of an earlier attempt that has ended: what it found is gone, it is run again. */
  readonly isStale?: (job: Job) => boolean
  /** Starts it by other means than a request of its own, as with an upload. Answers where the job runs. */
  readonly start?: (job: Job, signal: AbortSignal | undefined) => Promise<string | undefined>
}

export interface FinishedJob {
  readonly job: Job
  /** It was started by an earlier attempt of this run. */
  readonly reused: boolean
}

const TIMEOUT_DEFAULT_MS = 6 * 3_600_000
/** How many jobs one call may start because the ones before it failed of something that passes. */
const JOBS_MAX = 4
/** How many failed jobs of earlier attempts are passed over. */
const SUFFIX_MAX = 1_000
/** How often an upload is begun anew because the service has forgotten it. */
const UPLOADS_MAX = 3
const CANCEL_WAIT_MS = 15_000

/**
 * Starts a job, or finds the one that an earlier attempt of this run has started, and waits for its end. A job that has failed is never found:
 * the next one has another number at the end of its id.
 */
export async function runJob(
  connection: Connection,
  request: JobRequest,
  options: JobOptions & { readonly pauses: Pauses },
): Promise<FinishedJob> {
  const { what, identity, configuration } = request
  const signal = stopSignal(options.signal)
  const timeoutMs = parseDuration(options.timeout ?? TIMEOUT_DEFAULT_MS, 'timeout')
  let started = 0
  for (let number = 1; number <= SUFFIX_MAX; number += 1) {
    const jobId = `${identity.base}_${number}`
    const attempt = randomUUID()
    const labels = { ...options.labels, ...labelsOfRun(), [ATTEMPT_LABEL]: attempt }
    const handle = await startOrFind(connection, { ...request, configuration: { ...configuration, labels } }, { jobId, signal })
    const job = await waitFor(connection, handle, { ...options, what, signal, timeoutMs })
    const isNew = job.configuration?.labels?.[ATTEMPT_LABEL] === attempt
    if (isNew) started += 1
    const failure = job.status?.errorResult
    if (failure === undefined && !isNew && request.isStale?.(job) === true) continue
    if (failure === undefined) {
      if (!isNew) log.info(`${what}: job ${jobId} of an earlier attempt has done it`)
      return { job, reused: !isNew }
    }
    if (isNew && (started >= JOBS_MAX || !isPassingJob(job))) throw jobError(job, what)
    if (isNew) {
      log.warn(`${what}: job ${jobId} failed of something that passes and is started again: ${failure.message}`)
      await sleep(pauseMs(options.pauses, started - 1), signal)
    }
  }
  throw bigQueryError('BIGQUERY_UNAVAILABLE', `${what} has failed ${SUFFIX_MAX} times in this run`)
}

/** Says which try started a job: an id that is taken may be that of the same try, whose answer was lost. */
const ATTEMPT_LABEL = 'tutti-try'

/** So that jobs are found by their run in Google's console. */
function labelsOfRun(): Readonly<Record<string, string>> {
  const run = currentRun()
  if (run === undefined) return {}
  return { 'tutti-flow-run': run.flowRunId, ...(run.taskRunId !== null && { 'tutti-task-run': run.taskRunId }) }
}

async function startOrFind(
  connection: Connection,
  request: JobRequest,
  { jobId, signal }: { readonly jobId: string; readonly signal: AbortSignal | undefined },
): Promise<JobHandle> {
  const { what, identity } = request
  const client = await connection.client()
  const handle = client.job(jobId, { ...(connection.location !== undefined && { location: connection.location }) })
  // What is there already need not be sent once more.
  const mayBeThere = (): Promise<boolean> => isThere(connection, handle, { what, signal })
  if (request.start !== undefined && identity.isShared && (await mayBeThere())) return handle
  for (let uploads = 1; ; uploads += 1) {
    try {
      const location = await start(connection, client, { request, jobId, signal })
      if (location !== undefined) handle.location = location
      return handle
    } catch (error) {
      if (signal?.aborted === true) await cancel(connection, handle)
      if (isStatus(error, 409)) {
        // An earlier attempt started it, or an earlier try of this one whose answer was lost. The message knows where it runs.
        const location = / Job [^\s:]+:([\w-]+)\./.exec((error as Error).message)?.[1] // with a status it is an error
        if (location !== undefined) handle.location = location
        return handle
      }
      // An upload that is not known any more has ended, with a job or without.
      if (request.start === undefined || uploads >= UPLOADS_MAX || !(isStatus(error, 404) || isStatus(error, 410))) throw error
      if (await mayBeThere()) return handle
    }
  }
}

interface Start {
  readonly request: JobRequest
  readonly jobId: string
  readonly signal: AbortSignal | undefined
}

/** Answers where it runs. */
async function start(connection: Connection, client: BigQuery, { request, jobId, signal }: Start): Promise<string | undefined> {
  const { configuration } = request
  if (request.start !== undefined) return request.start({ jobReference: await referenceOf(connection, jobId), configuration }, signal)
  const insertion = { jobId, configuration, location: connection.location }
  return connection.ask(`${request.what} could not be started`, () => insert(client, insertion), signal)
}

async function referenceOf(connection: Connection, jobId: string): Promise<NonNullable<Job['jobReference']>> {
  const { location } = connection
  return { projectId: await connection.projectId(), jobId, ...(location !== undefined && { location }) }
}

interface Insertion {
  readonly jobId: string
  readonly configuration: JobConfiguration
  readonly location: string | undefined
}

async function insert(client: BigQuery, { jobId, configuration, location }: Insertion): Promise<string | undefined> {
  try {
    const [job] = await client.createJob({ jobId, configuration, ...(location !== undefined && { location }) })
    return job.location
  } catch (error) {
    // Google's client throws when a job that was started has failed by the time of the answer; its end is read as that of any other.
    const { response } = error as { response?: Job } // nothing is taken for granted
    if (response?.jobReference?.jobId === jobId) return response.jobReference.location
    throw error
  }
}

async function isThere(
  connection: Connection,
  handle: JobHandle,
  { what, signal }: { readonly what: string; readonly signal: AbortSignal | undefined },
): Promise<boolean> {
  try {
    await connection.ask(`${what}: its job could not be looked for`, () => readJob(handle), signal)
    return true
  } catch (error) {
    if (isStatus(error, 404)) return false
    throw error
  }
}

interface Waiting extends JobOptions {
  readonly what: string
  readonly timeoutMs: number
  readonly pauses: Pauses
  readonly signal: AbortSignal | undefined
}

async function waitFor(connection: Connection, handle: JobHandle, { what, pauses, signal, onProgress, timeoutMs }: Waiting): Promise<Job> {
  const since = performance.now()
  try {
    for (let look = 0; ; look += 1) {
      const job = await connection.ask(`${what}: its job could not be read`, () => readJob(handle), signal)
      const elapsedMs = performance.now() - since
      onProgress?.({ jobId: handle.id ?? '', state: stateOf(job), elapsedMs, percent: percentOf(job) })
      if (job.status?.state === 'DONE') return job
      if (elapsedMs > timeoutMs) {
        await cancel(connection, handle)
        throw bigQueryError('BIGQUERY_JOB_TIMED_OUT', `${what} took longer than ${timeoutMs} ms; its job ${handle.id} was cancelled`)
      }
      await sleep(pauseMs(pauses, look), signal)
    }
  } catch (error) {
    if (signal?.aborted === true) await cancel(connection, handle)
    throw error
  }
}

/** Google's types know nothing of what a job answers. */
async function readJob(handle: JobHandle): Promise<Job> {
  const [metadata] = await handle.getMetadata()
  return metadata as Job // the resource as the API documents it
}

/** Asks for it and does not wait for the end: BigQuery stops what it can. */
async function cancel(connection: Connection, handle: JobHandle): Promise<void> {
  try {
    await connection.ask(`job ${handle.id} could not be cancelled`, () => handle.cancel(), AbortSignal.timeout(CANCEL_WAIT_MS))
    log.info(`job ${handle.id} was cancelled`)
  } catch (error) {
    if (isStatus(error, 404)) return
    log.warn(`job ${handle.id} may go on:`, error)
  }
}

function stateOf({ status }: Job): JobProgress['state'] {
  if (status?.state === 'DONE') return 'done'
  return status?.state === 'RUNNING' ? 'running' : 'pending'
}

function percentOf({ status, statistics }: Job): number | null {
  if (status?.state === 'DONE') return 100
  const stages = statistics?.query?.queryPlan ?? []
  const sum = (of: (stage: (typeof stages)[number]) => string | undefined): number =>
    stages.reduce((total, stage) => total + Number(of(stage) ?? 0), 0)
  const all = sum((stage) => stage.parallelInputs)
  return all === 0 ? null : Math.min(99, (100 * sum((stage) => stage.completedParallelInputs)) / all)
}
