import { useInfiniteQuery, useQueries } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { Workflow } from 'lucide-react'
import { useMemo } from 'react'
import type { ReactElement } from 'react'
import { useAddress } from '../../address.ts'
import type { AddressReader } from '../../address.ts'
import type { Ahead } from '../../ahead.ts'
import { percent } from '../../format.ts'
import { Button } from '../../parts/button.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import type { Column } from '../../parts/data-table.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Failure } from '../../parts/failure.tsx'
import { SearchInput } from '../../parts/field.tsx'
import { NextRun } from '../../parts/next-run.tsx'
import { Page } from '../../parts/page.tsx'
import { RunStrip } from '../../parts/run-strip.tsx'
import { StateBadge, StateIcon } from '../../parts/state-badge.tsx'
import { Ago } from '../../parts/time-text.tsx'
import * as queries from '../../queries.ts'
import type { FlowOverview, FlowSort } from '../../queries.ts'
import type { Flow } from '../../queries/values.ts'
import { failureRate } from './failure-rate.ts'

const SORTS: readonly FlowSort[] = ['NAME_ASC', 'NAME_DESC', 'CREATED_DESC', 'UPDATED_DESC']

interface Row {
  readonly flow: Flow
  /** `undefined`: not known yet. */
  readonly overview: FlowOverview | undefined
}

const idOf = ({ flow }: Row): string => flow.id

const COLUMNS: readonly Column<Row>[] = [
  {
    id: 'name',
    title: 'Flow',
    width: 'minmax(10rem, 2fr)',
    sort: { first: 'NAME_ASC', next: 'NAME_DESC' },
    cell: ({ flow }) => <FlowTitle flow={flow} />,
  },
  {
    id: 'last',
    title: 'Last run',
    width: '8.5rem',
    from: 760,
    cell: ({ overview }) => {
      const last = overview?.last_runs[0]
      return last === undefined ? null : <StateBadge type={last.state_type} name={last.state_name} />
    },
  },
  {
    id: 'when',
    title: 'When',
    width: '7rem',
    from: 860,
    cell: ({ overview }) => {
      const last = overview?.last_runs[0]
      return last === undefined ? null : <Ago at={last.start_time ?? last.expected_start_time} />
    },
  },
  {
    id: 'strip',
    title: 'Last 20 runs',
    width: '11rem',
    cell: ({ overview }) => overview !== undefined && <RunStrip runs={overview.last_runs} />,
  },
  { id: 'rate', title: 'Failed', width: '5rem', align: 'right', from: 680, cell: ({ overview }) => <Rate overview={overview} /> },
  {
    id: 'next',
    title: 'Next run',
    width: '8rem',
    from: 640,
    cell: ({ overview }) =>
      overview === undefined ? null : overview.next_run === null ? (
        <span className="text-ink-3">not planned</span>
      ) : (
        <Link to="/runs/$id" params={{ id: overview.next_run.id }} search={{}} className="hover:underline">
          <NextRun at={overview.next_run.next_scheduled_start_time} />
        </Link>
      ),
  },
  {
    id: 'deployments',
    title: 'Deployments',
    width: '6.5rem',
    align: 'right',
    from: 760,
    cell: ({ overview }) => overview?.deployments ?? '',
  },
]

export function askAhead({ address, askPages }: Ahead): void {
  void askPages(listOf(address))
}

function listOf(address: AddressReader) {
  return queries.flowPages(address.one('name') ?? '', sortOf(address))
}

function sortOf(address: AddressReader): FlowSort {
  return SORTS.find((each) => each === address.one('sort')) ?? 'NAME_ASC'
}

export function FlowsPage(): ReactElement {
  const address = useAddress()
  const navigate = useNavigate()
  const name = address.one('name') ?? ''
  const sort = sortOf(address)
  const flows = useInfiniteQuery(listOf(address))
  const pages = useMemo(() => flows.data?.pages ?? [], [flows.data])
  // One question for each page of flows.
  const overviews = useQueries({
    queries: pages.map((page) => queries.flowOverviews(page.map(({ id }) => id))),
    combine: (results) => Object.assign({}, ...results.map(({ data }) => data)) as Readonly<Record<string, FlowOverview>>, // of the answers
  })
  const rows = useMemo(() => pages.flat().map((flow): Row => ({ flow, overview: overviews[flow.id] })), [pages, overviews])
  return (
    <Page title="Flows" isFilling>
      <div className="flex">
        <SearchInput label="Name of a flow" value={name} onChange={(next) => address.set({ name: next })} shortcut />
      </div>
      {flows.error !== null && rows.length === 0 ? (
        <Failure error={flows.error} onRetry={() => void flows.refetch()} />
      ) : (
        <DataTable
          label="Flows"
          columns={COLUMNS}
          rows={rows}
          idOf={idOf}
          onOpen={({ flow }) => void navigate({ to: '/flows/$id', params: { id: flow.id }, search: {} })}
          sort={sort}
          onSort={(next) => address.set({ sort: next === 'NAME_ASC' ? undefined : next })}
          narrow={(row) => <NarrowFlow row={row} />}
          isLoading={flows.isPending}
          onMore={flows.hasNextPage ? () => void flows.fetchNextPage() : undefined}
          isLoadingMore={flows.isFetchingNextPage}
          empty={
            name === '' ? (
              <Empty icon={Workflow} title="There is no flow yet" command="npx tutti run flow.ts">
                A flow is known here as soon as it has run once, or has a deployment.
              </Empty>
            ) : (
              <Empty
                icon={Workflow}
                title="No flow has this name"
                action={<Button onClick={() => address.set({ name: undefined })}>Show all</Button>}
              />
            )
          }
        />
      )}
    </Page>
  )
}

function FlowTitle({ flow }: { readonly flow: Flow }): ReactElement {
  return (
    <>
      <Link to="/flows/$id" params={{ id: flow.id }} search={{}} title={flow.name} className="font-medium hover:underline">
        {flow.name}
      </Link>
      {flow.tags.length > 0 && <span className="ml-2 text-xs text-ink-3">{flow.tags.join(', ')}</span>}
    </>
  )
}

function Rate({ overview }: { readonly overview: FlowOverview | undefined }): ReactElement | null {
  const rate = failureRate(overview?.last_runs ?? [])
  if (rate === undefined) return null
  return <span className={rate > 0 ? 'font-medium text-(--state-failed-text)' : 'text-ink-3'}>{percent(rate)}</span>
}

function NarrowFlow({ row: { flow, overview } }: { readonly row: Row }): ReactElement {
  const last = overview?.last_runs[0]
  return (
    <span className="flex min-w-0 flex-col gap-1">
      <span className="flex min-w-0 items-center gap-2">
        {last !== undefined && <StateIcon type={last.state_type} name={last.state_name} />}
        <span className="min-w-0 flex-1 truncate">
          <FlowTitle flow={flow} />
        </span>
        <span className="text-xs text-ink-3">{last !== undefined && <Ago at={last.start_time ?? last.expected_start_time} />}</span>
      </span>
      <span className="flex items-end gap-3 text-xs text-ink-2">
        {overview !== undefined && <RunStrip runs={overview.last_runs} />}
        <span className="ml-auto">
          <Rate overview={overview} />
        </span>
      </span>
    </span>
  )
}
