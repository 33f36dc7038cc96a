import type { ErrorData } from '../error-data.ts'
import type { PreparedModule } from '../entrypoint.ts'

/** One call, as a thread gets it. */
export interface ThreadCall {
  readonly callId: number
  readonly module: PreparedModule
  readonly exportName: string
  readonly args: readonly unknown[]
  /** What the process knows and the thread was not told yet. */
  readonly secrets: readonly string[]
}

/** What a thread says. The id tells it from what the user's own code may post on the same port. */
export interface ThreadAnswer {
  readonly callId: number
  readonly end: ThreadEnd
}

/** A secret that code of the thread has learned: its process hides it too. */
export interface ThreadSecret {
  readonly tuttiSecret: string
}

/** How a call came out. */
export type ThreadEnd =
  | { readonly type: 'value'; readonly value: unknown }
  | { readonly type: 'thrown'; readonly error: ErrorData }
  /** It returned what cannot leave the thread. */
  | { readonly type: 'stuck'; readonly problem: string }
  | { readonly type: 'no function'; readonly exports: readonly string[] }
