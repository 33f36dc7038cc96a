import { isBefore } from '../api/client-version.ts'
import type { ForeignClient } from '../api/client-version.ts'
import type { ClientAbilities } from '../core/flow-run-proposal.ts'

/** What the version in a request's headers lets its sender do. */
export function abilitiesOf({ apiLevel, prefectVersion }: ForeignClient): ClientAbilities {
  return {
    holdsLeases: prefectVersion !== null && !isBefore(prefectVersion, [3, 4, 11]),
    countsSlots: prefectVersion !== null && isBefore(prefectVersion, [3, 0, 4]),
    resetsFailedTasks: isBefore(apiLevel, [0, 8, 3]),
    keepsPauses: !isBefore(apiLevel, [0, 8, 4]),
  }
}
