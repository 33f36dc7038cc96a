import { useMutation, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { ChartNoAxesGantt, Rocket, Trash2 } from 'lucide-react'
import { useMemo, useState } from 'react'
import type { ReactElement } from 'react'
import { useAddress } from '../../address.ts'
import type { AddressReader } from '../../address.ts'
import type { Ahead } from '../../ahead.ts'
import { duration, number, percent, plural } from '../../format.ts'
import { Button } from '../../parts/button.tsx'
import { Confirm } from '../../parts/dialog.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Failure, Loading } from '../../parts/failure.tsx'
import { Page, Section } from '../../parts/page.tsx'
import { RunStrip } from '../../parts/run-strip.tsx'
import { askRunTable, RunTable } from '../../parts/run-table/run-table.tsx'
import { Tabs } from '../../parts/tabs.tsx'
import { Ago, stepBefore, useNowInSteps } from '../../parts/time-text.tsx'
import { tell } from '../../parts/toasts.tsx'
import { WindowPicker } from '../../parts/window-picker.tsx'
import * as queries from '../../queries.ts'
import type { Deployment, Flow } from '../../queries/values.ts'
import { ALL_RUNS } from '../../run-filter.ts'
import { barsWindow, readWindow, writeWindow } from '../../time-window.ts'
import type { TimeWindow } from '../../time-window.ts'
import { Durations } from './durations.tsx'
import { gridOf, RunGrid } from './grid.tsx'

export function askAhead(ahead: Ahead): void {
  const { address, params, ask } = ahead
  const { id = '' } = params
  void ask(queries.flow(id))
  void ask(queries.deploymentsOfFlow(id))
  void ask(queries.flowRunCount({ ...ALL_RUNS, flows: [id] }))
  const view = viewOf(address)
  if (view === 'runs') askRunTable(ahead, { flows: [id] })
  if (view !== 'overview') return
  const { from, to } = barsWindow(windowOf(address), stepBefore(ahead.now, MINUTE_MS))
  void ask(queries.flowStats(id, { from, to }))
  void ask(queries.flowPoints(id, from))
  void ask(gridOf(id))
}

const CRUMBS = [{ label: 'Flows', to: '/flows' }]

export function FlowPage(): ReactElement {
  const { id } = useParams({ strict: false }) as { readonly id: string } // of the route
  const { data: flow, error, refetch } = useQuery(queries.flow(id))
  if (error !== null && flow === undefined)
    return (
      <Page title="Flow" crumbs={CRUMBS}>
        <Failure error={error} onRetry={() => void refetch()} />
      </Page>
    )
  if (flow === undefined) return <Loading />
  return <FlowView flow={flow} />
}

const VIEWS = ['overview', 'runs', 'deployments'] as const
const WITHOUT = ['flow']

function viewOf(address: AddressReader): (typeof VIEWS)[number] {
  return VIEWS.find((each) => each === address.one('view')) ?? 'overview'
}

function FlowView({ flow }: { readonly flow: Flow }): ReactElement {
  const address = useAddress()
  const view = viewOf(address)
  const fixed = useMemo(() => ({ flows: [flow.id] }), [flow.id])
  const deployments = useQuery(queries.deploymentsOfFlow(flow.id))
  const { data: count } = useQuery(queries.flowRunCount({ ...ALL_RUNS, ...fixed }))
  return (
    <Page
      title={flow.name}
      crumbs={CRUMBS}
      about={flow.tags.length === 0 ? undefined : flow.tags.join(', ')}
      actions={<DeleteFlow flow={flow} runs={count} deployments={deployments.data?.length} />}
      isFilling
    >
      <Tabs
        label="Views of the flow"
        value={view}
        onChange={(next) => address.set({ view: next === 'overview' ? undefined : next }, { isStep: true })}
        tabs={[
          { id: 'overview', label: 'Overview', content: <Overview flowId={flow.id} /> },
          {
            id: 'runs',
            label: 'Runs',
            count,
            content: (
              <div className="flex h-full min-h-96 flex-col pt-4">
                <RunTable
                  fixed={fixed}
                  without={WITHOUT}
                  empty={
                    <Empty icon={ChartNoAxesGantt} title="It has not run yet" command="npx tutti run flow.ts">
                      A run appears here the moment it begins.
                    </Empty>
                  }
                />
              </div>
            ),
          },
          {
            id: 'deployments',
            label: 'Deployments',
            count: deployments.data?.length,
            content: <Deployments deployments={deployments.data} error={deployments.error} onRetry={() => void deployments.refetch()} />,
          },
        ]}
      />
    </Page>
  )
}

const MINUTE_MS = 60_000
const MONTH = { type: 'last', ms: 30 * 24 * 3_600_000 } as const satisfies TimeWindow

function windowOf({ one }: AddressReader): TimeWindow {
  return readWindow({ window: one('window'), from: one('from'), to: one('to') }) ?? MONTH
}

function Overview({ flowId }: { readonly flowId: string }): ReactElement {
  const address = useAddress()
  const window = useMemo(() => windowOf(address), [address])
  const bars = barsWindow(window, useNowInSteps(MINUTE_MS))
  return (
    <div className="flex flex-col gap-4 pt-4">
      <Section title="Last runs">
        <RunGrid flowId={flowId} />
      </Section>
      <Section
        title="How long it takes"
        actions={<WindowPicker value={window} onChange={(next) => address.set({ ...writeWindow(next) }, { isStep: true })} />}
      >
        <Stats flowId={flowId} from={bars.from} to={bars.to} />
        <Durations flowId={flowId} from={bars.from} to={bars.to} />
      </Section>
    </div>
  )
}

function Stats({ flowId, from, to }: { readonly flowId: string; readonly from: number; readonly to: number }): ReactElement {
  const { data, error, refetch } = useQuery(queries.flowStats(flowId, { from, to }))
  if (error !== null && data === undefined) return <Failure error={error} onRetry={() => void refetch()} />
  const seconds = (value: number | null | undefined): string => (value === null || value === undefined ? '–' : duration(value * 1_000))
  const rate = data?.failure_rate
  const figures: readonly (readonly [string, string, boolean?])[] = [
    ['Runs', data === undefined ? '…' : `${number(data.runs)}${data.sampled ? '+' : ''}`],
    ['Failed', rate === null || rate === undefined ? '–' : percent(rate), rate !== null && rate !== undefined && rate > 0],
    ['Half take less than', seconds(data?.run_time.p50)],
    ['95 % less than', seconds(data?.run_time.p95)],
    ['Longest', seconds(data?.run_time.max)],
    ['Late, half less than', seconds(data?.lateness.p50)],
    ['Late, 95 % less than', seconds(data?.lateness.p95)],
  ]
  return (
    <dl className="flex flex-wrap gap-x-8 gap-y-3 px-4 pt-3">
      {figures.map(([label, value, isBad]) => (
        <div key={label}>
          <dt className="text-xs text-ink-3">{label}</dt>
          <dd className={`tabular text-base font-semibold ${isBad === true ? 'text-(--state-failed-text)' : ''}`}>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function Deployments({
  deployments,
  error,
  onRetry,
}: {
  readonly deployments: readonly Deployment[] | undefined
  readonly error: Error | null
  readonly onRetry: () => void
}): ReactElement {
  const ids = useMemo(() => (deployments ?? []).map(({ id }) => id), [deployments])
  const { data: overviews } = useQuery(queries.deploymentOverviews(ids))
  if (error !== null && deployments === undefined) return <Failure error={error} onRetry={onRetry} />
  if (deployments === undefined) return <Loading />
  if (deployments.length === 0) {
    return (
      <Empty icon={Rocket} title="It has no deployment" command="npx tutti deploy">
        A deployment runs a flow by a schedule, by hand from here, or for another flow.
      </Empty>
    )
  }
  return (
    <ul className="mt-4 rounded-lg border border-line bg-surface">
      {deployments.map((deployment) => {
        const overview = overviews?.[deployment.id]
        return (
          <li
            key={deployment.id}
            className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-4 py-3 text-sm last:border-b-0"
          >
            <span className="min-w-40 flex-1">
              <Link to="/deployments/$id" params={{ id: deployment.id }} search={{}} className="font-medium break-words hover:underline">
                {deployment.name}
              </Link>
              <span className="block text-xs text-ink-3">
                {deployment.work_pool_name === null || deployment.work_pool_name === undefined
                  ? 'served'
                  : `in ${deployment.work_pool_name}`}
                {deployment.paused && ' · paused'}
              </span>
            </span>
            {overview !== undefined && <RunStrip runs={overview.last_runs} max={10} />}
            <span className="w-36 text-right text-xs text-ink-2">
              {overview?.next_run === null || overview === undefined ? (
                'nothing planned'
              ) : (
                <>
                  next <Ago at={overview.next_run.next_scheduled_start_time} />
                </>
              )}
            </span>
          </li>
        )
      })}
    </ul>
  )
}

function DeleteFlow({
  flow,
  runs,
  deployments,
}: {
  readonly flow: Flow
  readonly runs: number | undefined
  readonly deployments: number | undefined
}): ReactElement {
  const navigate = useNavigate()
  const [isAsked, setAsked] = useState(false)
  const { mutate, isPending } = useMutation({
    mutationFn: () => queries.deleteFlow(flow.id),
    onSuccess: () => {
      tell({ tone: 'info', text: `The flow ${flow.name} is deleted` })
      void navigate({ to: '/flows', search: {} })
    },
  })
  return (
    <>
      <Button icon={Trash2} look="danger" onClick={() => setAsked(true)}>
        Delete
      </Button>
      <Confirm
        title={`Delete ${flow.name}?`}
        verb="Delete the flow"
        isOpen={isAsked}
        isBusy={isPending}
        onClose={() => setAsked(false)}
        onConfirm={() => mutate()}
      >
        <p>
          With it go {runs === undefined ? 'all its runs' : plural(runs, 'run')}, their task runs, states and logs, and{' '}
          {deployments === undefined ? 'its deployments' : plural(deployments, 'deployment')} with their schedules. That cannot be taken
          back.
        </p>
        <p className="mt-2">The code stays where it is: the flow is known here again when it runs the next time.</p>
      </Confirm>
    </>
  )
}
