import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { BigQueryClient } from '../src/bigquery/client.ts'
import type { BigQueryFields } from '../src/bigquery/client.ts'
import { serveBigQuery } from './tools/bq-server.ts'
import type { BigQueryServer } from './tools/bq-server.ts'

/** BigQuery for a test file: a dataset of its own. */
export interface Place extends AsyncDisposable {
  readonly bigquery: BigQueryClient
  readonly project: string
  readonly dataset: string
  /** The full name of a table of this test file. */
  table(name: string): string
  /** Writes a file to load from. */
  file(name: string, content: string | Uint8Array): Promise<string>
  rowsIn(table: string): Promise<number>
}

/** The local server, which goes wrong on cue. */
export interface LocalPlace extends Place {
  readonly server: BigQueryServer
  /** The same with other settings. */
  with(fields: BigQueryFields): BigQueryClient
}

/** A test does not wait for what passes. */
const QUICK = { first: 5, longest: 50 } as const
const LOCAL_PROJECT = 'tests'

export async function openLocalPlace(gcs?: string): Promise<LocalPlace> {
  const server = await serveBigQuery(gcs === undefined ? {} : { gcs })
  const open = (fields: BigQueryFields = {}): BigQueryClient =>
    new BigQueryClient({ emulator: server.url, project: LOCAL_PROJECT, dataset: 'trips', poll: QUICK, retry: QUICK, ...fields })
  const place = await openPlace(open(), { project: LOCAL_PROJECT, dataset: 'trips', close: () => server.close() })
  return { ...place, server, with: open }
}

/** The real service where the environment names a project, else the local server. */
export async function openAnyPlace(): Promise<Place> {
  const project = process.env['TUTTI_TEST_GCP_PROJECT']
  if (project === undefined) {
    console.log('BigQuery: the local server. TUTTI_TEST_GCP_PROJECT would name a real project.')
    return openLocalPlace()
  }
  const dataset = `tutti_test_${randomUUID().replaceAll('-', '')}`
  console.log(`BigQuery: the dataset ${dataset} of the project ${project}`)
  const bigquery = new BigQueryClient({ project, dataset, maximumBytesBilled: 100 * 1024 * 1024 })
  return openPlace(bigquery, { project, dataset, close: async () => void (await bigquery.dropDataset(dataset, { withTables: true })) })
}

interface Opened {
  readonly project: string
  readonly dataset: string
  close(): Promise<void>
}

async function openPlace(bigquery: BigQueryClient, { project, dataset, close }: Opened): Promise<Place> {
  await bigquery.createDataset(dataset, { tablesExpireAfter: '1d' })
  const folder = await mkdtemp(path.join(tmpdir(), 'tutti-bigquery-'))
  return {
    bigquery,
    project,
    dataset,
    table: (name) => `${project}.${dataset}.${name}`,
    async file(name, content) {
      const whole = path.join(folder, name)
      await writeFile(whole, content)
      return whole
    },
    async rowsIn(table) {
      const result = await bigquery.query<{ n: number }>(`SELECT COUNT(*) AS n FROM \`${dataset}.${table}\``)
      return (await result.first())?.n ?? -1
    },
    async [Symbol.asyncDispose]() {
      await close()
      await rm(folder, { recursive: true })
    },
  }
}
