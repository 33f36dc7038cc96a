import type { Event } from './event.ts'
import type { FlowRun } from './flow-run.ts'
import type { LogRecord } from './log.ts'
import type { State } from './state.ts'
import type { TaskRun } from './task-run.ts'

/** What a committed transaction changed, for those who watch: live views, subscriptions, whoever waits for work. */
export type Told =
  /** A flow run entered a state; `from` is the one before, `null` for a new run. */
  | { readonly type: 'flow-run'; readonly run: FlowRun; readonly from: State | null }
  | { readonly type: 'task-run'; readonly run: TaskRun }
  | { readonly type: 'logs'; readonly records: readonly LogRecord[] }
  | { readonly type: 'event'; readonly event: Event }
  /** Something that has no history changed: a deployment, a pool, a limit. `noun` as in the path of the wire. */
  | { readonly type: 'changed'; readonly noun: string; readonly id: string }

/** Called after the commit; must not throw and must be cheap. */
export type Tell = (told: readonly Told[]) => void
