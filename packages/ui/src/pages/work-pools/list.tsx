import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { Plus, Server } from 'lucide-react'
import { useMemo, useState } from 'react'
import type { ReactElement } from 'react'
import { useAddress } from '../../address.ts'
import type { Ahead } from '../../ahead.ts'
import { useChange } from '../../change.ts'
import { Button } from '../../parts/button.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import type { Column } from '../../parts/data-table.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Failure } from '../../parts/failure.tsx'
import { SearchInput, Switch } from '../../parts/field.tsx'
import { Page } from '../../parts/page.tsx'
import { UsageBar } from '../../parts/usage-bar.tsx'
import * as queries from '../../queries.ts'
import type { WorkPool } from '../../queries/values.ts'
import { PoolDialog } from './pool-dialog.tsx'
import { PoolStatus } from './pool-status.tsx'

export function askAhead({ ask }: Ahead): void {
  void ask(queries.workPools())
}

export function WorkPoolsPage(): ReactElement {
  const address = useAddress()
  const navigate = useNavigate()
  const text = address.one('q') ?? ''
  const isNew = address.one('new') === 'yes'
  const { data, error, isPending, refetch } = useQuery(queries.workPools())
  const pause = useChange(queries.updatePool, ['work-pools', 'work-queues'])
  const [paused, setPaused] = useState<ReadonlyMap<string, boolean>>(new Map())
  const rows = useMemo(() => (data ?? []).filter(({ name }) => name.toLowerCase().includes(text.toLowerCase())), [data, text])
  const toGo = (name: string): void => void navigate({ to: '/work-pools/$name', params: { name } })
  const columns: readonly Column<WorkPool>[] = [
    {
      id: 'name',
      title: 'Name',
      width: 'minmax(7rem, 2fr)',
      cell: ({ name, description }) => (
        <span className="flex min-w-0 items-baseline gap-2">
          <Link to="/work-pools/$name" params={{ name }} title={name} className="max-w-3/4 shrink-0 truncate font-medium hover:underline">
            {name}
          </Link>
          {description !== null && description !== '' && (
            <span className="hidden min-w-0 truncate text-xs text-ink-3 lg:inline">{description}</span>
          )}
        </span>
      ),
    },
    { id: 'status', title: 'Status', width: '6.5rem', cell: ({ status }) => <PoolStatus status={status} /> },
    { id: 'type', title: 'Type', width: '7rem', from: 640, cell: ({ type }) => <span className="text-ink-2">{type}</span> },
    {
      id: 'slots',
      title: 'Slots',
      width: 'minmax(7rem, 1fr)',
      from: 1_040,
      cell: ({ name, active_slots: taken, concurrency_limit: limit }) =>
        limit === null ? (
          <span className="text-xs text-ink-3">no limit</span>
        ) : (
          <UsageBar taken={taken ?? 0} limit={limit} label={`Slots of ${name} taken`} />
        ),
    },
    { id: 'workers', title: 'Workers', width: '5rem', align: 'right', from: 760, cell: ({ name }) => <WorkersOnline pool={name} /> },
    { id: 'queued', title: 'Queued', width: '5.5rem', align: 'right', from: 860, cell: ({ name }) => <Count pool={name} of="scheduled" /> },
    { id: 'late', title: 'Late', width: '4rem', align: 'right', from: 960, cell: ({ name }) => <Count pool={name} of="late" /> },
    {
      id: 'running',
      title: 'Under way',
      width: '5.5rem',
      align: 'right',
      from: 860,
      cell: ({ name }) => <Count pool={name} of="underWay" />,
    },
    {
      id: 'on',
      title: 'On',
      width: '2.75rem',
      align: 'right',
      cell: ({ name, is_paused: isPaused }) => (
        <Switch
          label={`${name} starts runs`}
          isOn={!(paused.get(name) ?? isPaused)}
          onChange={(isOn) => {
            // Shown at once; the server's word replaces it.
            setPaused(new Map(paused).set(name, !isOn))
            pause.mutate({ name, is_paused: !isOn }, { onSettled: () => setPaused(new Map()) })
          }}
        />
      ),
    },
  ]
  const add = (
    <Button look="primary" icon={Plus} onClick={() => address.set({ new: 'yes' })}>
      New work pool
    </Button>
  )
  return (
    <Page title="Work pools" about="Where runs of deployments wait for a worker to start them." actions={add} isFilling>
      <div className="flex">
        <SearchInput label="Find by name" value={text} onChange={(q) => address.set({ q })} shortcut />
      </div>
      {error !== null && data === undefined ? (
        <Failure error={error} onRetry={() => void refetch()} />
      ) : (
        <DataTable
          label="Work pools"
          columns={columns}
          rows={rows}
          idOf={({ id }) => id}
          onOpen={({ name }) => toGo(name)}
          isLoading={isPending}
          empty={
            text === '' ? (
              <Empty
                icon={Server}
                title="There are no work pools yet"
                command="tutti worker start --pool local --type process"
                action={add}
              >
                A worker makes its pool when it starts, and takes the runs of every deployment that names it.
              </Empty>
            ) : (
              <Empty icon={Server} title="No work pool has this name" />
            )
          }
        />
      )}
      {isNew && <PoolDialog taken={(data ?? []).map(({ name }) => name)} onClose={() => address.set({ new: undefined })} onDone={toGo} />}
    </Page>
  )
}

/** Asked for by the rows in sight only. */
function WorkersOnline({ pool }: { readonly pool: string }): ReactElement {
  const { data } = useQuery(queries.poolWorkers(pool))
  if (data === undefined) return <span className="text-ink-3">–</span>
  const online = data.filter(({ status }) => status === 'ONLINE').length
  return <span className={online === 0 ? 'text-ink-3' : ''}>{online}</span>
}

function Count({ pool, of }: { readonly pool: string; readonly of: 'scheduled' | 'late' | 'underWay' }): ReactElement {
  const { data } = useQuery(queries.poolCounts(pool))
  const count = data?.[of]
  if (count === undefined) return <span className="text-ink-3">–</span>
  if (of === 'late' && count > 0) return <span style={{ color: 'var(--state-late-text)' }}>{count}</span>
  return <span className={count === 0 ? 'text-ink-3' : ''}>{count}</span>
}
