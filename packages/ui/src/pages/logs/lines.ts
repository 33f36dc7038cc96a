/** Pages of lines, the newest first, as one list, the oldest first: as a log is read. Pages may overlap when lines came meanwhile. */
export function linesInOrder<Line extends { readonly id: string }>(pages: readonly { readonly lines: readonly Line[] }[]): readonly Line[] {
  const byId = new Map<string, Line>()
  for (const page of pages) for (const line of page.lines) byId.set(line.id, line)
  return [...byId.values()].toReversed()
}

interface Timed {
  readonly id: string
  readonly timestamp: string
}

/** Processes write what they log some moments later, and not in one order: so far before the newest line new ones may still turn up. */
const LATE_MS = 5_000

/** Where to look for new lines, given the newest that is known; `undefined`: none is. */
export function startOfLook(newest: Timed | undefined): string | undefined {
  return newest === undefined ? undefined : new Date(Date.parse(newest.timestamp) - LATE_MS).toISOString()
}

/** The known lines and those of them that are new, the newest first. `shown`: lines that are not to be taken for new. */
export function freshLines<Line extends Timed>(known: readonly Line[], found: readonly Line[], shown: readonly Line[]): readonly Line[] {
  const ids = new Set([...known, ...shown].map(({ id }) => id))
  const news = found.filter(({ id }) => !ids.has(id))
  if (news.length === 0) return known
  return [...news, ...known].toSorted(
    (one, other) => Date.parse(other.timestamp) - Date.parse(one.timestamp) || (one.id < other.id ? 1 : -1),
  )
}
