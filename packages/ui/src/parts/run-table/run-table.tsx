import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { ChartNoAxesGantt } from 'lucide-react'
import { useCallback, useMemo, useState } from 'react'
import type { ReactElement, ReactNode } from 'react'
import { useAddress } from '../../address.ts'
import type { AddressReader } from '../../address.ts'
import type { Ahead } from '../../ahead.ts'
import { plural } from '../../format.ts'
import * as queries from '../../queries.ts'
import type { FlowRun } from '../../queries/values.ts'
import { conditionsOf, readRunFilter, writeRunFilter } from '../../run-filter.ts'
import type { RunFilter, RunSort } from '../../run-filter.ts'
import { Button } from '../button.tsx'
import { DataTable } from '../data-table.tsx'
import { Empty } from '../empty.tsx'
import { Failure } from '../failure.tsx'
import { BulkBar } from './bulk.tsx'
import { ColumnMenu, NarrowRun, useRunColumns } from './columns.tsx'
import { FilterBar } from './filter-bar.tsx'
import { NewRows, useLiveList } from './live-list.tsx'
import type { LiveList } from './live-list.tsx'

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
        notice={<NewRows live={live} />}
        empty={empty ?? <NoMatch filter={filter} onClear={onClear} onUpcoming={onUpcoming} />}
      />
    </>
  )
}

function useLiveRuns(filter: RunFilter, sort: RunSort): LiveList<FlowRun> & { readonly isSampled: boolean } {
  const client = useQueryClient()
  const isGrowing = GROWING.includes(sort)
  const list = useInfiniteQuery(queries.flowRunPages(filter, sort))
  const head = useQuery({
    ...queries.flowRunHead(filter, sort),
    enabled: isGrowing && list.isSuccess,
    // The first page as it was fetched; it is asked for again when something has changed.
    initialData: () => list.data?.pages[0]?.items,
    initialDataUpdatedAt: list.dataUpdatedAt,
  })
  const [seen, setSeen] = useState<readonly string[]>([])
  const looked = useQuery(queries.flowRunsNow(seen, filter))
  const begin = useCallback(
    () => void client.resetQueries({ queryKey: queries.flowRunPages(filter, sort).queryKey }),
    [client, filter, sort],
  )
  const live = useLiveList({ list, head: head.data, looked: looked.data, onSeen: setSeen, isGrowing, begin })
  return { ...live, isSampled: list.data?.pages[0]?.sampled === true }
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
