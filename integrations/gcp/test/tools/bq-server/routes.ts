import type { IncomingMessage, ServerResponse } from 'node:http'
import { sqlName, tableName } from './catalog.ts'
import type { Catalog, TableName } from './catalog.ts'
import type { Cues, Fault } from './cues.ts'
import type { Engine } from './engine.ts'
import { cellOf } from './fields.ts'
import { jsonOf, send } from './http.ts'
import type { StreamedRows } from './insert-all.ts'
import type { Job, Jobs, Page } from './jobs.ts'
import { Refusal } from './refusal.ts'
import type { Upload, Uploads } from './uploads.ts'
import type { IJob, IQueryRequest, ITable } from './wire.ts'

export interface Service {
  readonly engine: Engine
  readonly catalog: Catalog
  readonly jobs: Jobs
  readonly uploads: Uploads
  readonly rows: StreamedRows
  readonly cues: Cues
}

interface Asked {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly url: URL
  /** What the pattern of the path found. */
  readonly path: readonly string[]
}

type Route = readonly [method: string, path: RegExp, serve: (service: Service, asked: Asked) => Promise<void>]

const PAGE_MAX = 10_000

const routes: readonly Route[] = [
  [
    'POST',
    /^\/_fault$/,
    async ({ cues }, { request, response }) => void (cues.failRequests(await jsonOf<Fault>(request)), send(response, 200, {})),
  ],
  [
    'POST',
    /^\/_fail-job$/,
    async ({ cues }, { request, response }) => void (cues.failJobs(await jsonOf<Fault>(request)), send(response, 200, {})),
  ],

  ['POST', /^\/upload\/projects\/([^/]+)\/jobs$/, upload],
  ['PUT', /^\/upload\/projects\/([^/]+)\/jobs$/, upload],

  ['POST', /^\/projects\/([^/]+)\/jobs$/, insertJob],
  [
    'GET',
    /^\/projects\/([^/]+)\/jobs$/,
    async ({ jobs }, asked) => send(asked.response, 200, list('jobs', jobs.all().map(viewOf), asked.url)),
  ],
  [
    'GET',
    /^\/projects\/([^/]+)\/jobs\/([^/]+)$/,
    async ({ jobs }, { response, path: [project = '', id = ''] }) => send(response, 200, viewOf(jobs.find(project, id))),
  ],
  ['POST', /^\/projects\/([^/]+)\/jobs\/([^/]+)\/cancel$/, cancelJob],
  ['POST', /^\/projects\/([^/]+)\/queries$/, queryAtOnce],
  ['GET', /^\/projects\/([^/]+)\/queries\/([^/]+)$/, queryResults],

  [
    'GET',
    /^\/projects\/([^/]+)\/datasets$/,
    async ({ catalog }, asked) => send(asked.response, 200, list('datasets', catalog.datasets(), asked.url)),
  ],
  [
    'POST',
    /^\/projects\/([^/]+)\/datasets$/,
    async ({ catalog }, { request, response, path: [project = ''] }) =>
      send(response, 200, await catalog.createDataset(project, await jsonOf(request))),
  ],
  [
    'GET',
    /^\/projects\/([^/]+)\/datasets\/([^/]+)$/,
    async ({ catalog }, { response, path: [project = '', id = ''] }) => send(response, 200, catalog.dataset(project, id)),
  ],
  [
    'PATCH',
    /^\/projects\/([^/]+)\/datasets\/([^/]+)$/,
    async ({ catalog }, { request, response, path: [project = '', id = ''] }) =>
      send(response, 200, catalog.changeDataset(project, id, await jsonOf(request))),
  ],
  ['DELETE', /^\/projects\/([^/]+)\/datasets\/([^/]+)$/, dropDataset],

  ['GET', /^\/projects\/([^/]+)\/datasets\/([^/]+)\/tables$/, listTables],
  ['POST', /^\/projects\/([^/]+)\/datasets\/([^/]+)\/tables$/, createTable],
  [
    'GET',
    /^\/projects\/([^/]+)\/datasets\/([^/]+)\/tables\/([^/]+)$/,
    async ({ catalog }, asked) => send(asked.response, 200, await catalog.table(tableOf(asked))),
  ],
  ['PATCH', /^\/projects\/([^/]+)\/datasets\/([^/]+)\/tables\/([^/]+)$/, changeTable],
  [
    'DELETE',
    /^\/projects\/([^/]+)\/datasets\/([^/]+)\/tables\/([^/]+)$/,
    async ({ catalog }, asked) => void (await catalog.dropTable(tableOf(asked)), send(asked.response, 204)),
  ],
  [
    'POST',
    /^\/projects\/([^/]+)\/datasets\/([^/]+)\/tables\/([^/]+)\/insertAll$/,
    async ({ rows }, asked) => send(asked.response, 200, await rows.insert(tableOf(asked), await jsonOf(asked.request))),
  ],
  ['GET', /^\/projects\/([^/]+)\/datasets\/([^/]+)\/tables\/([^/]+)\/data$/, listRows],
]

/** Jobs wait for the engine themselves; everything else has it to itself while it is served. */
const WITHOUT_ENGINE = /^\/(_|upload\/|projects\/[^/]+\/(jobs|queries))/

export async function serve(service: Service, request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  // With the address of an emulator the client leaves the prefix away, except for uploads.
  const path = decodeURIComponent(url.pathname)
    .replace(/^(\/resumable)?\/upload(\/bigquery\/v2)?/, '/upload')
    .replace(/^\/bigquery\/v2/, '')
  for (const [method, pattern, answer] of routes) {
    const found = method === request.method ? pattern.exec(path) : null
    if (found === null) continue
    const asked = { request, response, url, path: found.slice(1) }
    await (WITHOUT_ENGINE.test(path) ? answer(service, asked) : service.engine.alone(() => answer(service, asked)))
    return
  }
  throw new Refusal(404, 'notFound', `no route: ${request.method} ${url.pathname}`)
}

// ---- jobs

async function insertJob({ jobs }: Service, { request, response, path: [project = ''] }: Asked): Promise<void> {
  const job = jobs.start(project, await jsonOf<IJob>(request))
  if (job.resource.configuration?.dryRun === true) {
    await job.done
    if (job.failure !== undefined) throw job.failure
  }
  send(response, 200, viewOf(job))
}

async function cancelJob({ jobs }: Service, { response, path: [project = '', id = ''] }: Asked): Promise<void> {
  send(response, 200, { kind: 'bigquery#jobCancelResponse', job: viewOf(jobs.cancel(project, id)) })
}

async function queryAtOnce(service: Service, { request, response, url, path: [project = ''] }: Asked): Promise<void> {
  const { jobs } = service
  const body = await jsonOf<IQueryRequest>(request)
  const { query, queryParameters, defaultDataset, maximumBytesBilled, dryRun, requestId, labels } = body
  const config = {
    ...(query !== undefined && { query }),
    ...(queryParameters !== undefined && { queryParameters }),
    ...(defaultDataset !== undefined && { defaultDataset }),
    ...(maximumBytesBilled !== undefined && { maximumBytesBilled }),
  }
  const jobId = requestId === undefined ? undefined : `request_${requestId}`
  const job =
    (jobId === undefined ? undefined : jobs.peek(jobId)) ??
    jobs.start(project, {
      ...(jobId !== undefined && { jobReference: { jobId } }),
      configuration: { query: config, dryRun: dryRun ?? false, ...(labels !== undefined && { labels }) },
    })
  const page = { ...pageOf(url), ...(body.maxResults !== undefined && { maxResults: Number(body.maxResults) }) }
  const int64Timestamps = body.formatOptions?.useInt64Timestamp ?? page.int64Timestamps
  await answerRows(service, { response, job, page: { ...page, int64Timestamps } })
}

async function queryResults(service: Service, { response, url, path: [project = '', id = ''] }: Asked): Promise<void> {
  await answerRows(service, { response, job: service.jobs.find(project, id), page: pageOf(url) })
}

async function answerRows(
  { jobs, engine }: Service,
  { response, job, page }: { readonly response: ServerResponse; readonly job: Job; readonly page: Page },
): Promise<void> {
  await job.done
  if (job.failure !== undefined) throw job.failure
  send(response, 200, await engine.alone(() => jobs.page(job, page)))
}

async function upload(service: Service, { request, response, url, path: [project = ''] }: Asked): Promise<void> {
  const { uploads } = service
  const id = url.searchParams.get('upload_id')
  if (id !== null) {
    const step = await uploads.chunk(id, request)
    if (step.type === 'whole') return startUploaded(service, response, step.upload)
    response.writeHead(308, { 'content-length': 0, ...(step.sizeBytes > 0 && { range: `bytes=0-${step.sizeBytes - 1}` }) }).end()
    return
  }
  if (url.searchParams.get('uploadType') !== 'resumable') return startUploaded(service, response, await uploads.whole(project, request))
  url.searchParams.set('upload_id', await uploads.begin(project, await jsonOf(request)))
  response.writeHead(200, { location: url.href, 'content-length': 0 }).end()
}

async function startUploaded({ jobs }: Service, response: ServerResponse, { projectId, job, file }: Upload): Promise<void> {
  send(response, 200, viewOf(jobs.start(projectId, job, { path: file, uri: 'file-00000000' })))
}

const viewOf = ({ resource }: Job): IJob => ({ ...resource })

function pageOf({ searchParams }: URL): Page {
  return {
    startIndex: Number(searchParams.get('pageToken') ?? searchParams.get('startIndex') ?? 0),
    maxResults: Math.min(Number(searchParams.get('maxResults') ?? PAGE_MAX), PAGE_MAX),
    int64Timestamps: searchParams.get('formatOptions.useInt64Timestamp') === 'true',
  }
}

// ---- datasets and tables

async function dropDataset({ catalog }: Service, { response, url, path: [projectId = '', datasetId = ''] }: Asked): Promise<void> {
  await catalog.dropDataset({ projectId, datasetId }, url.searchParams.get('deleteContents') === 'true')
  send(response, 204)
}

async function listTables({ catalog }: Service, { response, url, path: [projectId = '', datasetId = ''] }: Asked): Promise<void> {
  catalog.dataset(projectId, datasetId)
  const tables = (await catalog.tableIds(datasetId)).map((tableId) => ({
    kind: 'bigquery#table',
    id: `${projectId}:${datasetId}.${tableId}`,
    type: 'TABLE',
    tableReference: { projectId, datasetId, tableId },
  }))
  send(response, 200, { ...list('tables', tables, url), totalItems: tables.length })
}

async function createTable({ catalog }: Service, { request, response, path: [projectId = '', datasetId = ''] }: Asked): Promise<void> {
  const { schema, tableReference, ...properties } = await jsonOf<ITable>(request)
  const table = tableName(projectId, { ...tableReference, datasetId })
  await catalog.createTable(table, schema?.fields ?? [], properties)
  send(response, 200, await catalog.table(table))
}

async function changeTable({ catalog }: Service, asked: Asked): Promise<void> {
  const { request, response } = asked
  send(response, 200, await catalog.changeTable(tableOf(asked), await jsonOf(request), request.headers['if-match']))
}

async function listRows({ engine, catalog }: Service, asked: Asked): Promise<void> {
  const table = tableOf(asked)
  const { schema, numRows } = await catalog.table(table)
  const { startIndex, maxResults, int64Timestamps } = pageOf(asked.url)
  const read = await engine.run(`select * from ${sqlName(table)} limit ${maxResults} offset ${startIndex}`)
  const rows = read
    .getRows()
    .map((row) => ({ f: row.map((value, index) => ({ v: cellOf(value, schema?.fields?.[index] ?? {}, int64Timestamps) })) }))
  const next = startIndex + rows.length
  send(asked.response, 200, {
    kind: 'bigquery#tableDataList',
    totalRows: numRows,
    rows,
    ...(next < Number(numRows) && { pageToken: String(next) }),
  })
}

function tableOf({ path: [projectId = '', datasetId = '', tableId = ''] }: Asked): TableName {
  return tableName(projectId, { datasetId, tableId })
}

function list(name: string, items: readonly unknown[], { searchParams }: URL): Readonly<Record<string, unknown>> {
  const start = Number(searchParams.get('pageToken') ?? 0)
  const end = start + Number(searchParams.get('maxResults') ?? 50)
  return { [name]: items.slice(start, end), ...(end < items.length && { nextPageToken: String(end) }) }
}
