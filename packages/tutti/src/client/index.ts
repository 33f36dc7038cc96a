// The door `tutti/client`: the API of a server, typed, in Node and in browsers.
import { systemClock } from '../system/clock.ts'
import { clientOver } from './client.ts'
import type { Client as Verbs } from './client.ts'
import { deploymentHandle } from './deployed-runs.ts'
import type { DeploymentHandle } from './deployed-runs.ts'
import type { AnyFlow } from '../core/deployed-run.ts'
import { liveClient } from './live.ts'
import type { LiveClient } from './live.ts'
import { createTransport, fetchSend } from './transport.ts'
import type { Fetch } from './transport.ts'

export type { CallOptions } from './client.ts'
export type { DeployedRun, DeploymentHandle, WaitOptions } from './deployed-runs.ts'
export type { AnyFlow, DeployedRunOptions, ParametersOf } from '../core/deployed-run.ts'
export type { LiveClient } from './live.ts'
export type { ChangedFlowRun, ChangesMessage, LiveMessage, TaskRunRow, TaskRunsMessage } from '../api/live.ts'
export type { Fetch } from './transport.ts'
export { isTuttiError, TuttiError } from '../core/errors.ts'

/** Where a server is, and how it is asked. */
export interface ClientOptions {
  /** Up to and including `/api`: `http://127.0.0.1:4200/api`. */
  readonly url: string
  /** `user:password`, for a server that asks for it. */
  readonly auth?: string
  /** A key, for a server or a gateway that asks for one instead. */
  readonly key?: string
  /** How many milliseconds a server is waited for that is away, overloaded or starting. Default 10 seconds; 0: not at all. */
  readonly waitMs?: number
  /** What sends the requests. Default: the `fetch` of the platform. */
  readonly fetch?: Fetch
}

const WAIT_MS = 10_000

/** Every noun and verb of the API, and what can be followed as it happens. */
export type Client = Verbs & {
  readonly live: LiveClient
  /**
   * A deployment by its name, `flow/deployment`, typed by its flow; the flow is imported as a type only, so its code is not.
   *
   * @example
   * import type { etl } from './flows/etl.ts'
   * const run = await client.deployment<typeof etl>('etl/prod').run({ day: '2026-01-31' }, { tags: ['by-hand'] })
   * const { state_type: ended } = await run.wait()
   */
  deployment<F extends AnyFlow>(name: string): DeploymentHandle<F>
}

/**
 * The API of a server as functions: `client.flowRuns.read({ id })`. The values of a path and of a query are given by their names, a body as
 * `body`; answers are typed as they stand on the wire. Errors are the server's own, as `TuttiError` with their codes.
 *
 * @example
 * const client = createClient({ url: 'http://127.0.0.1:4200/api' })
 * const { name } = await client.flows.read({ id })
 */
export function createClient({ url, auth, key, waitMs = WAIT_MS, fetch = globalThis.fetch }: ClientOptions): Client {
  const clock = systemClock()
  // Those who come back to a server at the same moment are told apart well enough by the last digits of their clocks.
  const random = (): number => (clock.now() % 1_000) / 1_000
  const options = { clock, random, auth, key, waitMs }
  const verbs = clientOver(createTransport({ send: fetchSend(url, fetch), ...options }))
  return {
    ...verbs,
    live: liveClient({ url, fetch, ...options }),
    deployment: (name) => deploymentHandle(verbs, clock, name),
  }
}
