import type { InfiniteData } from '@tanstack/react-query'
import { ArrowUp } from 'lucide-react'
import { useCallback, useEffect, useMemo, useState } from 'react'
import type { ReactElement } from 'react'
import { number } from '../../format.ts'
import * as queries from '../../queries.ts'
import { Button } from '../button.tsx'
import type { TableView } from '../data-table.tsx'
import { liveRows } from './live-rows.ts'
import type { LiveRows } from './live-rows.ts'

interface Identified {
  readonly id: string
}

export interface LiveListGiven<Row extends Identified> {
  /** The pages that were fetched as one scrolled. */
  readonly list: {
    readonly data: InfiniteData<{ readonly items: readonly Row[] }> | undefined
    readonly error: Error | null
    readonly isPending: boolean
    readonly hasNextPage: boolean
    readonly isFetchingNextPage: boolean
    readonly isFetchNextPageError: boolean
    readonly fetchNextPage: () => unknown
  }
  readonly head: LiveRows<Row>['head']
  readonly looked: LiveRows<Row>['looked']
  /** What is in sight, and is to be looked at again. */
  readonly onSeen: (ids: (before: readonly string[]) => readonly string[]) => void
  /** New rows come at its top. */
  readonly isGrowing: boolean
  /** Fetches it anew; the same function as long as the list is the same. */
  readonly begin: () => void
}

export interface LiveList<Row> {
  readonly rows: readonly Row[]
  readonly fresh: readonly string[]
  readonly isTorn: boolean
  readonly isPending: boolean
  readonly isLoadingMore: boolean
  readonly error: Error | null
  readonly onMore: (() => void) | undefined
  readonly onView: (view: TableView) => void
  /** How often one was taken to the top. */
  readonly tops: number
  /** Shows what is new. */
  take(): void
  again(): void
}

const NOTHING: ReadonlySet<string> = new Set()
/** Rows that are looked at again at once. */
const LOOKED_AT_MAX = 80

/** A long list for a table: it stays where it is read, and says what is new above. */
export function useLiveList<Row extends Identified>(given: LiveListGiven<Row>): LiveList<Row> {
  const { list, head, looked, onSeen, isGrowing, begin } = given
  const [view, setView] = useState<TableView>({ first: 0, last: 0, isAtTop: true })
  const [taken, setTaken] = useState<ReadonlySet<string>>(NOTHING)
  const [tops, setTops] = useState(0)
  const listed = useMemo(() => list.data?.pages.flatMap(({ items }) => items) ?? [], [list.data])
  const isHeadWhole = head !== undefined && head.length < queries.PAGE_ROWS
  const shown = useMemo(
    () => liveRows({ listed, head, isHeadWhole, looked, isAtTop: view.isAtTop, taken, idOf }),
    [listed, head, isHeadWhole, looked, view.isAtTop, taken],
  )
  // What was in sight a moment ago is what is looked at again: its ids are those of the rows below, not of the next ones.
  const ids = useMemo(() => shown.rows.map(idOf), [shown.rows])
  const onView = useCallback(
    (next: TableView) => {
      setView(next)
      // Rows that joined while the top was in sight stay when one scrolls down.
      if (!next.isAtTop) setTaken((before) => new Set([...before, ...ids.slice(0, queries.PAGE_ROWS)]))
      const inSight = next.isAtTop && isGrowing ? [] : ids.slice(next.first, Math.min(next.last + 1, next.first + LOOKED_AT_MAX))
      onSeen((before) => (before.join() === inSight.join() ? before : inSight))
    },
    [ids, isGrowing, onSeen],
  )
  const again = (): void => {
    setTaken(NOTHING)
    begin()
  }
  // Nobody reads further down: the list begins anew, and takes in what the top has by then.
  const isMended = shown.isTorn && view.isAtTop
  useEffect(() => {
    if (isMended) begin()
  }, [isMended, begin])
  return {
    ...shown,
    isPending: list.isPending,
    isLoadingMore: list.isFetchingNextPage,
    error: list.error,
    onMore: list.hasNextPage && !list.isFetchNextPageError ? () => void list.fetchNextPage() : undefined,
    onView,
    tops,
    again,
    take: () => {
      setTops(tops + 1)
      if (shown.isTorn) again()
      else setTaken(new Set([...taken, ...shown.fresh]))
    },
  }
}

function idOf({ id }: Identified): string {
  return id
}

/** Offers what is new to who reads further down. */
export function NewRows({ live }: { readonly live: Pick<LiveList<never>, 'fresh' | 'isTorn' | 'take'> }): ReactElement | null {
  const { fresh, isTorn, take } = live
  if (fresh.length === 0) return null
  return (
    <div className="rounded-full bg-surface shadow-raised">
      <Button look="primary" size="small" icon={ArrowUp} onClick={take}>
        {isTorn ? `${number(fresh.length)}+ new` : `${number(fresh.length)} new`}
      </Button>
    </div>
  )
}
