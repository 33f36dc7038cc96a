import type { Actor } from '../../core/actor.ts'
import type { Settings } from '../../settings/load.ts'
import type { KeyPlace } from '../../store/secret-keys.ts'
import type { Told } from '../../core/told.ts'
import type { StoreUpgrade } from '../../core/store-upgrade.ts'

/** What the writer needs to open the same database. */
export interface WriterData {
  readonly path: string
  readonly durability: Settings['durability']
  readonly busyTimeoutMs: number
  readonly resultsFolder: string
  /** They seal the secrets of blocks. */
  readonly keys: KeyPlace
}

/** One operation of the orchestrator: `flowRuns.create` with its arguments, packed. */
export interface WriteRequest {
  readonly type: 'write'
  readonly id: number
  readonly noun: string
  readonly verb: string
  readonly args: readonly unknown[]
  /** Who asks for it. */
  readonly caller?: Actor | undefined
}

/** The many operations of a flush are plain data: to look for classes in them would cost as much as to send them. */
export function isPlain(noun: string, verb: string): boolean {
  return noun === 'journal' && verb === 'flush'
}

export type ToWriter =
  | WriteRequest
  /** Whether somebody looks at single task runs and log lines; telling of them costs. */
  | { readonly type: 'watch'; readonly details: boolean }
  | { readonly type: 'close' }

export type FromWriter =
  | { readonly type: 'ready' }
  | { readonly type: 'upgrade'; readonly upgrade: StoreUpgrade }
  /** The database could not be opened; the thread ends. */
  | { readonly type: 'unopened'; readonly error: unknown }
  | { readonly type: 'answer'; readonly id: number; readonly result: unknown }
  | { readonly type: 'refusal'; readonly id: number; readonly error: unknown }
  | { readonly type: 'told'; readonly told: readonly Told[] }
