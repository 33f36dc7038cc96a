import { block, defineBlock } from 'tutti'
import { z } from 'zod'
import { GcpCredentials } from './gcp-credentials.ts'
import { Bucket } from './storage/bucket.ts'
import { BUCKET_NAME } from './storage/settings.ts'

const duration = z.union([z.string(), z.number()])

/** A bucket of Cloud Storage, or a folder of one. Loading gives a {@link Bucket}. */
export const GcsBucket = defineBlock({
  name: 'GCS Bucket',
  slug: 'gcs-bucket',
  description: 'A bucket of Google Cloud Storage, or a folder of one.',
  documentationUrl: 'https://cloud.google.com/storage/docs',
  codeExample: `import { GcsBucket } from '@tutti/gcp'

const bucket = await GcsBucket.load('trips')
await bucket.uploadFile('trips.parquet', '2021/01/trips.parquet')`,
  capabilities: ['read-path', 'write-path', 'get-directory', 'put-directory'],
  fields: {
    bucket: z
      .string()
      .regex(BUCKET_NAME, 'is not the name of a bucket: small letters, digits, dashes, dots and underscores')
      .describe('Name of the bucket.'),
    folder: z.string().optional().describe('Everything lies below it: names are without it.'),
    credentials: block(GcpCredentials).optional().describe('Without any, those of the machine.'),
    project: z.string().optional().describe('The project the bucket is made in, where it does not exist; else that of the credentials.'),
    emulator: z.string().optional().describe('Address of an emulator; no credentials are asked for. STORAGE_EMULATOR_HOST says the same.'),
    endpoint: z.string().optional().describe('Another address of Cloud Storage, as of a private endpoint.'),
    retries: z.int().min(0).optional().describe('Failures in a row after which a transfer is given up; 6 when nothing is given.'),
    retryDelay: duration.optional().describe('Before the first new attempt; it doubles from one to the next. 500ms when nothing is given.'),
    timeout: duration
      .optional()
      .describe('Within it an answer, its next bytes, or the end of a piece must have come. 2m when nothing is given.'),
    pieceBytes: z
      .int()
      .optional()
      .describe('The pieces large objects are uploaded in; a multiple of 256 KiB. 8 MiB when nothing is given.'),
    largeBytes: z
      .int()
      .min(1)
      .optional()
      .describe('Files from this size on are transferred in several parts at once; 64 MiB when nothing is given.'),
  },
  create: (fields) => new Bucket(fields),
})
