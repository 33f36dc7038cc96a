import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { ArrowUp, ChartNoAxesGantt } from 'lucide-react'
import { useCallback, useEffect, useMemo, useState } from 'react'
import type { ReactElement, ReactNode } from 'react'
import { useAddress } from '../../address.ts'
import type { AddressReader } from '../../address.ts'
import type { Ahead } from '../../ahead.ts'
import { number, plural } from '../../format.ts'
import * as queries from '../../queries.ts'
import type { FlowRun } from '../../queries/values.ts'
import { conditionsOf, readRunFilter, writeRunFilter } from '../../run-filter.ts'
import type { RunFilter, RunSort } from '../../run-filter.ts'
import { Button } from '../button.tsx'
import { DataTable } from '../data-table.tsx'
import type { TableView } from '../data-table.tsx'
import { Empty } from '../empty.tsx'
import { Failure } from '../failure.tsx'
import { BulkBar } from './bulk.tsx'
import { ColumnMenu, NarrowRun, useRunColumns } from './columns.tsx'
import { FilterBar } from './filter-bar.tsx'
import { liveRows } from './live-rows.ts'

const SORTS: readonly RunSort[] = [
  'START_TIME_DESC',
  'START_TIME_ASC',
  'EXPECTED_START_TIME_DESC',
  'EXPECTED_START_TIME_ASC',
  'END_TIME_DESC',
  'DURATION_DESC',
  'DURATION_ASC',
]
/** Orders at whose top rows arrive. */
const GROWING: readonly RunSort[] = ['START_TIME_DESC', 'EXPECTED_START_TIME_DESC', 'END_TIME_DESC']
const LOOKED_AT_MAX = 80
const NOTHING: ReadonlySet<string> = new Set()

const idOf = ({ id }: FlowRun): string => id

export interface RunTableProps {
  /** What the page has chosen; the rest stands in the address. */
  readonly fixed?: Partial<RunFilter>
  /** Columns that say the same in every row. */
  readonly without?: readonly string[]
  /** Beside the filters. */
  readonly children?: ReactNode
  /** Where there is no run at all. */
  readonly empty?: ReactNode
}

export function askRunTable({ address, ask, askPages }: Ahead, fixed: Partial<RunFilter> = NONE): void {
  const filter = { ...readRunFilter(address), ...fixed }
  void askPages(queries.flowRunPages(filter, sortOf(address)))
  if (filter.parameters === '') void ask(queries.flowRunCount(filter))
}

function sortOf(address: AddressReader): RunSort {
  return SORTS.find((each) => each === address.one('sort')) ?? 'START_TIME_DESC'
}

/** Runs, live: filters and order in the address, pages as one scrolls, actions on many of them. */
export function RunTable({ fixed = NONE, without = NO_COLUMNS, children, empty }: RunTableProps): ReactElement {
  const address = useAddress()
  const filter = useMemo(() => ({ ...readRunFilter(address), ...fixed }), [address, fixed])
  const sort = sortOf(address)
  const change = useCallback(
    (changed: Partial<RunFilter>) => address.set(writeRunFilter({ ...readRunFilter(address), ...changed })),
    [address],
  )
  const { data: count } = useQuery(queries.flowRunCount(filter))
  return (
    <div className="flex min-h-0 flex-1 flex-col gap-3">
      <FilterBar filter={filter} fixed={fixed} onChange={change} onClear={() => address.set(writeRunFilter({}))}>
        <ColumnMenu />
        {children}
      </FilterBar>
      {/* Another question is another list: nothing of the last stays. */}
      <Rows
        key={JSON.stringify([filter, sort])}
        filter={filter}
        sort={sort}
        onSort={(next) => address.set({ sort: next === 'START_TIME_DESC' ? undefined : next })}
        count={filter.parameters === '' ? count : undefined}
        without={without}
        empty={conditionsOf(filter, fixed).length === 0 ? empty : undefined}
        onClear={() => address.set(writeRunFilter({}))}
        onUpcoming={() => change({ time: { type: 'next', ms: UPCOMING_MS }, timeOf: 'expected' })}
      />
    </div>
  )
}

const NONE: Partial<RunFilter> = {}
const NO_COLUMNS: readonly string[] = []
const UPCOMING_MS = 7 * 24 * 3_600_000

interface RowsProps {
  readonly filter: RunFilter
  readonly sort: RunSort
  readonly onSort: (sort: string) => void
  readonly count: number | undefined
  readonly without: readonly string[]
  readonly empty: ReactNode | undefined
  readonly onClear: () => void
  readonly onUpcoming: () => void
}

function Rows({ filter, sort, onSort, count, without, empty, onClear, onUpcoming }: RowsProps): ReactElement {
  const navigate = useNavigate()
  const columns = useRunColumns(without)
  const [marked, setMarked] = useState<ReadonlySet<string>>(NOTHING)
  const live = useLiveRuns(filter, sort)
  const { rows, error } = live
  if (error !== null && rows.length === 0) return <Failure error={error} onRetry={live.again} />
  return (
    <>
      <BulkBar filter={filter} count={count} loaded={rows.length} marked={marked} onMark={setMarked} isSampled={live.isSampled} />
      <DataTable
        label="Runs"
        columns={columns}
        rows={rows}
        idOf={idOf}
        onOpen={(run) => void navigate({ to: '/runs/$id', params: { id: run.id }, search: {} })}
        sort={sort}
        onSort={onSort}
        narrow={(run) => <NarrowRun run={run} />}
        marked={marked}
        onMark={setMarked}
        isLoading={live.isPending}
        onMore={live.onMore}
        isLoadingMore={live.isLoadingMore}
        onView={live.onView}
        topKey={live.tops}
        notice={
          live.fresh.length === 0 ? undefined : (
            <div className="rounded-full bg-surface shadow-raised">
              <Button look="primary" size="small" icon={ArrowUp} onClick={live.take}>
                {live.isTorn ? `${number(live.fresh.length)}+ new` : `${number(live.fresh.length)} new`}
              </Button>
            </div>
          )
        }
        empty={empty ?? <NoMatch filter={filter} onClear={onClear} onUpcoming={onUpcoming} />}
      />
    </>
  )
}

interface LiveRuns {
  readonly rows: readonly FlowRun[]
  readonly fresh: readonly string[]
  readonly isTorn: boolean
  readonly isSampled: boolean
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

function useLiveRuns(filter: RunFilter, sort: RunSort): LiveRuns {
  const client = useQueryClient()
  const list = useInfiniteQuery(queries.flowRunPages(filter, sort))
  const head = useQuery({
    ...queries.flowRunHead(filter, sort),
    enabled: GROWING.includes(sort) && list.isSuccess,
    // The first page as it was fetched; it is asked for again when something has changed.
    initialData: () => list.data?.pages[0]?.items,
    initialDataUpdatedAt: list.dataUpdatedAt,
  })
  const [view, setView] = useState<TableView>({ first: 0, last: 0, isAtTop: true })
  const [taken, setTaken] = useState<ReadonlySet<string>>(NOTHING)
  const [tops, setTops] = useState(0)
  const listed = useMemo(() => list.data?.pages.flatMap(({ items }) => items) ?? [], [list.data])
  // What was in sight a moment ago is what is looked at again: its ids are those of the rows below, not of the next ones.
  const [seen, setSeen] = useState<readonly string[]>([])
  const looked = useQuery(queries.flowRunsNow(seen, filter))
  const isHeadWhole = head.data !== undefined && head.data.length < queries.PAGE_ROWS
  const shown = useMemo(
    () => liveRows({ listed, head: head.data, isHeadWhole, looked: looked.data, isAtTop: view.isAtTop, taken, idOf }),
    [listed, head.data, isHeadWhole, looked.data, view.isAtTop, taken],
  )
  const ids = useMemo(() => shown.rows.map(idOf), [shown.rows])
  const isGrowing = GROWING.includes(sort)
  const onView = useCallback(
    (next: TableView) => {
      setView(next)
      // Rows that joined while the top was in sight stay when one scrolls down.
      if (!next.isAtTop) setTaken((before) => new Set([...before, ...ids.slice(0, queries.PAGE_ROWS)]))
      const inSight = next.isAtTop && isGrowing ? [] : ids.slice(next.first, Math.min(next.last + 1, next.first + LOOKED_AT_MAX))
      setSeen((before) => (before.join() === inSight.join() ? before : inSight))
    },
    [ids, isGrowing],
  )
  const { isTorn } = shown
  const again = (): void => {
    setTaken(NOTHING)
    void client.resetQueries({ queryKey: queries.flowRunPages(filter, sort).queryKey })
  }
  // Nobody reads further down: the list begins anew, and takes in what the top has by then.
  const isMended = isTorn && view.isAtTop
  useEffect(() => {
    if (isMended) void client.resetQueries({ queryKey: queries.flowRunPages(filter, sort).queryKey })
  }, [isMended, client, filter, sort])
  return {
    ...shown,
    isSampled: list.data?.pages[0]?.sampled === true,
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

function NoMatch({
  filter,
  onClear,
  onUpcoming,
}: {
  readonly filter: RunFilter
  readonly onClear: () => void
  readonly onUpcoming: () => void
}): ReactElement {
  const chosen = conditionsOf(filter).length
  return (
    <Empty
      icon={ChartNoAxesGantt}
      title="No run is like this"
      action={
        <div className="flex flex-wrap justify-center gap-2">
          {filter.time === undefined && <Button onClick={onUpcoming}>Show what is planned</Button>}
          {chosen > 0 && <Button onClick={onClear}>Clear the filters</Button>}
        </div>
      }
    >
      {filter.time === undefined
        ? `No run up to now ${chosen === 0 ? 'is here' : 'meets'} ${chosen === 0 ? '' : plural(chosen, 'condition')}.`
        : 'Perhaps at another time.'}
    </Empty>
  )
}
