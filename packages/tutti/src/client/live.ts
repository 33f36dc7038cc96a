import type { ChangesMessage, LiveMessage, TaskRunsMessage } from '../api/live.ts'
import { after } from '../core/time.ts'
import type { Clock } from '../core/time.ts'
import { authorization, errorOf, unreachable } from './transport.ts'
import type { Fetch } from './transport.ts'

/** What can be followed as it happens. */
export interface LiveClient {
  /**
   * The states and the log of a flow run, from the beginning until it has ended; with `after`, a cursor of `flowRuns.logLines`, only the lines
   * behind that place. A connection that is lost is made again, and nothing is told twice or left out.
   */
  flowRun(
    given: { readonly id: string; readonly after?: string },
    options?: { readonly signal?: AbortSignal },
  ): AsyncGenerator<LiveMessage, void>
  /**
   * What changes on the server, at most four messages a second, until the signal aborts. Each connection begins with `hello`: what happened
   * before it is not told, so whoever shows something asks for it again. With `logs` the noun `logs` tells that lines were written.
   */
  changes(options?: { readonly signal?: AbortSignal; readonly logs?: boolean }): AsyncGenerator<ChangesMessage, void>
  /**
   * All task runs of a flow run, at most 1,000 a message, then what changes of them until it has ended. A connection that is lost is made
   * again; a row may be told twice, and the later one counts.
   */
  taskRuns(given: { readonly id: string; readonly signal?: AbortSignal }): AsyncGenerator<TaskRunsMessage, void>
}

export interface LiveOptions {
  /** Up to and including `/api`. */
  readonly url: string
  readonly fetch: Fetch
  readonly clock: Clock
  readonly random: () => number
  readonly auth?: string | undefined
  readonly key?: string | undefined
  /** How long a server that does not answer is waited for. */
  readonly waitMs: number
}

const PAUSE_MIN_MS = 100
const PAUSE_MAX_MS = 2_000

export function liveClient(options: LiveOptions): LiveClient {
  const base = options.url.replace(/\/+$/, '')
  const ofRun = (id: string): string => `${base}/live/flow_runs/${encodeURIComponent(id)}`
  return {
    flowRun: ({ id, after: place }, { signal } = {}) =>
      follow<LiveMessage>(options, place === undefined ? ofRun(id) : `${ofRun(id)}?after=${encodeURIComponent(place)}`, signal),
    changes: ({ signal, logs = false } = {}) => follow<ChangesMessage>(options, `${base}/live/changes${logs ? '?logs=true' : ''}`, signal),
    taskRuns: ({ id, signal }) => follow<TaskRunsMessage>(options, `${ofRun(id)}/task_runs`, signal),
  }
}

async function* follow<Message extends { readonly type: string }>(
  options: LiveOptions,
  url: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Message, void> {
  const { clock } = options
  let lastId = ''
  let until = after(clock.now(), options.waitMs)
  for (let pauseMs = PAUSE_MIN_MS; ; pauseMs = Math.min(pauseMs * 2, PAUSE_MAX_MS)) {
    let reason = 'it ended the stream'
    let isConnected = false
    try {
      for await (const received of connect<Message>(options, url, lastId, signal)) {
        isConnected = true
        pauseMs = PAUSE_MIN_MS
        if (received === ALIVE) continue
        const { id, message } = received
        lastId = id
        yield message
        if (message.type === 'end') return
      }
    } catch (error) {
      signal?.throwIfAborted()
      if (!(error instanceof Lost)) throw error
      reason = error.message
    }
    // It was there until now, however long it had nothing to say.
    if (isConnected) until = after(clock.now(), options.waitMs)
    const waitMs = pauseMs * (0.5 + options.random())
    if (after(clock.now(), waitMs) > until) throw unreachable(reason, options.waitMs)
    await clock.sleep(waitMs, signal)
  }
}

/** The connection, or the server for now: to be tried again. */
class Lost extends Error {}

interface Received<Message> {
  readonly id: string
  readonly message: Message
}

/** The server has been heard. */
const ALIVE = 'alive'

/** One connection, to its end. */
async function* connect<Message>(
  { fetch, auth, key }: LiveOptions,
  url: string,
  lastId: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Received<Message> | typeof ALIVE, void> {
  const headers = {
    Accept: 'text/event-stream',
    ...authorization({ auth, key }),
    ...(lastId === '' ? undefined : { 'Last-Event-ID': lastId }),
  }
  const response = await orLost(fetch(url, { method: 'GET', headers, ...(signal === undefined ? undefined : { signal }) }))
  if (response.status === 429 || response.status >= 502) throw new Lost(`it answered ${response.status}`)
  const text = async (): Promise<string> => new TextDecoder().decode(await orLost(response.arrayBuffer()))
  if (response.status !== 200) throw await errorOf({ status: response.status, text })
  if (response.body === null || response.body === undefined) throw new TypeError('the given fetch cannot read a body as it comes')
  const reader = response.body.getReader()
  const decoder = new TextDecoder()
  let unread = ''
  try {
    for (;;) {
      const { done, value } = await orLost(reader.read())
      if (done) return
      yield ALIVE
      unread += decoder.decode(value, { stream: true })
      const events = unread.split('\n\n')
      // The last is not whole yet.
      unread = events.pop() ?? ''
      for (const event of events) {
        const [, id, data] = /^id: (.*)\ndata: (.*)$/.exec(event) ?? []
        if (id !== undefined && data !== undefined) yield { id, message: JSON.parse(data) as Message } // as the endpoint says
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined) // it may be lost already
  }
}

async function orLost<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw new Lost(error instanceof Error ? error.message : String(error), { cause: error })
  }
}
