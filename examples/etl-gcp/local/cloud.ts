// Everything of the example on this machine: the web, Cloud Storage, BigQuery, and somebody who is notified.
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { createServer } from 'node:http'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { BigQueryClient } from '@tutti/gcp'
import { serveBigQuery } from '../../../integrations/gcp/test/tools/bq-server.ts'
import type { BigQueryServer } from '../../../integrations/gcp/test/tools/bq-server.ts'
import { serveGcs } from '../../../integrations/gcp/test/tools/gcs-server.ts'
import type { GcsServer } from '../../../integrations/gcp/test/tools/gcs-server.ts'
import { serveTrips } from './web.ts'
import type { Web } from './web.ts'

export interface LocalCloud extends AsyncDisposable {
  readonly web: Web
  readonly gcs: GcsServer
  readonly bigquery: BigQueryServer
  readonly webhook: Webhook
  /** The environment that names these servers. */
  readonly environment: Readonly<Record<string, string>>
  /** What the table holds, asked for by itself. */
  loaded(): Promise<readonly { readonly file: string; readonly loaded: number }[]>
}

export interface Webhook {
  readonly url: string
  /** What was posted. */
  readonly texts: readonly string[]
  close(): Promise<void>
}

const PROJECT = 'trips'

export interface LocalCloudOptions {
  readonly folder: string
  /** What the web serves; see there. */
  readonly flights?: string
  /** Cloud Storage asks for it. */
  readonly token?: string
}

export async function openLocalCloud({ folder, flights, token }: LocalCloudOptions): Promise<LocalCloud> {
  await mkdir(path.join(folder, 'web'), { recursive: true })
  const web = await serveTrips({ folder: path.join(folder, 'web'), ...(flights !== undefined && { flights }) })
  const gcs = await serveGcs({ dir: path.join(folder, 'gcs'), ...(token !== undefined && { token }) })
  const bigquery = await serveBigQuery({ gcs: gcs.url })
  const webhook = await serveWebhook()
  return {
    web,
    gcs,
    bigquery,
    webhook,
    environment: {
      STORAGE_EMULATOR_HOST: gcs.url,
      BIGQUERY_EMULATOR_HOST: bigquery.url,
      TRIPS_PROJECT: PROJECT,
      TRIPS_SOURCE: web.url,
      TRIPS_WEBHOOK: webhook.url,
    },
    async loaded() {
      const client = new BigQueryClient({ emulator: bigquery.url, project: PROJECT, dataset: 'trips' })
      const sql = `select colour || '/' || colour || '_tripdata_' || format_date('%Y-%m', pickup_at) as file, count(*) as loaded
        from \`trips.trips\` group by file order by file`
      return await (await client.query<{ file: string; loaded: number }>(sql)).rows()
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([web.close(), gcs.close(), bigquery.close(), webhook.close()])
    },
  }
}

async function serveWebhook(): Promise<Webhook> {
  const texts: string[] = []
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const posted = JSON.parse(body) as { readonly text: string } // what the example posts
      texts.push(posted.text)
      response.end('ok')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return {
    url: `http://127.0.0.1:${address.port}/hooks/a-secret-part-of-the-address`,
    texts,
    async close() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => void server.close(() => resolve()))
    },
  }
}
