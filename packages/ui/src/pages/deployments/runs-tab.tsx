import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { ChartNoAxesGantt } from 'lucide-react'
import type { ReactElement } from 'react'
import { DataTable } from '../../parts/data-table.tsx'
import type { Column } from '../../parts/data-table.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Failure } from '../../parts/failure.tsx'
import { StateBadge } from '../../parts/state-badge.tsx'
import { Moment, Took } from '../../parts/time-text.tsx'
import * as queries from '../../queries.ts'

const COLUMNS: readonly Column<queries.FlowRun>[] = [
  { id: 'state', title: 'State', width: '8rem', cell: (run) => <StateBadge type={run.state_type} name={run.state_name} /> },
  { id: 'name', title: 'Run', width: 'minmax(8rem, 2fr)', cell: (run) => <span className="font-medium">{run.name}</span> },
  { id: 'at', title: 'Start', width: '9rem', from: 480, cell: (run) => <Moment at={run.start_time ?? run.expected_start_time} /> },
  {
    id: 'took',
    title: 'Took',
    width: '5.5rem',
    align: 'right',
    from: 620,
    cell: (run) => <Took from={run.start_time} to={run.end_time} />,
  },
  {
    id: 'by',
    title: 'By',
    width: '7rem',
    from: 760,
    cell: (run) => <span className="text-ink-2">{run.auto_scheduled ? 'schedule' : (run.created_by?.display_value ?? 'hand')}</span>,
  },
]

export function RunsTab({ deployment, flowName }: { readonly deployment: queries.Deployment; readonly flowName: string }): ReactElement {
  const navigate = useNavigate()
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = useInfiniteQuery(
    queries.deploymentRuns(deployment.id),
  )
  if (error !== null) return <Failure error={error} onRetry={() => void refetch()} />
  return (
    <div className="flex h-full min-h-80 flex-col pt-3">
      <DataTable
        label="Runs of the deployment"
        columns={COLUMNS}
        rows={data?.pages.flat() ?? []}
        idOf={({ id }) => id}
        onOpen={({ id }) => void navigate({ to: '/runs/$id', params: { id } })}
        isLoading={isPending}
        isLoadingMore={isFetchingNextPage}
        onMore={hasNextPage ? () => void fetchNextPage() : undefined}
        empty={
          <Empty icon={ChartNoAxesGantt} title="It has not run yet" command={`tutti deployment run ${flowName}/${deployment.name} --watch`}>
            Run it here, from a terminal, or give it a schedule.
          </Empty>
        }
      />
    </div>
  )
}
