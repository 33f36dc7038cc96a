/** Asks whichever of several servers answers, again and again: they are killed all the time. */
export class Api {
  readonly #urls: readonly string[]

  constructor(urls: readonly string[]) {
    this.#urls = urls
  }

  get<T>(path: string): Promise<T> {
    return this.#ask('GET', path, undefined)
  }

  post<T>(path: string, body: object): Promise<T> {
    return this.#ask('POST', path, body)
  }

  async patch(path: string, body: object): Promise<void> {
    await this.#ask('PATCH', path, body)
  }

  async #ask<T>(method: string, path: string, body: object | undefined): Promise<T> {
    let trouble: unknown
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, 200))
      let response: Response
      try {
        response = await fetch(`${this.#urls[attempt % this.#urls.length]}${path}`, {
          method,
          ...(body === undefined ? undefined : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
          signal: AbortSignal.timeout(ANSWER_MS),
        })
        const text = await response.text()
        if (response.ok) return (text === '' ? undefined : JSON.parse(text)) as T // as the protocol says
        trouble = `${response.status} ${text}`
      } catch (error) {
        trouble = error
        continue
      }
      if (response.status < 500) break
    }
    throw new Error(`${path} could not be asked: ${trouble instanceof Error ? trouble.message : String(trouble)}`, { cause: trouble })
  }
}

const ATTEMPTS_MAX = 150
const ANSWER_MS = 20_000
