import type { BigQuery } from '@google-cloud/bigquery'
import type { AuthClient } from 'google-auth-library'
import type { Access } from '../credentials.ts'
import { stopSignal } from './job-identity.ts'
import type { RetryRules } from './retries.ts'
import { withRetries } from './retries.ts'

interface ConnectionSettings {
  readonly location: string | undefined
  readonly rules: RetryRules
  readonly pieceBytes: number
}

/** Google's client, made when it is first needed; all requests go through `ask`, which tries again what passes. */
export class Connection {
  readonly #access: Access
  readonly #location: string | undefined
  /** The pieces that files are uploaded in. */
  readonly pieceBytes: number
  readonly #rules: RetryRules
  #client: Promise<BigQuery> | undefined

  constructor(access: Access, { location, rules, pieceBytes }: ConnectionSettings) {
    this.pieceBytes = pieceBytes
    this.#access = access
    this.#location = location
    this.#rules = rules
  }

  get url(): string {
    return this.#access.endpoint.url
  }
  get location(): string | undefined {
    return this.#location
  }
  projectId(): Promise<string> {
    return this.#access.projectId()
  }
  authClient(): Promise<AuthClient> {
    return this.#access.authClient()
  }

  /** Google's own client, for what is not offered here. */
  client(): Promise<BigQuery> {
    this.#client ??= this.#makeClient().catch((error: unknown) => {
      this.#client = undefined
      throw error
    })
    return this.#client
  }

  /**
   * @param what - the beginning of a sentence that ends with what went wrong: `the table could not be read`.
   * @param signal - stops it; that of the run when nothing is given.
   */
  async ask<T>(
    what: string,
    request: (client: BigQuery) => Promise<T>,
    signal: AbortSignal | undefined = stopSignal(undefined),
  ): Promise<T> {
    const client = await this.client()
    return withRetries(what, () => request(client), { rules: this.#rules, signal })
  }

  /** A request that Google's client does not make: an upload, another service. */
  async askPlainly<T>(what: string, request: (auth: AuthClient) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const auth = await this.authClient()
    return withRetries(what, () => request(auth), { rules: this.#rules, signal })
  }

  async #makeClient(): Promise<BigQuery> {
    const [{ BigQuery: Client }, authClient, projectId] = await Promise.all([
      import('@google-cloud/bigquery'),
      this.#access.authClient(),
      this.#access.projectId(),
    ])
    return new Client({
      projectId,
      authClient,
      apiEndpoint: this.#access.endpoint.url,
      ...(this.#location !== undefined && { location: this.#location }),
      // Tries are counted in one place, and end when the run does.
      retryOptions: { autoRetry: false },
    })
  }
}
