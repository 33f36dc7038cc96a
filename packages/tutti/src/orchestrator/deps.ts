import type { Actor } from '../core/actor.ts'
import type { Ids, Random } from '../core/id.ts'
import type { Liveness } from '../core/orchestrator.ts'
import type { Clock } from '../core/time.ts'
import type { Tell } from '../core/told.ts'
import type { Store } from '../store/port.ts'
import type { ResultFiles } from './results.ts'

/** What every use case is given. */
export interface Deps {
  readonly store: Store
  readonly clock: Clock
  readonly ids: Ids
  readonly liveness: Liveness
  readonly files: ResultFiles
  /** Spreads retries; absent where nothing is spread. */
  readonly random?: Random
  /** Who asks, and so brings about what is changed; absent where that is not known. */
  readonly actor?: Actor | undefined
  /** Absent where nobody watches. */
  readonly tell?: Tell
}
