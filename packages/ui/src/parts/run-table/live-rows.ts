// A long list that stays true while it is read: its pages are fetched once, what is in sight and what is new is looked at again.

export interface LiveRows<Row> {
  /** Pages from the top on, as they were when they were fetched. */
  readonly listed: readonly Row[]
  /** The top as it is now; `undefined`: not known, or the order has no end at which rows arrive. */
  readonly head: readonly Row[] | undefined
  /** There is nothing below it. */
  readonly isHeadWhole: boolean
  /** Rows in sight that were looked at again: those that are no more in the answer have left the list. */
  readonly looked: { readonly asked: readonly string[]; readonly rows: readonly Row[] } | undefined
  /** Whether rows that are new may move those that are read. */
  readonly isAtTop: boolean
  /** Rows that were taken in before: they stay. */
  readonly taken: ReadonlySet<string>
  readonly idOf: (row: Row) => string
}

export interface ShownRows<Row> {
  readonly rows: readonly Row[]
  /** That are above those that are shown. */
  readonly fresh: readonly string[]
  /** More have arrived than the top holds: there is a hole between it and the list. */
  readonly isTorn: boolean
}

export function liveRows<Row>({ listed, head, isHeadWhole, looked, isAtTop, taken, idOf }: LiveRows<Row>): ShownRows<Row> {
  const known = new Set(listed.map(idOf))
  const top = new Set(head?.map(idOf))
  const isTorn = head !== undefined && !isHeadWhole && listed.length > 0 && head.every((row) => !known.has(idOf(row)))
  if (head !== undefined && isAtTop && !isTorn) {
    const below = isHeadWhole ? [] : listed.slice(listed.findLastIndex((row) => top.has(idOf(row))) + 1)
    return { rows: [...head, ...below.filter((row) => !top.has(idOf(row)))], fresh: [], isTorn }
  }
  const now = new Map([...(head ?? []), ...(looked?.rows ?? [])].map((row) => [idOf(row), row]))
  const left = new Set(looked?.asked.filter((id) => !now.has(id)))
  const above = head === undefined || isTorn ? [] : aboveKnown(head, known, idOf)
  const rows = [...above.filter((row) => taken.has(idOf(row))), ...listed]
  const fresh = (isTorn ? head : above).filter((row) => !taken.has(idOf(row)))
  return { rows: rows.flatMap((row) => (left.has(idOf(row)) ? [] : [now.get(idOf(row)) ?? row])), fresh: fresh.map(idOf), isTorn }
}

/** Rows of the top that the list does not have; below the last that it has come rows of its next page. */
function aboveKnown<Row>(head: readonly Row[], known: ReadonlySet<string>, idOf: (row: Row) => string): readonly Row[] {
  const last = head.findLastIndex((row) => known.has(idOf(row)))
  return head.slice(0, last === -1 ? head.length : last).filter((row) => !known.has(idOf(row)))
}
