import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { Code, Ellipsis, History, Play, Trash2, Zap } from 'lucide-react'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { useAddress } from '../../address.ts'
import type { Ahead } from '../../ahead.ts'
import { root } from '../../connection.ts'
import { Button, IconButton } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Failure, Loading } from '../../parts/failure.tsx'
import { Menu } from '../../parts/menu.tsx'
import { Page } from '../../parts/page.tsx'
import { Tabs } from '../../parts/tabs.tsx'
import { TagLink } from '../../parts/tag.tsx'
import { Ago } from '../../parts/time-text.tsx'
import { tell } from '../../parts/toasts.tsx'
import * as queries from '../../queries.ts'
import { useShortcuts } from '../../shortcuts.ts'
import { BackfillTab } from './backfill-tab.tsx'
import { isReadyToRun } from './deployment-schema.ts'
import { DetailsTab } from './details-tab.tsx'
import { ActiveSwitch } from './list.tsx'
import { ParametersTab } from './parameters-tab.tsx'
import { RunAsCode, RunDialog, useQuickRun } from './run-dialog.tsx'
import { RunsTab } from './runs-tab.tsx'
import { SchedulesTab } from './schedules-tab.tsx'
import { VersionsTab } from './versions-tab.tsx'

export function askAhead({ params: { id = '' }, ask }: Ahead): void {
  void ask(queries.deployment(id))
  void ask(queries.deploymentOverviews([id]))
}

export function DeploymentPage(): ReactElement {
  const { id = '' } = useParams({ strict: false })
  const { data: deployment, error, refetch } = useQuery(queries.deployment(id))
  const { data: flow } = useQuery(queries.flowOfDeployment(deployment?.flow_id))
  if (error !== null && deployment === undefined)
    return (
      <Page title="Deployment" crumbs={[{ label: 'Deployments', to: '/deployments' }]}>
        <Failure error={error} onRetry={() => void refetch()} />
      </Page>
    )
  if (deployment === undefined) return <Loading />
  return <Known deployment={deployment} flowName={flow?.name ?? ''} />
}

function Known({ deployment, flowName }: { readonly deployment: queries.Deployment; readonly flowName: string }): ReactElement {
  const address = useAddress()
  const tab = address.one('tab') ?? 'runs'
  const isRunning = address.one('run') === 'yes'
  const [isCode, setCode] = useState(false)
  const quickRun = useQuickRun()
  const putAside = usePutAside(deployment)
  const { data: overviews } = useQuery(queries.deploymentOverviews([deployment.id]))
  const next = overviews?.[deployment.id]?.next_run
  const setRunning = (isOpen: boolean): void => address.set({ run: isOpen ? 'yes' : undefined })
  useShortcuts({ r: () => setRunning(true) })
  return (
    <Page
      title={deployment.name}
      crumbs={[
        { label: 'Deployments', to: '/deployments' },
        ...(flowName === '' ? [] : [{ label: flowName, to: `/flows/${deployment.flow_id}` }]),
      ]}
      isFilling
      beside={
        <span className="flex items-center gap-2 text-xs text-ink-2">
          <ActiveSwitch deployment={deployment} />
          {deployment.paused ? 'Paused' : 'Active'}
        </span>
      }
      about={
        <span className="flex flex-wrap items-center gap-x-4 gap-y-1">
          {deployment.work_pool_name === null ? (
            <span>served by a process</span>
          ) : (
            <span>
              pool{' '}
              <Link
                to="/work-pools/$name"
                params={{ name: deployment.work_pool_name }}
                title={deployment.work_pool_name}
                className="inline-block max-w-full truncate sm:max-w-72 align-bottom text-accent-text hover:underline"
              >
                {deployment.work_pool_name}
              </Link>
            </span>
          )}
          <span>
            next run <Ago at={next?.next_scheduled_start_time} />
          </span>
          <span className="flex min-w-0 flex-wrap gap-1">
            {deployment.tags.map((tag) => (
              <TagLink key={tag} tag={tag} to="/deployments" />
            ))}
          </span>
        </span>
      }
      actions={
        <>
          <Button icon={Zap} disabled={!isReadyToRun(deployment)} onClick={() => quickRun(deployment)} title="With the defaults, at once">
            Quick run
          </Button>
          <Button look="primary" icon={Play} onClick={() => setRunning(true)}>
            Run …
          </Button>
          <Menu
            trigger={<IconButton label="More" icon={Ellipsis} look="ordinary" />}
            items={[
              { label: 'Backfill …', icon: History, onSelect: () => address.set({ tab: 'backfills', backfill: 'new' }) },
              { label: 'Copy as code', icon: Code, onSelect: () => setCode(true) },
              null,
              { label: 'Delete', icon: Trash2, isDanger: true, onSelect: putAside },
            ]}
          />
        </>
      }
    >
      <Tabs
        label="Of the deployment"
        value={tab}
        onChange={(each) => address.set({ tab: each === 'runs' ? undefined : each, version: undefined, to: undefined }, { isStep: true })}
        tabs={[
          { id: 'runs', label: 'Runs', content: <RunsTab deployment={deployment} flowName={flowName} /> },
          {
            id: 'schedules',
            label: 'Schedules',
            count: deployment.schedules.length,
            content: <SchedulesTab deployment={deployment} />,
          },
          { id: 'parameters', label: 'Parameters', content: <ParametersTab key={deployment.updated} deployment={deployment} /> },
          { id: 'versions', label: 'Versions', content: <VersionsTab deployment={deployment} flowName={flowName} /> },
          { id: 'backfills', label: 'Backfills', content: <BackfillTab deployment={deployment} flowName={flowName} /> },
          { id: 'details', label: 'Details', content: <DetailsTab deployment={deployment} /> },
        ]}
      />
      <RunDialog deployment={deployment} flowName={flowName} isOpen={isRunning} onClose={() => setRunning(false)} />
      <Dialog title="Run it from code" isOpen={isCode} isWide onClose={() => setCode(false)}>
        <RunAsCode
          code={{
            flowName,
            deploymentName: deployment.name,
            deploymentId: deployment.id,
            parameters: deployment.parameters,
            tags: [],
            name: undefined,
            url: new URL('api', root).href,
          }}
        />
      </Dialog>
    </Page>
  )
}

/** It can be restored for a week, so nobody is asked twice. */
function usePutAside(deployment: queries.Deployment): () => void {
  const navigate = useNavigate()
  const cache = useQueryClient()
  const { mutate } = useMutation({
    mutationFn: () => queries.putDeploymentAside(deployment.id),
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: ['deployments', 'list'] })
      void navigate({ to: '/deployments' })
      tell({
        tone: 'info',
        text: `${deployment.name} was deleted. It can be restored for 7 days.`,
        action: {
          label: 'Undo',
          run: () =>
            void queries.restoreDeployment(deployment.id).then(() => {
              void cache.invalidateQueries({ queryKey: ['deployments'] })
              return navigate({ to: '/deployments/$id', params: { id: deployment.id } })
            }),
        },
      })
    },
  })
  return mutate
}
