import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { ListChecks } from 'lucide-react'
import { useCallback, useMemo, useState } from 'react'
import type { ReactElement } from 'react'
import { useAddress } from '../../address.ts'
import type { AddressReader } from '../../address.ts'
import type { Ahead } from '../../ahead.ts'
import { Button, buttonClass } from '../../parts/button.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import type { Column } from '../../parts/data-table.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Failure } from '../../parts/failure.tsx'
import { SearchInput } from '../../parts/field.tsx'
import { FlowRunLink } from '../../parts/names.tsx'
import { Popover } from '../../parts/popover.tsx'
import { FlowChoice, StateChoice } from '../../parts/run-table/filter-choices.tsx'
import { NewRows, useLiveList } from '../../parts/run-table/live-list.tsx'
import { standingOf } from '../../parts/run-views/segments.ts'
import { ToneBadge, ToneMark } from '../../parts/state-badge.tsx'
import { Ago, Took } from '../../parts/time-text.tsx'
import * as queries from '../../queries.ts'
import type { TaskRunFilter } from '../../queries.ts'
import type { TaskRun } from '../../queries/values.ts'

const COLUMNS: readonly Column<TaskRun>[] = [
  { id: 'state', title: 'State', width: '8.5rem', cell: (run) => <ToneBadge tone={standing(run).tone}>{standing(run).word}</ToneBadge> },
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
        {run.state?.message}
      </span>
    ),
  },
]

/** Of the run that it is in no more is known here: what was replayed is not told apart. */
function standing({ state_type: type, state_name: name, run_count: attempts }: TaskRun): ReturnType<typeof standingOf> {
  return standingOf({ state_type: type ?? 'PENDING', state_name: name ?? '', run_count: attempts, flow_run_attempt: 0 }, 0)
}

const idOf = ({ id }: TaskRun): string => id

export function askTaskRunTable({ address, askPages }: Ahead): void {
  void askPages(queries.taskRunPages(filterOf(address)))
}

function filterOf({ all, one }: AddressReader): TaskRunFilter {
  return { states: all('state'), flows: all('flow'), name: one('name') ?? '' }
}

/** Task runs of all runs, newest first. */
export function TaskRunTable(): ReactElement {
  const address = useAddress()
  const filter = useMemo(() => filterOf(address), [address])
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
  const client = useQueryClient()
  const list = useInfiniteQuery(queries.taskRunPages(filter))
  const head = useQuery({
    ...queries.taskRunHead(filter),
    enabled: list.isSuccess,
    initialData: () => list.data?.pages[0]?.items,
    initialDataUpdatedAt: list.dataUpdatedAt,
  })
  const [seen, setSeen] = useState<readonly string[]>([])
  const looked = useQuery(queries.taskRunsNow(seen, filter))
  const begin = useCallback(() => void client.resetQueries({ queryKey: queries.taskRunPages(filter).queryKey }), [client, filter])
  const live = useLiveList({ list, head: head.data, looked: looked.data, onSeen: setSeen, isGrowing: true, begin })
  const { rows, error } = live
  if (error !== null && rows.length === 0) return <Failure error={error} onRetry={live.again} />
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
      isLoading={live.isPending}
      onMore={live.onMore}
      isLoadingMore={live.isLoadingMore}
      onView={live.onView}
      topKey={live.tops}
      notice={<NewRows live={live} />}
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
        <ToneMark {...standing(run)} />
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
