import { Readable } from 'node:stream'
import { readText } from './answer-body.ts'
import type { Access } from './credentials.ts'
import { apiError, credentialsError, gaveUp, isPassing, PassingFailure, readProblem } from './api-failure.ts'
import { Retries } from './retry.ts'
import type { RetryOptions } from './retry.ts'

/** One request to one of Google's services. */
export interface ApiCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below the address of the service, or a whole address. */
  readonly url: string
  readonly query?: Readonly<Record<string, string | number | undefined>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** For errors: the sentence they begin with. */
  readonly what: string
  readonly signal?: AbortSignal | undefined
}

/** An answer of any status whose body was not read yet: it must be read or destroyed. */
export interface ApiAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: Readable
}

export interface ApiOptions extends RetryOptions {
  /** Within it an answer must have begun, and its next bytes must have come. */
  readonly timeoutMs: number
}

/** Sends requests with credentials, within a time limit, again where that can help, and says what went wrong in Tutti's words. */
export class Api {
  readonly access: Access
  readonly options: ApiOptions

  constructor(access: Access, options: ApiOptions) {
    this.access = access
    this.options = options
  }

  /** One attempt. Throws a `PassingFailure` when no answer came, and the reason of the signal when it aborts. */
  async send(call: ApiCall): Promise<ApiAnswer> {
    call.signal?.throwIfAborted()
    const limit = new AbortController()
    const timer = setTimeout(() => limit.abort(), this.options.timeoutMs)
    try {
      return await this.#request(call, limit.signal)
    } catch (error) {
      call.signal?.throwIfAborted()
      if (limit.signal.aborted) throw new PassingFailure(`no answer came within ${this.options.timeoutMs / 1000} s`)
      // An answer of any status is none: what failed is the way to it, or the token that was asked for before.
      throw credentialsError(error)
    } finally {
      clearTimeout(timer)
    }
  }

  async #request(call: ApiCall, limit: AbortSignal): Promise<ApiAnswer> {
    const client = await this.access.authClient()
    // Until the answer begins; whoever reads its body watches over that.
    const request = {
      method: call.method,
      url: this.#addressOf(call),
      headers: { ...call.headers },
      ...(call.body !== undefined && { data: call.body }),
      signal: call.signal === undefined ? limit : AbortSignal.any([call.signal, limit]),
      responseType: 'stream' as const,
      validateStatus: () => true,
      retry: false,
      // What is stored in a packed form arrives as it is stored: its checksum is of that.
      compress: false,
      maxRedirects: 0,
    }
    const { status, headers, data } = await client.request<Readable | ''>(request)
    // Google's library answers with text where there is nothing.
    return { status, headers, body: data instanceof Readable ? data : Readable.from([]) }
  }

  /** Sends as often as it makes sense. Answers of other statuses than success are thrown as errors. */
  async ask(call: ApiCall): Promise<ApiAnswer> {
    return this.retrying(call, () => this.once(call))
  }

  /** One attempt, and only success is an answer. */
  async once(call: ApiCall): Promise<ApiAnswer> {
    const answer = await this.send(call)
    if (answer.status >= 200 && answer.status < 300) return answer
    throw await this.failureOf(answer, call)
  }

  /** What an answer without success is: something that may pass, or the error for the user. */
  async failureOf({ status, headers, body }: ApiAnswer, { what, signal }: Pick<ApiCall, 'what' | 'signal'>): Promise<Error> {
    const problem = readProblem(status, headers, await readText(body, { idleMs: this.options.timeoutMs, signal }))
    if (isPassing(problem)) return new PassingFailure(problem.message, { retryAfterMs: problem.retryAfterMs })
    return apiError(what, problem)
  }

  /** The answer's JSON; `undefined` when it has no body. */
  async json(call: ApiCall): Promise<unknown> {
    return this.retrying(call, async () => {
      const { body } = await this.once(call)
      const text = await readText(body, { idleMs: this.options.timeoutMs, signal: call.signal })
      return text === '' ? undefined : (JSON.parse(text) as unknown)
    })
  }

  async retrying<T>({ what, signal }: Pick<ApiCall, 'what' | 'signal'>, attempt: () => Promise<T>): Promise<T> {
    const retries = new Retries(this.options)
    for (;;) {
      try {
        return await attempt()
      } catch (error) {
        if (!(error instanceof PassingFailure)) throw error
        await retries.after(error, { retryAfterMs: error.retryAfterMs, signal }).catch((last: unknown) => {
          throw gaveUp(what, last)
        })
      }
    }
  }

  #addressOf({ url, query = {} }: ApiCall): string {
    const address = new URL(url.startsWith('http') ? url : `${this.access.endpoint.url}${url}`)
    for (const [key, value] of Object.entries(query)) if (value !== undefined) address.searchParams.set(key, String(value))
    return address.href
  }
}
