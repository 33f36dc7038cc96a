import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { ArchiveRestore, Play, Rocket, SearchX, Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { useAddress } from '../../address.ts'
import type { AddressReader } from '../../address.ts'
import type { Ahead } from '../../ahead.ts'
import { Button, IconButton } from '../../parts/button.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import type { Column } from '../../parts/data-table.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Failure, Loading } from '../../parts/failure.tsx'
import { SearchInput, Switch } from '../../parts/field.tsx'
import { NextRun } from '../../parts/next-run.tsx'
import { Page } from '../../parts/page.tsx'
import { RunStrip } from '../../parts/run-strip.tsx'
import { Segmented } from '../../parts/segmented.tsx'
import { StateIcon } from '../../parts/state-badge.tsx'
import { Ago } from '../../parts/time-text.tsx'
import { tell } from '../../parts/toasts.tsx'
import * as queries from '../../queries.ts'
import { RunDialog } from './run-dialog.tsx'
import { scheduleWords } from './schedule-words.ts'

interface Row {
  readonly deployment: queries.Deployment
  readonly flowName: string | null
}

export function askAhead({ address, askPages }: Ahead): void {
  void askPages(listOf(address))
}

function listOf(address: AddressReader) {
  const paused = address.one('paused')
  return queries.deploymentList({
    text: address.one('q') ?? '',
    tags: address.all('tag'),
    isPaused: paused === undefined ? undefined : paused === 'yes',
  })
}

export function DeploymentsPage(): ReactElement {
  const address = useAddress()
  const navigate = useNavigate()
  const [running, setRunning] = useState<Row>()
  const text = address.one('q') ?? ''
  const tags = address.all('tag')
  const paused = address.one('paused')
  const isFiltered = text !== '' || tags.length > 0 || paused !== undefined
  const list = useInfiniteQuery(listOf(address))
  const rows: readonly Row[] = list.data?.pages.flat() ?? []
  const { data: overviews } = useQuery(queries.deploymentOverviews(rows.map(({ deployment }) => deployment.id)))
  const open = ({ deployment }: Row): void => void navigate({ to: '/deployments/$id', params: { id: deployment.id } })
  return (
    <Page
      title="Deployments"
      isFilling
      actions={
        <Button icon={ArchiveRestore} onClick={() => address.set({ aside: 'yes' })}>
          Deleted lately
        </Button>
      }
    >
      <div className="flex flex-wrap items-center gap-2">
        <SearchInput label="Flow or deployment" shortcut value={text} onChange={(q) => address.set({ q })} />
        <Segmented
          label="Which deployments"
          choices={[
            { value: 'all', label: 'All' },
            { value: 'no', label: 'Active' },
            { value: 'yes', label: 'Paused' },
          ]}
          value={paused ?? 'all'}
          onChange={(value) => address.set({ paused: value === 'all' ? undefined : value })}
        />
        {tags.map((tag) => (
          <Button key={tag} size="small" onClick={() => address.set({ tag: tags.filter((each) => each !== tag) })}>
            <span title={tag} className="max-w-48 truncate">
              {tag}
            </span>{' '}
            <span aria-label="remove">×</span>
          </Button>
        ))}
      </div>
      {list.isError ? (
        <Failure error={list.error} onRetry={() => void list.refetch()} />
      ) : (
        <DataTable
          label="Deployments"
          columns={columns(overviews ?? {}, (tag) => address.set({ tag: [...new Set([...tags, tag])] }), setRunning)}
          rows={rows}
          idOf={({ deployment }) => deployment.id}
          onOpen={open}
          narrow={(row) => <NarrowDeployment row={row} overview={overviews?.[row.deployment.id]} />}
          isLoading={list.isPending}
          isLoadingMore={list.isFetchingNextPage}
          onMore={list.hasNextPage ? () => void list.fetchNextPage() : undefined}
          empty={
            isFiltered ? (
              <Empty
                icon={SearchX}
                title="No deployment meets these conditions"
                action={<Button onClick={() => address.set({ q: undefined, tag: undefined, paused: undefined })}>Show all</Button>}
              />
            ) : (
              <NoDeployments />
            )
          }
        />
      )}
      {running !== undefined && (
        <RunDialog deployment={running.deployment} flowName={running.flowName ?? ''} isOpen onClose={() => setRunning(undefined)} />
      )}
      <PutAside isOpen={address.one('aside') === 'yes'} onClose={() => address.set({ aside: undefined })} />
    </Page>
  )
}

function columns(
  overviews: Readonly<Record<string, queries.DeploymentOverview>>,
  onTag: (tag: string) => void,
  onRun: (row: Row) => void,
): readonly Column<Row>[] {
  return [
    {
      id: 'name',
      title: 'Deployment',
      width: 'minmax(9rem, 1.6fr)',
      cell: ({ deployment, flowName }) => (
        <span className="flex min-w-0 flex-col leading-4">
          <DeploymentName deployment={deployment} />
          <span className="truncate text-xs text-ink-3 compact:hidden">{flowName ?? '…'}</span>
        </span>
      ),
    },
    {
      id: 'schedule',
      title: 'Schedule',
      width: 'minmax(9rem, 1.3fr)',
      from: 640,
      cell: ({ deployment }) => <ScheduleCell deployment={deployment} />,
    },
    {
      id: 'next',
      title: 'Next run',
      width: '7rem',
      from: 520,
      cell: ({ deployment }) => <NextRun at={overviews[deployment.id]?.next_run?.next_scheduled_start_time} />,
    },
    {
      id: 'last',
      title: 'Last runs',
      width: '11rem',
      from: 760,
      cell: ({ deployment }) => {
        const overview = overviews[deployment.id]
        if (overview === undefined) return null
        const [last] = overview.last_runs
        return (
          <span className="flex items-center gap-2">
            {last !== undefined && <StateIcon type={last.state_type} name={last.state_name} />}
            <RunStrip runs={overview.last_runs} />
          </span>
        )
      },
    },
    {
      id: 'place',
      title: 'Runs where',
      width: 'minmax(7rem, 1fr)',
      from: 1_050,
      cell: ({ deployment }) =>
        deployment.work_pool_name === null ? (
          <span className="text-ink-3">served</span>
        ) : (
          <span className="truncate">
            {deployment.work_pool_name}
            {deployment.work_queue_name !== 'default' && <span className="text-ink-3"> / {deployment.work_queue_name}</span>}
          </span>
        ),
    },
    {
      id: 'tags',
      title: 'Tags',
      width: 'minmax(6rem, 1fr)',
      from: 1_250,
      cell: ({ deployment }) => (
        <span className="flex gap-1 overflow-hidden">
          {deployment.tags.map((tag) => (
            <button
              key={tag}
              type="button"
              onClick={() => onTag(tag)}
              title={tag}
              className="max-w-32 min-w-0 truncate rounded bg-sunken px-1.5 text-2xs text-ink-2 hover:bg-hover"
            >
              {tag}
            </button>
          ))}
        </span>
      ),
    },
    {
      id: 'active',
      title: 'Active',
      width: '3.25rem',
      cell: ({ deployment }) => (
        <span className="flex items-center">
          <ActiveSwitch deployment={deployment} />
        </span>
      ),
    },
    {
      id: 'run',
      title: '',
      width: '2rem',
      cell: (row) => <IconButton label={`Run ${row.deployment.name}`} icon={Play} onClick={() => onRun(row)} />,
    },
  ]
}

function NarrowDeployment({
  row: { deployment, flowName },
  overview,
}: {
  readonly row: Row
  readonly overview: queries.DeploymentOverview | undefined
}): ReactElement {
  const last = overview?.last_runs[0]
  return (
    <span className="flex min-w-0 items-center gap-3">
      <span className="flex min-w-0 flex-1 flex-col gap-0.5">
        <span className="flex min-w-0 items-center gap-2">
          {last === undefined ? <span className="size-4" /> : <StateIcon type={last.state_type} name={last.state_name} />}
          <span className="min-w-0 flex-1 truncate">
            <DeploymentName deployment={deployment} />
          </span>
        </span>
        <span className="flex min-w-0 gap-2 pl-6 text-xs text-ink-3">
          <span className="min-w-0 flex-1 truncate">{flowName ?? '…'}</span>
          {overview?.next_run !== null && overview?.next_run !== undefined && (
            <span className="shrink-0">
              <NextRun at={overview.next_run.next_scheduled_start_time} />
            </span>
          )}
        </span>
      </span>
      <ActiveSwitch deployment={deployment} />
    </span>
  )
}

function DeploymentName({ deployment: { id, name } }: { readonly deployment: queries.Deployment }): ReactElement {
  return (
    <Link to="/deployments/$id" params={{ id }} search={{}} title={name} className="truncate font-medium hover:underline">
      {name}
    </Link>
  )
}

function ScheduleCell({ deployment: { schedules } }: { readonly deployment: queries.Deployment }): ReactElement {
  const [first, ...others] = schedules
  if (first === undefined) return <span className="text-ink-3">by hand</span>
  return (
    <span
      data-hint={schedules.map((each) => `${scheduleWords(each.schedule)} (${each.schedule.timezone ?? 'UTC'})`).join(' · ')}
      className={`block truncate ${first.active ? '' : 'text-ink-3 line-through'}`}
    >
      {scheduleWords(first.schedule)}
      {others.length > 0 && <span className="text-ink-3"> and {others.length} more</span>}
    </span>
  )
}

/** Off: its schedules make no runs. */
export function ActiveSwitch({ deployment }: { readonly deployment: queries.Deployment }): ReactElement {
  const cache = useQueryClient()
  const { mutate, isPending, variables } = useMutation({
    mutationFn: (isPaused: boolean) => queries.pauseDeployment(deployment.id, isPaused),
    onSettled: () => cache.invalidateQueries({ queryKey: ['deployments'] }),
  })
  const isPaused = isPending ? variables : deployment.paused
  return (
    <Switch
      label={isPaused ? `${deployment.name} is paused: let its schedules make runs` : `${deployment.name} is active: pause it`}
      isOn={!isPaused}
      onChange={(isOn) => mutate(!isOn)}
    />
  )
}

const SERVE = `// flows.ts: node flows.ts
import { cron, flow, serve } from 'tutti'

const hello = flow({ name: 'hello' }, async () => 'hello')
await serve([
  hello.deployment({
    name: 'often',
    schedules: cron('* * * * *'),
  }),
])`

function NoDeployments(): ReactElement {
  return (
    <Empty icon={Rocket} title="Nothing is deployed yet" command="tutti deploy">
      <p>
        A deployment lets the server run a flow: by schedule, by hand, or when something happens. Write <code>tutti.config.ts</code> and
        deploy it to a work pool, or serve flows from a process of your own:
      </p>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls is reached by keys */}
      <pre tabIndex={0} className="mt-3 overflow-x-auto rounded-md border border-line bg-sunken p-3 text-left font-mono text-xs text-ink">
        {SERVE}
      </pre>
    </Empty>
  )
}

/** Those that were deleted lately. */
function PutAside({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }): ReactElement {
  const cache = useQueryClient()
  const { data, error, isPending, refetch } = useQuery({ ...queries.deploymentsPutAside(), enabled: isOpen })
  const { mutate, isPending: isBusy } = useMutation({
    mutationFn: queries.restoreDeployment,
    onSuccess: ({ name }) => tell({ tone: 'info', text: `${name} is back.` }),
    onSettled: () => cache.invalidateQueries({ queryKey: ['deployments'] }),
  })
  return (
    <Dialog
      title="Deployments put aside"
      about="What is deleted can be restored for 7 days, with its schedules and versions. Runs stay in any case."
      isOpen={isOpen}
      onClose={onClose}
    >
      {error !== null ? (
        <Failure error={error} onRetry={() => void refetch()} />
      ) : isPending ? (
        <Loading />
      ) : data.length === 0 ? (
        <Empty icon={Trash2} title="Nothing was put aside" />
      ) : (
        <ul className="flex flex-col divide-y divide-line">
          {data.map((deployment) => (
            <li key={deployment.id} className="flex items-center justify-between gap-3 py-2 text-sm">
              <span className="min-w-0">
                <span className="block truncate font-medium">{deployment.name}</span>
                <span className="text-xs text-ink-3">
                  changed <Ago at={deployment.updated} />
                </span>
              </span>
              <Button size="small" icon={ArchiveRestore} isBusy={isBusy} onClick={() => mutate(deployment.id)}>
                Restore
              </Button>
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  )
}
