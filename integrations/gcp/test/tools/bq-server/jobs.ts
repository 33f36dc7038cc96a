import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import type { Catalog } from './catalog.ts'
import type { Cues } from './cues.ts'
import type { Engine } from './engine.ts'
import { cellOf } from './fields.ts'
import { extract } from './extract.ts'
import { BadRows, load } from './load.ts'
import { query } from './query.ts'
import type { QueryResult } from './query.ts'
import { duplicate, invalid, notFound, Refusal } from './refusal.ts'
import type { SourceFile, Storage } from './storage.ts'
import type { IGetQueryResultsResponse, IJob, IJobStatistics, IJobStatus, ITableRow } from './wire.ts'

export interface Job {
  readonly resource: IJob & { readonly status: IJobStatus; readonly statistics: IJobStatistics }
  readonly done: Promise<void>
  /** What answers for its failure have as their status. */
  failure: Refusal | undefined
  result: QueryResult | undefined
  readonly cancel: AbortController
}

export interface Page {
  readonly startIndex: number
  readonly maxResults: number
  readonly int64Timestamps: boolean
}

const DAY_MS = 24 * 3_600_000

interface Parts {
  readonly engine: Engine
  readonly catalog: Catalog
  readonly storage: Storage
  readonly cues: Cues
  readonly folder: string
}

/** All jobs of this server, by their ids: an id is used once. */
export class Jobs {
  readonly #parts: Parts
  readonly #jobs = new Map<string, Job>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  all(): readonly Job[] {
    return [...this.#jobs.values()].toReversed()
  }

  find(projectId: string, jobId: string): Job {
    const job = this.#jobs.get(jobId)
    if (job === undefined) throw notFound(`Job ${projectId}:US.${jobId}`)
    return job
  }

  peek(jobId: string): Job | undefined {
    return this.#jobs.get(jobId)
  }

  /** `file`: what was uploaded with it. */
  start(projectId: string, body: IJob, file?: SourceFile): Job {
    const jobId = body.jobReference?.jobId ?? `job_${randomUUID()}`
    if (!/^[\w-]{1,1024}$/.test(jobId)) throw invalid(`Invalid job ID "${jobId}".`)
    if (this.#jobs.has(jobId)) throw duplicate(`Job ${projectId}:US.${jobId}`)
    const { configuration = {} } = body
    const kinds = [configuration.query, configuration.load, configuration.extract].filter((config) => config !== undefined)
    if (kinds.length !== 1) throw invalid('Job configuration must contain exactly one job-specific configuration object')
    const resource = {
      kind: 'bigquery#job',
      id: `${projectId}:US.${jobId}`,
      jobReference: { projectId, jobId, location: 'US' },
      configuration,
      statistics: { creationTime: String(Date.now()) },
      status: { state: 'PENDING' },
    }
    const started = Promise.withResolvers<void>()
    const job: Job = { resource, done: started.promise, failure: undefined, result: undefined, cancel: new AbortController() }
    if (configuration.dryRun !== true) this.#jobs.set(jobId, job)
    started.resolve(this.#carryOut(projectId, job, file))
    return job
  }

  cancel(projectId: string, jobId: string): Job {
    const job = this.find(projectId, jobId)
    if (job.resource.status.state === 'DONE') return job
    job.cancel.abort()
    if (job.resource.status.state === 'RUNNING') this.#parts.engine.interrupt()
    return job
  }

  /** A day passes: what queries found is gone, their jobs are still known. */
  expireResults(): void {
    for (const { resource, result } of this.#jobs.values()) {
      if (result === undefined) continue
      resource.statistics.endTime = String(Number(resource.statistics.endTime ?? 0) - DAY_MS)
      result.isExpired = true
    }
  }

  /** One page of what a query found. */
  async page(job: Job, { startIndex, maxResults, int64Timestamps }: Page): Promise<IGetQueryResultsResponse> {
    const { engine } = this.#parts
    const { result, resource } = job
    const { query: statistics } = resource.statistics
    const about = {
      kind: 'bigquery#getQueryResultsResponse',
      ...(resource.jobReference !== undefined && { jobReference: resource.jobReference }),
      jobComplete: true,
      totalBytesProcessed: statistics?.totalBytesProcessed ?? '0',
      cacheHit: false,
      ...(statistics?.numDmlAffectedRows !== undefined && { numDmlAffectedRows: statistics.numDmlAffectedRows }),
    }
    if (result?.isExpired === true) throw notFound(`Table ${resource.id}: the results have expired`)
    if (result === undefined) return { ...about, totalRows: '0' }
    const last = startIndex + maxResults
    const read = await engine.run(`select * from ${result.relation} where rowid >= ${startIndex} and rowid < ${last} order by rowid`)
    const rows = read.getRows().map((row) => ({
      f: row.map((value, index) => ({ v: cellOf(value, result.fields[index] ?? {}, int64Timestamps) })),
    }))
    return {
      ...about,
      schema: { fields: [...result.fields] },
      totalRows: String(result.rows),
      rows: rows as ITableRow[], // the client's types say that every cell is an object
      ...(last < result.rows && { pageToken: String(last) }),
    }
  }

  async #carryOut(projectId: string, job: Job, file: SourceFile | undefined): Promise<void> {
    const { engine, cues } = this.#parts
    const { status, statistics } = job.resource
    const { signal } = job.cancel
    try {
      await cues.held(job.resource, signal)
      await engine.alone(async () => {
        if (signal.aborted) return
        status.state = 'RUNNING'
        statistics.startTime = String(Date.now())
        cues.failJob(job.resource)
        await this.#execute(projectId, job, file)
      })
    } catch (error) {
      this.#failed(job, error)
    }
    if (signal.aborted) this.#failed(job, new Refusal(400, 'stopped', 'Job execution was cancelled: User requested cancellation'))
    status.state = 'DONE'
    statistics.endTime = String(Date.now())
  }

  #failed(job: Job, error: unknown): void {
    const refusal = error instanceof Refusal ? error : new Refusal(400, 'invalid', error instanceof Error ? error.message : String(error))
    const { reason, message, location } = refusal
    const errorResult = { reason, message, ...(location !== undefined && { location }) }
    job.failure = refusal
    job.resource.status.errorResult = errorResult
    job.resource.status.errors = [errorResult, ...(refusal instanceof BadRows ? refusal.errors : [])]
  }

  async #execute(projectId: string, job: Job, file: SourceFile | undefined): Promise<void> {
    const { engine, catalog, storage, folder } = this.#parts
    const { configuration = {}, statistics, status } = job.resource
    if (configuration.query !== undefined) {
      const done = await query(engine, catalog, { projectId, dryRun: configuration.dryRun ?? false, config: configuration.query })
      statistics.query = done.statistics
      statistics.totalBytesProcessed = done.statistics.totalBytesProcessed ?? '0'
      statistics.totalSlotMs = done.statistics.totalSlotMs ?? '0'
      job.result = done.result
    } else if (configuration.load !== undefined) {
      const uris = configuration.load.sourceUris ?? []
      const files = file === undefined ? (await Promise.all(uris.map((uri) => storage.fetch(uri)))).flat() : [file]
      const done = await load(engine, catalog, { projectId, files, config: configuration.load })
      statistics.load = done.statistics
      statistics.totalSlotMs = '1'
      if (done.errors.length > 0) status.errors = [...done.errors]
      await Promise.all(files.map((used) => rm(used.path, { force: true })))
    } else if (configuration.extract !== undefined) {
      statistics.extract = await extract(engine, catalog, { projectId, config: configuration.extract, storage, folder })
    }
  }
}
