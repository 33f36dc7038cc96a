// Saves what the flows load by name: once for each server, and again when something changes. Secrets are sealed where they are kept.
import { readFile } from 'node:fs/promises'
import { BigQuery, GcpCredentials, GcsBucket } from '@tutti/gcp'
import { Secret } from 'tutti'

const { GOOGLE_KEY, TRIPS_BUCKET = 'trips', TRIPS_PROJECT, TRIPS_WEBHOOK, STORAGE_ENDPOINT, BIGQUERY_ENDPOINT } = process.env

// The key of a service account, or an external account; without any, what the machine has.
const key = GOOGLE_KEY === undefined ? undefined : await readFile(GOOGLE_KEY, 'utf8')
const kind = key?.includes('"external_account"') ? 'externalAccount' : 'serviceAccount'
const google = { project: TRIPS_PROJECT, ...(key !== undefined && { [kind]: key }) }
const again = { overwrite: true }

// What is saved already is not replaced by a key that is none.
GcpCredentials.of(google)
await GcpCredentials.save('google', google, again)
await GcsBucket.save('trips', { bucket: TRIPS_BUCKET, credentials: 'google', endpoint: STORAGE_ENDPOINT }, again)
await BigQuery.save('trips', { dataset: 'trips', credentials: 'google', endpoint: BIGQUERY_ENDPOINT }, again)
if (TRIPS_WEBHOOK !== undefined) await Secret.save('trips-webhook', TRIPS_WEBHOOK, again)

await (await GcsBucket.load('trips')).create()
await (await BigQuery.load('trips')).createDataset('trips')
console.log('Saved: gcp-credentials/google, gcs-bucket/trips, bigquery/trips')
