import { gcpError } from './errors.ts'

/** Where requests to one of Google's services go. */
export interface Endpoint {
  /** Without a slash at its end. */
  readonly url: string
  /** A double of the service: no credentials are asked for. */
  readonly isEmulator: boolean
}

export type GoogleService = keyof typeof services

export interface EndpointOptions {
  /** Address of an emulator. Instead of it the usual environment variable may be set: `STORAGE_EMULATOR_HOST`, `BIGQUERY_EMULATOR_HOST`. */
  readonly emulator?: string | undefined
  /** Another address of the real service, as of a private endpoint. */
  readonly endpoint?: string | undefined
}

const services = {
  storage: { url: 'https://storage.googleapis.com', variable: 'STORAGE_EMULATOR_HOST' },
  bigquery: { url: 'https://bigquery.googleapis.com', variable: 'BIGQUERY_EMULATOR_HOST' },
  secretManager: { url: 'https://secretmanager.googleapis.com', variable: 'SECRET_MANAGER_EMULATOR_HOST' },
} as const

/** What is given counts more than the environment, and an emulator more than another address. */
export function endpointOf(
  service: GoogleService,
  { emulator, endpoint }: EndpointOptions = {},
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Endpoint {
  const { url, variable } = services[service]
  if (emulator !== undefined) return { url: readUrl(emulator, 'emulator', 'http'), isEmulator: true }
  if (endpoint !== undefined) return { url: readUrl(endpoint, 'endpoint', 'https'), isEmulator: false }
  const fromEnvironment = environment[variable]
  if (fromEnvironment !== undefined && fromEnvironment !== '') {
    return { url: readUrl(fromEnvironment, variable, 'http'), isEmulator: true }
  }
  return { url, isEmulator: false }
}

/** Emulators are often named without a scheme: `localhost:9050`. */
function readUrl(text: string, what: string, scheme: 'http' | 'https'): string {
  const whole = /^https?:\/\//.test(text) ? text : `${scheme}://${text}`
  if (!URL.canParse(whole)) throw gcpError('INVALID_OPTION', `${what}: ${JSON.stringify(text)} is not an address`)
  return whole.replace(/\/+$/, '')
}
