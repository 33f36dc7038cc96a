// Chromium as people have it. Playwright's records each request with its stack, for which the browser reads all scripts once more: a tenth
// of a second of each page that nobody else waits for.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import path from 'node:path'

const STARTS_WITHIN_MS = 30_000
const ANSWERS_WITHIN_MS = 90_000

export interface Visit {
  readonly url: string
  /** Runs before the scripts of the page. */
  readonly before: string
  /** An expression that resolves to a number. */
  readonly asked: string
}

type Answer = Readonly<Record<string, unknown>>

export class PlainBrowser {
  readonly #child: ChildProcess
  readonly #folder: string
  readonly #socket: WebSocket
  readonly #waiting = new Map<number, PromiseWithResolvers<Answer>>()
  #sent = 0

  private constructor(child: ChildProcess, folder: string, socket: WebSocket) {
    this.#child = child
    this.#folder = folder
    this.#socket = socket
    socket.addEventListener('message', ({ data }) => {
      const { id, result, error } = JSON.parse(String(data)) as { id?: number; result?: Answer; error?: { message: string } } // as the protocol of DevTools has it
      const waiting = this.#waiting.get(id ?? 0)
      this.#waiting.delete(id ?? 0)
      if (error === undefined) waiting?.resolve(result ?? {})
      else waiting?.reject(new Error(error.message))
    })
  }

  static async launch(executablePath: string): Promise<PlainBrowser> {
    const folder = mkdtempSync(path.join(tmpdir(), 'tutti-chromium-'))
    const quiet = ['--headless=new', '--no-sandbox', '--no-first-run', '--disable-background-networking', '--disable-component-update']
    const child = spawn(executablePath, [...quiet, '--remote-debugging-port=0', `--user-data-dir=${folder}`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const socket = new WebSocket(await addressOf(child))
    await once(socket, 'open', { signal: AbortSignal.timeout(STARTS_WITHIN_MS) })
    return new PlainBrowser(child, folder, socket)
  }

  /** With an empty cache, at 1440 x 900. */
  async visit({ url, before, asked }: Visit): Promise<number> {
    const { browserContextId } = await this.#send('Target.createBrowserContext')
    try {
      const { targetId } = await this.#send('Target.createTarget', { url: 'about:blank', browserContextId, width: 1440, height: 900 })
      const { sessionId } = await this.#send('Target.attachToTarget', { targetId, flatten: true })
      await this.#send('Page.enable', {}, sessionId)
      await this.#send('Page.addScriptToEvaluateOnNewDocument', { source: before }, sessionId)
      await this.#send('Page.navigate', { url }, sessionId)
      const { result } = await this.#send('Runtime.evaluate', { expression: asked, awaitPromise: true, returnByValue: true }, sessionId)
      const { value } = result as { readonly value?: unknown } // as the protocol has it
      if (typeof value !== 'number') throw new Error(`${url} did not tell a number: ${JSON.stringify(result)}`)
      return value
    } finally {
      await this.#send('Target.disposeBrowserContext', { browserContextId })
    }
  }

  async close(): Promise<void> {
    this.#socket.close()
    const ended = once(this.#child, 'exit')
    this.#child.kill()
    await ended
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 })
  }

  async #send(method: string, params: object = {}, sessionId?: unknown): Promise<Answer> {
    const id = ++this.#sent
    const answer = Promise.withResolvers<Answer>()
    this.#waiting.set(id, answer)
    this.#socket.send(JSON.stringify({ id, method, params, ...(sessionId === undefined ? undefined : { sessionId }) }))
    const timer = setTimeout(() => answer.reject(new Error(`Chromium did not answer ${method}`)), ANSWERS_WITHIN_MS)
    try {
      return await answer.promise
    } finally {
      clearTimeout(timer)
    }
  }
}

/** Where it can be spoken to, which it says on its standard error. */
function addressOf({ stderr }: ChildProcess): Promise<string> {
  const address = Promise.withResolvers<string>()
  let said = ''
  const timer = setTimeout(() => address.reject(new Error(`Chromium did not start:\n${said.slice(-2_000)}`)), STARTS_WITHIN_MS)
  stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-10_000)
    const found = /DevTools listening on (ws:\S+)/.exec(said)?.[1]
    if (found !== undefined) address.resolve(found)
  })
  return address.promise.finally(() => clearTimeout(timer))
}
