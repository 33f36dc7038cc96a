import { errorsOf } from './error-catalog.ts'
import type { ErrorCatalog } from './error-catalog.ts'

/** Every error of Google Cloud a user may meet: what it is worth on the wire, and the next step to take. */
const catalog = {
  NO_CREDENTIALS: {
    status: 401,
    fix: 'Run `gcloud auth application-default login`, or give a `GcpCredentials` block with the key of a service account.',
  },
  INVALID_CREDENTIALS: {
    status: 422,
    fix: 'Give the whole JSON file as Google wrote it: a key of a service account, or the configuration of an external account.',
  },
  CREDENTIALS_REFUSED: {
    status: 401,
    fix: 'Look whether the key is still valid, the clock of this machine is right and the account may be impersonated; then save new credentials.',
  },
  NO_PROJECT: { status: 422, fix: 'Give `project` in the credentials, or set GOOGLE_CLOUD_PROJECT.' },
  BUCKET_NOT_FOUND: {
    status: 404,
    fix: 'Correct the name of the bucket, or make it: `gcloud storage buckets create gs://NAME`, or `bucket.create()`.',
  },
  NOT_FOUND: {
    status: 404,
    fix: 'Look at what is there, for example with `gcloud storage ls gs://BUCKET/PREFIX` or `gcloud secrets list`.',
  },
  FORBIDDEN: {
    status: 403,
    fix: 'Give the account the permission that the message names: for buckets `roles/storage.objectAdmin`, for secrets `roles/secretmanager.secretAccessor`.',
  },
  PRECONDITION_FAILED: {
    status: 412,
    fix: 'Somebody else changed it meanwhile, or it exists already: look at it again with `stat`, then decide.',
  },
  CONFLICT: { status: 409, fix: 'What is asked for does not fit to what is there already; the message names it.' },
  UNAVAILABLE: { status: 503, fix: 'Try again later; `retries`, `retryDelay` and `timeout` say how long is tried.' },
  REFUSED: { status: 400, fix: 'Correct what the message names.' },
  DATA_CORRUPT: {
    status: 502,
    fix: 'Transfer it again. When it happens again, something between this machine and Google changes bytes: look for a proxy.',
  },
  UPLOAD_LOST: { status: 502, fix: 'Upload it again from the beginning; Google keeps an upload that is under way for a week.' },
  FILE_UNUSABLE: { status: 422, fix: 'Correct the path, or repair the access to it.' },
  CANNOT_SIGN: {
    status: 422,
    fix: 'Use the key of a service account, or `impersonate` one that may sign (`roles/iam.serviceAccountTokenCreator`).',
  },
  INVALID_OPTION: { status: 422, fix: 'Change the option named in the message.' },
} as const satisfies ErrorCatalog

export type GcpErrorCode = keyof typeof catalog

/** An error with the code `gcp/CODE`; its status tells whether trying again can help. */
export const gcpError = errorsOf(catalog)
