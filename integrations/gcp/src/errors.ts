import { TuttiError } from 'tutti'

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
  INVALID_OPTION: { status: 422, fix: 'Change the option named in the message.' },
} as const satisfies Record<string, { readonly status: number; readonly fix: string }>

export type GcpErrorCode = keyof typeof catalog

/** An error with the code `gcp/CODE`; its status tells whether trying again can help. */
export function gcpError(code: GcpErrorCode, message: string, options?: { readonly cause?: unknown }): TuttiError {
  return new TuttiError({ code: `gcp/${code}`, ...catalog[code] }, message, options)
}
