import { registerSecretSource } from 'tutti'
import { z } from 'zod'
import { Api } from './api.ts'
import { Crc32c } from './crc32c.ts'
import { accessTo } from './credentials.ts'
import type { GoogleCredentials } from './credentials.ts'
import { endpointOf } from './endpoints.ts'
import type { EndpointOptions } from './endpoints.ts'
import { gcpError } from './errors.ts'

export interface SecretManagerOptions extends EndpointOptions {
  /** Without any, those of the machine. */
  readonly credentials?: GoogleCredentials | undefined
}

const RETRY = { retries: 5, delayMs: 200, timeoutMs: 20_000 } as const

const answer = z.object({ payload: z.object({ data: z.string().default(''), dataCrc32c: z.string().optional() }) })

/** `projects/P/secrets/S`, with `/locations/L` for a regional one, with `/versions/V` for another version than the latest. */
const REFERENCE =
  /^(?:projects\/(?<project>[^/]+)\/(?:locations\/(?<location>[a-z0-9-]+)\/)?secrets\/)?(?<secret>[\w-]+)(?:\/versions\/(?<version>[\w-]+))?$/

/**
 * The text of a secret that Google Secret Manager keeps; its checksum is compared.
 *
 * @param reference - `projects/P/secrets/S[/versions/V]`, or `S[/versions/V]` of the credentials' project.
 */
export async function readSecret(reference: string, { credentials, ...address }: SecretManagerOptions = {}): Promise<string> {
  const found = REFERENCE.exec(reference)?.groups
  if (found === undefined) {
    throw gcpError('INVALID_OPTION', `gcp-secret:${reference} is not of the form gcp-secret:projects/P/secrets/S or …/versions/V`)
  }
  const { secret = '', version = 'latest', location } = found
  const regional = location === undefined ? undefined : `https://secretmanager.${location}.rep.googleapis.com`
  const access = accessTo(endpointOf('secretManager', { endpoint: regional, ...address }), credentials)
  const project = found['project'] ?? (await access.projectId())
  const place = location === undefined ? '' : `/locations/${location}`
  const what = `the secret ${secret} of the project ${project} was not read`
  const url = `/v1/projects/${project}${place}/secrets/${secret}/versions/${version}:access`
  const { payload } = answer.parse(await new Api(access, RETRY).json({ method: 'GET', url, what }))
  const bytes = Buffer.from(payload.data, 'base64')
  const checksum = new Crc32c().update(bytes).toNumber()
  if (payload.dataCrc32c !== undefined && payload.dataCrc32c !== String(checksum)) {
    throw gcpError('DATA_CORRUPT', `${what}: other bytes arrived than Google has sent`)
  }
  return bytes.toString()
}

/**
 * Lets secret fields of blocks name secrets of Google Secret Manager: `gcp-secret:projects/P/secrets/S`, with `/versions/V` for another one
 * than the latest. Importing this package does that already, with the credentials of the machine.
 *
 * @example
 * useSecretManager({ credentials: await GcpCredentials.load('prod') })
 */
export function useSecretManager(options: SecretManagerOptions = {}): void {
  registerSecretSource('gcp-secret', (reference) => readSecret(reference, options))
}
