import type { AuthClient, GoogleAuth, GoogleAuthOptions } from 'google-auth-library'
import { isTuttiError, parseDuration } from 'tutti'
import type { Duration } from 'tutti'
import { readExternalAccount, readServiceAccount } from './credentials-json.ts'
import type { CredentialsJson, SecretText } from './credentials-json.ts'
import type { Endpoint } from './endpoints.ts'
import { gcpError } from './errors.ts'

/** What credentials are made of. Without any of it they are those of the machine: "application default credentials". */
export interface GcpCredentialsFields {
  /** The project that requests are made for; else the one the credentials belong to. */
  readonly project?: string | undefined
  /** The JSON of a service account's key. */
  readonly serviceAccount?: SecretText | undefined
  /** The JSON of an external account: workload identity federation, from AWS, Azure or any OIDC provider, without a key. */
  readonly externalAccount?: SecretText | undefined
  /** Act as another service account, which these credentials must be allowed to. */
  readonly impersonate?: Impersonation | undefined
  /** What tokens may be used for; all that the account may do when nothing is given. */
  readonly scopes?: readonly string[] | undefined
  /** The project that is billed for requests, where it is another one than that of the credentials. */
  readonly quotaProject?: string | undefined
}

export interface Impersonation {
  /** Email address of the service account. */
  readonly account: string
  /** Service accounts in between, each of which may act as the next. */
  readonly delegates?: readonly string[] | undefined
  readonly scopes?: readonly string[] | undefined
  /** How long a token is good for, at most 12 hours; an hour when nothing is given. Tokens are renewed in time. */
  readonly lifetime?: Duration | undefined
  /** Another address of IAM, as of a private endpoint. */
  readonly endpoint?: string | undefined
}

type CredentialsOption = NonNullable<GoogleAuthOptions['credentials']>

const ALL_SCOPES: readonly string[] = ['https://www.googleapis.com/auth/cloud-platform']
const LIFETIME_DEFAULT_MS = 3_600_000
/** Google refuses more. */
const LIFETIME_MAX_MS = 12 * 3_600_000
/** What an emulator is told when nobody named a project. */
const EMULATED_PROJECT = 'local-project'

/** Credentials for Google Cloud. Nothing is loaded or asked before the first request; all services share one client and its tokens. */
export class GoogleCredentials {
  readonly #fields: GcpCredentialsFields
  readonly #json: CredentialsJson | undefined
  readonly #lifetimeMs: number
  #auth: Promise<GoogleAuth> | undefined
  #client: Promise<AuthClient> | undefined

  constructor(fields: GcpCredentialsFields = {}) {
    const { serviceAccount, externalAccount, impersonate } = fields
    if (serviceAccount !== undefined && externalAccount !== undefined) {
      throw gcpError('INVALID_CREDENTIALS', 'the credentials have both a `serviceAccount` and an `externalAccount`; one of them is meant')
    }
    this.#fields = fields
    this.#lifetimeMs = lifetimeMs(impersonate)
    if (serviceAccount !== undefined) this.#json = readServiceAccount(serviceAccount)
    if (externalAccount !== undefined) this.#json = readExternalAccount(externalAccount)
  }

  /** Google's client, which has tokens and renews them: the same one for every call. */
  authClient(): Promise<AuthClient> {
    this.#client ??= this.#makeClient().catch((error: unknown) => {
      // The next call may find what was missing.
      this.#client = undefined
      throw error
    })
    return this.#client
  }

  /** As given, else that of the credentials. */
  async projectId(): Promise<string> {
    const given = this.givenProject
    if (given !== undefined) return given
    const auth = await this.#googleAuth()
    try {
      return await auth.getProjectId()
    } catch (error) {
      throw gcpError('NO_PROJECT', 'the credentials do not say which project is meant', { cause: error })
    }
  }

  /** As far as it is known without asking anybody. */
  get givenProject(): string | undefined {
    return this.#fields.project ?? this.#json?.project_id
  }

  /** The service account that signs for these credentials: the impersonated one, else that of the key; `undefined` when neither is given. */
  get account(): string | undefined {
    return this.#fields.impersonate?.account ?? this.#json?.client_email
  }

  /** What signs for these credentials. Throws `gcp/CANNOT_SIGN` when there is no service account among them. */
  async signer(): Promise<AuthClient | GoogleAuth> {
    if (this.#fields.impersonate !== undefined) return this.authClient()
    const auth = await this.#googleAuth()
    // It finds out what the credentials are.
    await clientOf(auth)
    const { client_email: account } = await auth.getCredentials().catch(() => ({ client_email: undefined }))
    if (account === undefined) throw gcpError('CANNOT_SIGN', 'these credentials are of no service account, so they cannot sign')
    return auth
  }

  #googleAuth(): Promise<GoogleAuth> {
    this.#auth ??= this.#makeAuth()
    return this.#auth
  }

  async #makeAuth(): Promise<GoogleAuth> {
    const { GoogleAuth } = await import('google-auth-library')
    const { project, scopes = ALL_SCOPES, quotaProject } = this.#fields
    return new GoogleAuth({
      scopes: [...scopes],
      ...(project !== undefined && { projectId: project }),
      ...(this.#json !== undefined && { credentials: this.#json as CredentialsOption }), // Google's library reads the type itself
      ...(quotaProject !== undefined && { clientOptions: { quotaProjectId: quotaProject } }),
    })
  }

  async #makeClient(): Promise<AuthClient> {
    const auth = await this.#googleAuth()
    const source = await clientOf(auth)
    const { impersonate, quotaProject } = this.#fields
    if (impersonate === undefined) return source
    const { Impersonated } = await import('google-auth-library')
    return new Impersonated({
      sourceClient: source,
      targetPrincipal: impersonate.account,
      delegates: [...(impersonate.delegates ?? [])],
      targetScopes: [...(impersonate.scopes ?? ALL_SCOPES)],
      lifetime: Math.round(this.#lifetimeMs / 1000),
      ...(impersonate.endpoint !== undefined && { endpoint: impersonate.endpoint }),
      ...(quotaProject !== undefined && { quotaProjectId: quotaProject }),
    })
  }
}

function lifetimeMs(impersonate: Impersonation | undefined): number {
  const millis = parseDuration(impersonate?.lifetime ?? LIFETIME_DEFAULT_MS, 'impersonate.lifetime')
  if (millis > LIFETIME_MAX_MS) throw gcpError('INVALID_OPTION', 'impersonate.lifetime: Google gives tokens for at most 12 hours')
  return millis
}

async function clientOf(auth: GoogleAuth): Promise<AuthClient> {
  try {
    return await auth.getClient()
  } catch (error) {
    if (isTuttiError(error)) throw error
    throw gcpError('NO_CREDENTIALS', 'there are no credentials for Google Cloud on this machine', { cause: error })
  }
}

/** What a service asks for: nothing of an emulator, else what the credentials have. */
export interface Access {
  readonly endpoint: Endpoint
  authClient(): Promise<AuthClient>
  projectId(): Promise<string>
  /** See {@link GoogleCredentials.account}. */
  readonly account: string | undefined
}

/** @param credentials - without any, those of the machine. */
export function accessTo(endpoint: Endpoint, credentials: GoogleCredentials = new GoogleCredentials()): Access {
  if (!endpoint.isEmulator) {
    return {
      endpoint,
      authClient: () => credentials.authClient(),
      projectId: () => credentials.projectId(),
      account: credentials.account,
    }
  }
  return {
    endpoint,
    authClient: async () => new (await import('google-auth-library')).PassThroughClient(),
    projectId: async () => credentials.givenProject ?? process.env['GOOGLE_CLOUD_PROJECT'] ?? EMULATED_PROJECT,
    account: credentials.account,
  }
}
