import { block, defineBlock } from 'tutti'
import { z } from 'zod'
import { GcpCredentials } from '../gcp-credentials.ts'
import { BigQueryClient } from './client.ts'

const duration = z.union([z.string(), z.number()])
const pauses = { first: duration.optional().describe('The first pause.'), longest: duration.optional().describe('The longest pause.') }

/** A project of BigQuery, and a dataset in it. Loading gives a {@link BigQueryClient}. */
export const BigQuery = defineBlock({
  name: 'BigQuery',
  slug: 'bigquery',
  description: 'Google BigQuery: loads, queries and tables of a project.',
  documentationUrl: 'https://cloud.google.com/bigquery/docs',
  codeExample: `import { BigQuery } from '@tutti/gcp'

const bigquery = await BigQuery.load('warehouse')
await bigquery.load('trips.yellow', 'gs://trips/yellow/2021-01.parquet')`,
  fields: {
    credentials: block(GcpCredentials).optional().describe('Without any, those of the machine.'),
    project: z.string().min(1).optional().describe('The project whose jobs they are, and who pays; else that of the credentials.'),
    dataset: z.string().optional().describe('Where tables without a dataset are.'),
    location: z.string().optional().describe('Where jobs run, as EU or europe-west3. Without it BigQuery finds it from the tables.'),
    maximumBytesBilled: z.int().min(0).optional().describe('A query that would be billed for more fails, and costs nothing.'),
    record: z
      .enum(['artifact', 'log', 'none'])
      .optional()
      .describe('Where the costs of jobs that a run starts are kept; as an artifact of the task run when nothing is given.'),
    emulator: z.string().optional().describe('Address of an emulator; no credentials are asked for. BIGQUERY_EMULATOR_HOST says the same.'),
    endpoint: z.string().optional().describe('Another address of BigQuery, as of a private endpoint.'),
    storageEmulator: z.string().optional().describe('Address of an emulator of Cloud Storage. STORAGE_EMULATOR_HOST says the same.'),
    poll: z.object(pauses).optional().describe('How long is waited between two looks at a job: from 100 ms, growing to 5 s.'),
    retry: z
      .object({ ...pauses, tries: z.int().min(1).optional().describe('How often a request is made; 6 when nothing is given.') })
      .optional()
      .describe('How long is waited before something that failed and may do better is tried again: from 500 ms, growing to 15 s.'),
    pieceBytes: z
      .int()
      .optional()
      .describe('The pieces that local files are uploaded in; a multiple of 256 KiB. 8 MiB when nothing is given.'),
    requestTimeout: duration
      .optional()
      .describe('Within it a request must be answered, or it is made again; 2 minutes when nothing is given.'),
  },
  create: (fields) => new BigQueryClient(fields),
})
