import { Link } from '@tanstack/react-router'
import { useQuery } from '@tanstack/react-query'
import type { ReactElement, ReactNode } from 'react'
import { TagLink } from '../../../parts/tag.tsx'
import { Ago, Moment, Took } from '../../../parts/time-text.tsx'
import * as queries from '../../../queries.ts'
import type { FlowRun } from '../../../queries/values.ts'
import { isTerminal } from '../../../states.ts'

const LINK = 'inline-block max-w-full truncate sm:max-w-72 align-bottom text-accent-text hover:underline'

/** Where a run comes from and how long it took, in one line. */
export function Facts({ run, parentRunId }: { readonly run: FlowRun; readonly parentRunId: string | undefined }): ReactElement {
  const flow = useQuery(queries.flowOf(run.flow_id))
  const deployment = useQuery(queries.deploymentOf(run.deployment_id))
  const parent = useQuery(queries.parentOf(run.parent_task_run_id))
  const commit = run.labels['tutti.commit']
  const rerunOf = run.labels['tutti.rerun-of']
  const version = run.deployment_version ?? run.flow_version
  return (
    <dl className="flex flex-wrap items-baseline gap-x-5 gap-y-1 text-sm">
      <Fact name="Flow">
        <Link to="/flows/$id" params={{ id: run.flow_id }} search={{}} title={flow.data?.name} className={LINK}>
          {flow.data?.name ?? '…'}
        </Link>
      </Fact>
      {run.deployment_id !== null && (
        <Fact name="Deployment">
          {deployment.isError ? (
            <span className="text-ink-3">deleted</span>
          ) : (
            <Link to="/deployments/$id" params={{ id: run.deployment_id }} search={{}} title={deployment.data?.name} className={LINK}>
              {deployment.data?.name ?? '…'}
            </Link>
          )}
        </Fact>
      )}
      {run.work_pool_name !== null && (
        <Fact name="Pool">
          <Link to="/work-pools/$name" params={{ name: run.work_pool_name }} search={{}} title={run.work_pool_name} className={LINK}>
            {run.work_pool_name}
          </Link>
          {run.work_queue_name !== null && run.work_queue_name !== 'default' && ` / ${run.work_queue_name}`}
        </Fact>
      )}
      {run.start_time === null ? (
        <Fact name={isTerminal(run.state_type) ? 'Was due' : 'Due'}>
          <Moment at={run.next_scheduled_start_time ?? run.expected_start_time} />
          {!isTerminal(run.state_type) && (
            <span className="text-ink-3">
              {' '}
              (<Ago at={run.next_scheduled_start_time ?? run.expected_start_time} />)
            </span>
          )}
        </Fact>
      ) : (
        <>
          <Fact name="Started">
            <Moment at={run.start_time} />
          </Fact>
          <Fact name={isTerminal(run.state_type) ? 'Took' : 'Since'}>
            <Took from={run.start_time} to={run.end_time} />
          </Fact>
        </>
      )}
      {run.run_count > 1 && <Fact name="Attempts">{run.run_count}</Fact>}
      {run.parent_task_run_id !== null && (
        <Fact name="Called by">
          {parentRunId === undefined ? (
            '…'
          ) : (
            <Link to="/runs/$id" params={{ id: parentRunId }} search={{ task: run.parent_task_run_id }} className={LINK}>
              {parent.data?.flow_run_name ?? 'its parent'}
            </Link>
          )}
        </Fact>
      )}
      {typeof rerunOf === 'string' && (
        <Fact name="Rerun of">
          <Link to="/runs/$id" params={{ id: rerunOf }} search={{}} className={LINK}>
            an earlier run
          </Link>
        </Fact>
      )}
      {version !== null && <Fact name="Version">{version}</Fact>}
      {typeof commit === 'string' && (
        <Fact name="Commit">
          <code data-hint={commit} className="font-mono text-xs">
            {commit.slice(0, 8)}
          </code>
        </Fact>
      )}
      {run.created_by !== null && run.created_by.display_value !== null && <Fact name="By">{run.created_by.display_value}</Fact>}
      {run.tags.length > 0 && (
        <Fact name="Tags" isHidden>
          <span className="inline-flex flex-wrap gap-1">
            {run.tags.map((tag) => (
              <TagLink key={tag} tag={tag} to="/runs" />
            ))}
          </span>
        </Fact>
      )}
    </dl>
  )
}

function Fact({
  name,
  children,
  isHidden = false,
}: {
  readonly name: string
  readonly children: ReactNode
  readonly isHidden?: boolean
}): ReactElement {
  return (
    <div className="flex min-w-0 items-baseline gap-1.5">
      <dt className={isHidden ? 'sr-only' : 'text-xs text-ink-3'}>{name}</dt>
      <dd className="min-w-0 break-words text-ink">{children}</dd>
    </div>
  )
}
