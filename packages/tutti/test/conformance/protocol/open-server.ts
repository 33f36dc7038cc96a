import type { Hono } from 'hono'
import { after } from '../../../src/core/time.ts'
import type { Clock, Instant } from '../../../src/core/time.ts'
import type { ServerOrchestrator } from '../../../src/core/server-orchestrator.ts'
import type { Told } from '../../../src/core/told.ts'
import { createServerOrchestrator } from '../../../src/orchestrator/server.ts'
import type { Store } from '../../../src/store/port.ts'
import { createSecretBox } from '../../../src/store/secrets.ts'
import { createApp } from '../../../src/server/app.ts'
import { createCallers } from '../../../src/server/callers.ts'
import { createWake } from '../../../src/server/wake.ts'
import type { Wake } from '../../../src/server/wake.ts'
import { forCallers } from '../../../src/server/writer/writer.ts'
import { systemLiveness } from '../../../src/system/liveness.ts'
import { seededRandom } from '../../../src/testing/seeded-random.ts'
import { seededIds, T0 } from '../records.ts'
import { held } from '../../protocol/held.ts'
import { openEmptyStore } from './empty-store.ts'

/** A clock that moves when the test says so; timers on the way are called. */
export interface HandClock extends Clock {
  /** How many timers wait. */
  readonly waiting: number
  advance(delayMs: number): void
}

export function handClock(start: Instant = T0): HandClock {
  let now = start
  const timers = new Set<{ readonly at: Instant; readonly callback: () => void }>()
  function timer(delayMs: number, callback: () => void): () => void {
    const entry = { at: after(now, delayMs), callback }
    timers.add(entry)
    return () => timers.delete(entry)
  }
  return {
    now: () => now,
    get waiting() {
      return timers.size
    },
    timer,
    sleep: (delayMs, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) return reject(signal.reason as Error) // an abort's reason is an error
        const cancel = timer(delayMs, resolve)
        signal?.addEventListener('abort', () => {
          cancel()
          reject(signal.reason as Error) // as above
        })
      }),
    advance(delayMs) {
      now = after(now, delayMs)
      for (const entry of [...timers].toSorted((one, other) => one.at - other.at)) {
        if (entry.at > now || !timers.delete(entry)) continue
        entry.callback()
      }
    },
  }
}

export interface Answer {
  readonly status: number
  /** The JSON of the answer; tests say what they expect of it. */
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any
  /** The answer as it was spelled. */
  readonly text: string
  readonly headers: Headers
}

export interface TestServer {
  readonly app: Hono
  readonly clock: HandClock
  readonly orchestrator: ServerOrchestrator
  /** For what no request can bring about. */
  readonly store: Store
  readonly told: Told[]
  readonly wake: Wake
  /** `call('POST', '/flows/', {name: 'a'})`; text is sent as it is, and paths are those below `/api`. */
  call(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>
  close(): Promise<void>
}

/** The whole server over an empty database, without a port. */
export async function openServer(): Promise<TestServer> {
  const clock = handClock()
  const store = await openEmptyStore()
  const told: Told[] = []
  const wake = createWake(clock)
  const callers = createCallers()
  const world = {
    store,
    clock,
    ids: seededIds(),
    random: seededRandom(1),
    secrets: createSecretBox(new Uint8Array(32), seededRandom(2)),
    liveness: systemLiveness(),
    resultsFolder: null,
    tell: (changes: readonly Told[]) => {
      told.push(...changes)
      wake.tell(changes)
    },
  }
  const orchestrator = forCallers((actor) => createServerOrchestrator({ ...world, actor }), callers)
  const app = held(
    createApp(orchestrator, {
      clock,
      wake,
      callers,
      onError: (error) => {
        throw error
      },
    }),
  )
  return {
    app,
    clock,
    orchestrator,
    store,
    told,
    wake,
    async call(method, path, body, headers = {}) {
      const response = await app.request(`/api${path}`, {
        method,
        headers: { 'Content-Type': 'application/json', ...headers },
        ...(body === undefined ? undefined : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const text = await response.text()
      const isJson = response.headers.get('content-type')?.includes('json') === true
      return { status: response.status, body: isJson && text !== '' ? JSON.parse(text) : undefined, text, headers: response.headers }
    },
    close: () => orchestrator.close(),
  }
}
