import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { Cpu, Hourglass, Pencil, Trash2 } from 'lucide-react'
import { useMemo, useState } from 'react'
import type { ReactElement } from 'react'
import { useAddress } from '../../address.ts'
import type { Ahead } from '../../ahead.ts'
import { useChange } from '../../change.ts'
import { Button, IconButton } from '../../parts/button.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import type { Column } from '../../parts/data-table.tsx'
import { Confirm } from '../../parts/dialog.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Failure, Loading } from '../../parts/failure.tsx'
import { Switch } from '../../parts/field.tsx'
import { Page } from '../../parts/page.tsx'
import { Segmented } from '../../parts/segmented.tsx'
import { SlotHolders } from '../../parts/slot-holders.tsx'
import { StateBadge } from '../../parts/state-badge.tsx'
import { Tabs } from '../../parts/tabs.tsx'
import { Ago, Moment, Took } from '../../parts/time-text.tsx'
import * as queries from '../../queries.ts'
import type { FlowRun, Worker } from '../../queries/values.ts'
import { PoolDialog } from './pool-dialog.tsx'
import { PoolStatus } from './pool-status.tsx'
import { Queues } from './queues.tsx'
import { JobTemplate } from './template.tsx'

export function askAhead({ params: { name = '' }, ask }: Ahead): void {
  void ask(queries.workPool(name))
  void ask(queries.poolCounts(name))
  void ask(queries.poolWorkers(name))
  void ask(queries.poolQueues(name))
}

export function WorkPoolPage(): ReactElement {
  const { name = '' } = useParams({ strict: false })
  const address = useAddress()
  const navigate = useNavigate()
  const { data: pool, error, refetch } = useQuery(queries.workPool(name))
  const { data: counts } = useQuery(queries.poolCounts(name))
  const { data: workers } = useQuery(queries.poolWorkers(name))
  const { data: queues } = useQuery(queries.poolQueues(name))
  const [isEdited, setEdited] = useState(false)
  const [isDeleted, setDeleted] = useState(false)
  const pause = useChange(queries.updatePool, ['work-pools', 'work-queues'])
  const remove = useChange(queries.removePool, ['work-pools'])
  const crumbs = [{ label: 'Work pools', to: '/work-pools' }]
  if (error !== null && pool === undefined)
    return (
      <Page title={name} crumbs={crumbs}>
        <Failure error={error} onRetry={() => void refetch()} />
      </Page>
    )
  if (pool === undefined)
    return (
      <Page title={name} crumbs={crumbs}>
        <Loading />
      </Page>
    )
  const online = workers?.filter(({ status }) => status === 'ONLINE').length
  const isPaused = pause.isPending ? pause.variables.is_paused === true : pool.is_paused
  return (
    <Page
      title={pool.name}
      crumbs={crumbs}
      beside={<PoolStatus status={pool.status} />}
      about={
        <span className="flex flex-wrap gap-x-3">
          {pool.description !== null && pool.description !== '' && (
            <span title={pool.description} className="line-clamp-2">
              {pool.description}
            </span>
          )}
          <span>{pool.type}</span>
          <span className="tabular">
            {online ?? '–'} of {workers?.length ?? '–'} workers online
          </span>
          <span className="tabular">{pool.concurrency_limit === null ? 'no limit' : `at most ${pool.concurrency_limit} at once`}</span>
        </span>
      }
      actions={
        <>
          <label htmlFor="pool-on" className="flex items-center gap-2 pr-1 text-sm text-ink-2">
            <Switch id="pool-on" label="Starts runs" isOn={!isPaused} onChange={(isOn) => pause.mutate({ name, is_paused: !isOn })} />
            Starts runs
          </label>
          <Button icon={Pencil} onClick={() => setEdited(true)}>
            Change
          </Button>
          <Button look="danger" icon={Trash2} onClick={() => setDeleted(true)}>
            Delete
          </Button>
        </>
      }
      isFilling
    >
      <Tabs
        label={`Parts of ${name}`}
        value={address.one('tab') ?? 'runs'}
        onChange={(tab) => address.set({ tab: tab === 'runs' ? undefined : tab, kind: undefined }, { isStep: true })}
        tabs={[
          {
            id: 'runs',
            label: 'Runs',
            count: counts === undefined ? undefined : counts.scheduled + counts.underWay,
            content: <Runs pool={name} />,
          },
          { id: 'queues', label: 'Queues', count: queues?.length, content: <Queues pool={name} /> },
          { id: 'workers', label: 'Workers', count: workers?.length, content: <Workers pool={name} type={pool.type} /> },
          {
            id: 'slots',
            label: 'Slots',
            content: (
              <div className="pt-4">
                <SlotHolders of={{ work_pool: name }} />
              </div>
            ),
          },
          { id: 'template', label: 'Job template', content: <JobTemplate key={pool.id} pool={pool} /> },
        ]}
      />
      {isEdited && <PoolDialog pool={pool} onClose={() => setEdited(false)} onDone={() => setEdited(false)} />}
      <Confirm
        title={`Delete ${name}?`}
        verb="Delete the work pool"
        isOpen={isDeleted}
        isBusy={remove.isPending}
        onClose={() => setDeleted(false)}
        onConfirm={() => remove.mutate(name, { onSuccess: () => void navigate({ to: '/work-pools' }), onError: () => setDeleted(false) })}
      >
        Its queues and workers are forgotten. Deployments and runs stay, but nothing starts them any more
        {counts === undefined || counts.scheduled === 0 ? '' : `: ${counts.scheduled} are scheduled now`}.
      </Confirm>
    </Page>
  )
}

function Runs({ pool }: { readonly pool: string }): ReactElement {
  const address = useAddress()
  const navigate = useNavigate()
  const kind = address.one('kind') === 'queued' ? 'queued' : 'running'
  const { data: counts } = useQuery(queries.poolCounts(pool))
  const { data, error, isPending, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(queries.poolRuns(pool, kind))
  const rows = useMemo(() => data?.pages.flat() ?? [], [data])
  const time: Column<FlowRun> =
    kind === 'running'
      ? { id: 'took', title: 'For', width: '6rem', align: 'right', cell: ({ start_time: from }) => <Took from={from} to={null} /> }
      : { id: 'due', title: 'Due', width: '8.5rem', cell: ({ next_scheduled_start_time: at }) => <Moment at={at} /> }
  const columns: readonly Column<FlowRun>[] = [
    {
      id: 'name',
      title: 'Run',
      width: 'minmax(8rem, 2fr)',
      cell: ({ id, name }) => (
        <Link to="/runs/$id" params={{ id }} className="font-medium hover:underline">
          {name}
        </Link>
      ),
    },
    {
      id: 'state',
      title: 'State',
      width: '8.5rem',
      from: 440,
      cell: ({ state_type: type, state_name: name }) => <StateBadge type={type} name={name} />,
    },
    { id: 'queue', title: 'Queue', width: 'minmax(6rem, 1fr)', from: 620, cell: ({ work_queue_name: queue }) => queue ?? '–' },
    time,
  ]
  return (
    <div className="flex h-full min-h-0 flex-col gap-3 pt-4">
      <div className="flex">
        <Segmented
          label="Which runs"
          choices={[
            { value: 'running', label: `Under way ${counts?.underWay ?? ''}` },
            { value: 'queued', label: `Queued ${counts?.scheduled ?? ''}` },
          ]}
          value={kind}
          onChange={(next) => address.set({ kind: next === 'running' ? undefined : next })}
        />
      </div>
      {error !== null && data === undefined ? (
        <Failure error={error} onRetry={() => void refetch()} />
      ) : (
        <DataTable
          label={kind === 'running' ? 'Runs under way' : 'Runs in the queue'}
          columns={columns}
          rows={rows}
          idOf={({ id }) => id}
          onOpen={({ id }) => void navigate({ to: '/runs/$id', params: { id } })}
          isLoading={isPending}
          onMore={hasNextPage ? () => void fetchNextPage() : undefined}
          isLoadingMore={isFetchingNextPage}
          empty={
            <Empty icon={Hourglass} title={kind === 'running' ? 'Nothing of this pool runs now' : 'Nothing waits in this pool'}>
              Runs come from the deployments that name it.
            </Empty>
          }
        />
      )}
    </div>
  )
}

function Workers({ pool, type }: { readonly pool: string; readonly type: string }): ReactElement {
  const { data, error, isPending, refetch } = useQuery(queries.poolWorkers(pool))
  const { data: held } = useQuery(queries.slotsHeld({ work_pool: pool }))
  const forget = useChange(queries.removeWorker, ['workers'])
  const command = `tutti worker start --pool ${/^[\w.-]+$/.test(pool) ? pool : JSON.stringify(pool)} --type ${type}`
  if (error !== null && data === undefined) return <Failure error={error} onRetry={() => void refetch()} />
  const columns: readonly Column<Worker>[] = [
    { id: 'name', title: 'Name', width: 'minmax(8rem, 2fr)', cell: ({ name }) => <span className="font-medium">{name}</span> },
    {
      id: 'status',
      title: 'Status',
      width: '6rem',
      cell: ({ status }) => (
        <span className="inline-flex items-center gap-1.5 text-xs">
          <span
            aria-hidden
            className={`size-2 ${status === 'ONLINE' ? 'rounded-full' : 'rounded-none'}`}
            style={{ background: `var(--state-${status === 'ONLINE' ? 'completed' : 'cancelled'})` }}
          />
          {status === 'ONLINE' ? 'Online' : 'Gone'}
        </span>
      ),
    },
    { id: 'version', title: 'Version', width: '8.5rem', from: 560, cell: ({ tutti_version: version }) => version ?? '–' },
    { id: 'beat', title: 'Last heard of', width: '7.5rem', from: 420, cell: ({ last_heartbeat_time: at }) => <Ago at={at} /> },
    {
      id: 'starting',
      title: 'Is starting',
      width: '6rem',
      align: 'right',
      from: 640,
      cell: ({ name }) => held?.holders.filter(({ flow_run: run }) => run?.worker === name).length ?? '–',
    },
    { id: 'since', title: 'First seen', width: '8.5rem', from: 760, cell: ({ created }) => <Moment at={created} /> },
    {
      id: 'do',
      title: '',
      width: '2.25rem',
      align: 'right',
      cell: ({ name, status }) =>
        status === 'ONLINE' ? null : (
          <IconButton label={`Forget ${name}`} icon={Trash2} size="small" onClick={() => forget.mutate({ pool, name })} />
        ),
    },
  ]
  return (
    <div className="pt-4">
      <DataTable
        label="Workers"
        height="rows"
        columns={columns}
        rows={data ?? []}
        idOf={({ id }) => id}
        isLoading={isPending}
        empty={
          <Empty icon={Cpu} title="No worker serves this pool" command={command}>
            Start one on any machine that reaches this server.
          </Empty>
        }
      />
    </div>
  )
}
