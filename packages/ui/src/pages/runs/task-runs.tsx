import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { ListChecks } from 'lucide-react'
import { useCallback, useMemo, useState } from 'react'
import type { ReactElement } from 'react'
import { useAddress } from '../../address.ts'
import { Button, buttonClass } from '../../parts/button.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import type { Column, TableView } from '../../parts/data-table.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Failure } from '../../parts/failure.tsx'
import { SearchInput } from '../../parts/field.tsx'
import { FlowRunLink } from '../../parts/names.tsx'
import { Popover } from '../../parts/popover.tsx'
import { FlowChoice, StateChoice } from '../../parts/run-table/filter-choices.tsx'
import { liveRows } from '../../parts/run-table/live-rows.ts'
import { StateBadge, StateIcon } from '../../parts/state-badge.tsx'
import { Ago, Took } from '../../parts/time-text.tsx'
import * as queries from '../../queries.ts'
import type { TaskRunFilter } from '../../queries.ts'
import type { TaskRun } from '../../queries/values.ts'

const COLUMNS: readonly Column<TaskRun>[] = [
  { id: 'state', title: 'State', width: '8.5rem', cell: (run) => <StateBadge type={run.state_type} name={run.state_name} /> },
  { id: 'task', title: 'Task', width: 'minmax(10rem, 2fr)', cell: (run) => <TaskLink run={run} /> },
  { id: 'run', title: 'Of run', width: 'minmax(8rem, 1.2fr)', from: 620, cell: (run) => <FlowRunLink id={run.flow_run_id} /> },
  { id: 'start', title: 'Started', width: '7.5rem', from: 480, cell: (run) => <Ago at={run.start_time} /> },
  {
    id: 'took',
    title: 'Took',
    width: '6rem',
    align: 'right',
    cell: (run) => <Took from={run.start_time} to={run.state_type === 'RUNNING' ? null : (run.end_time ?? run.start_time)} />,
  },
  { id: 'attempts', title: 'Attempts', width: '5rem', align: 'right', from: 760, cell: (run) => run.run_count },
  {
    id: 'message',
    title: 'Message',
    width: 'minmax(10rem, 2fr)',
    from: 980,
    cell: (run) => (
      <span className="text-ink-2" title={run.state?.message ?? ''}>
        {run.state?.message ?? '–'}
      </span>
    ),
  },
]

const idOf = ({ id }: TaskRun): string => id
const NOTHING: ReadonlySet<string> = new Set()

/** Task runs of all runs, newest first. */
export function TaskRunTable(): ReactElement {
  const address = useAddress()
  const filter = useMemo<TaskRunFilter>(
    () => ({ states: address.all('state'), flows: address.all('flow'), name: address.one('name') ?? '' }),
    [address],
  )
  return (
    <div className="flex min-h-0 flex-1 flex-col gap-3">
      <div className="flex flex-wrap items-center gap-2">
        <SearchInput label="Name of a task" value={filter.name} onChange={(name) => address.set({ name })} shortcut />
        <Choice label="State" count={filter.states.length}>
          <StateChoice filter={filter} onChange={({ states }) => address.set({ state: states })} />
        </Choice>
        <Choice label="Flow" count={filter.flows.length}>
          <FlowChoice filter={filter} onChange={({ flows }) => address.set({ flow: flows })} />
        </Choice>
      </div>
      <Rows key={JSON.stringify(filter)} filter={filter} onClear={() => address.set({ name: undefined, state: [], flow: [] })} />
    </div>
  )
}

function Choice({
  label,
  count,
  children,
}: {
  readonly label: string
  readonly count: number
  readonly children: ReactElement
}): ReactElement {
  return (
    <Popover
      label={label}
      trigger={
        <button type="button" className={buttonClass('ordinary')}>
          {label}
          {count > 0 && <span className="tabular rounded-full bg-accent-soft px-1.5 text-2xs text-accent-text">{count}</span>}
        </button>
      }
    >
      {children}
    </Popover>
  )
}

function Rows({ filter, onClear }: { readonly filter: TaskRunFilter; readonly onClear: () => void }): ReactElement {
  const navigate = useNavigate()
  const list = useInfiniteQuery(queries.taskRunPages(filter))
  const head = useQuery({ ...queries.taskRunHead(filter), enabled: list.isSuccess })
  const [view, setView] = useState<TableView>({ first: 0, last: 0, isAtTop: true })
  const listed = useMemo(() => {
    // Rows that arrived meanwhile push others onto the next page again.
    const all = new Map(list.data?.pages.flatMap((page) => page.map((row) => [row.id, row] as const)))
    return [...all.values()]
  }, [list.data])
  const [seen, setSeen] = useState<readonly string[]>([])
  const looked = useQuery(queries.taskRunsNow(seen, filter))
  const isHeadWhole = head.data !== undefined && head.data.length < queries.PAGE_ROWS
  const { rows } = useMemo(
    () => liveRows({ listed, head: head.data, isHeadWhole, looked: looked.data, isAtTop: view.isAtTop, taken: NOTHING, idOf }),
    [listed, head.data, isHeadWhole, looked.data, view.isAtTop],
  )
  const ids = useMemo(() => rows.map(idOf), [rows])
  const onView = useCallback(
    (next: TableView) => {
      setView(next)
      const inSight = next.isAtTop ? [] : ids.slice(next.first, next.last + 1)
      setSeen((before) => (before.join() === inSight.join() ? before : inSight))
    },
    [ids],
  )
  if (list.error !== null && rows.length === 0) return <Failure error={list.error} onRetry={() => void list.refetch()} />
  return (
    <DataTable
      label="Task runs"
      columns={COLUMNS}
      rows={rows}
      idOf={idOf}
      onOpen={(run) => {
        if (run.flow_run_id !== null) void navigate({ to: '/runs/$id', params: { id: run.flow_run_id }, search: { task: run.id } })
      }}
      narrow={(run) => <NarrowTask run={run} />}
      isLoading={list.isPending}
      onMore={list.hasNextPage ? () => void list.fetchNextPage() : undefined}
      isLoadingMore={list.isFetchingNextPage}
      onView={onView}
      empty={
        <Empty
          icon={ListChecks}
          title="No task run is like this"
          {...(filter.name === '' && filter.states.length === 0 && filter.flows.length === 0
            ? { children: 'A task run is one call of a task in a flow.' }
            : { action: <Button onClick={onClear}>Clear the filters</Button> })}
        />
      }
    />
  )
}

function TaskLink({ run }: { readonly run: TaskRun }): ReactElement {
  if (run.flow_run_id === null) return <span className="font-medium">{run.name}</span>
  return (
    <Link
      to="/runs/$id"
      params={{ id: run.flow_run_id }}
      search={{ task: run.id }}
      title={run.name}
      className="font-medium hover:underline"
    >
      {run.name}
    </Link>
  )
}

function NarrowTask({ run }: { readonly run: TaskRun }): ReactElement {
  return (
    <span className="flex min-w-0 flex-col gap-0.5">
      <span className="flex min-w-0 items-center gap-2">
        <StateIcon type={run.state_type} name={run.state_name} />
        <span className="min-w-0 flex-1 truncate">
          <TaskLink run={run} />
        </span>
        <span className="text-xs text-ink-3">
          <Ago at={run.start_time ?? run.expected_start_time} />
        </span>
      </span>
      <span className="flex min-w-0 items-center gap-2 pl-6 text-xs text-ink-2">
        <span className="min-w-0 flex-1 truncate">
          <FlowRunLink id={run.flow_run_id} />
        </span>
        <Took from={run.start_time} to={run.state_type === 'RUNNING' ? null : (run.end_time ?? run.start_time)} />
      </span>
    </span>
  )
}
