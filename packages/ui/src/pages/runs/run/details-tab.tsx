import { useQuery } from '@tanstack/react-query'
import type { ReactElement, ReactNode } from 'react'
import { bytes, duration } from '../../../format.ts'
import { CopyButton } from '../../../parts/empty.tsx'
import { Moment } from '../../../parts/time-text.tsx'
import * as queries from '../../../queries.ts'
import type { TaskRunRow } from '../../../queries.ts'
import type { FlowRun } from '../../../queries/values.ts'

const MS = 1_000

/** Everything else that is known of a run. */
export function RunDetails({ run }: { readonly run: FlowRun }): ReactElement {
  const { labels, empirical_policy: policy } = run
  const cpuMs = labels['tutti.cpu_ms']
  const memoryBytes = labels['tutti.memory_max_bytes']
  return (
    <List>
      <Detail name="Id" copied={run.id} isCode>
        {run.id}
      </Detail>
      <Detail name="Name" copied={run.name}>
        {run.name}
      </Detail>
      <Detail name="Idempotency key" copied={run.idempotency_key} isCode>
        {run.idempotency_key}
      </Detail>
      <Detail name="Created">
        <Moment at={run.created} />
      </Detail>
      <Detail name="Was to start">{run.expected_start_time !== null && <Moment at={run.expected_start_time} />}</Detail>
      <Detail name="Started">{run.start_time !== null && <Moment at={run.start_time} />}</Detail>
      <Detail name="Ended">{run.end_time !== null && <Moment at={run.end_time} />}</Detail>
      <Detail name="Began late by">{run.estimated_start_time_delta > 1 ? duration(run.estimated_start_time_delta * MS) : null}</Detail>
      <Detail name="Time in Running">{run.total_run_time > 0 ? duration(run.total_run_time * MS) : null}</Detail>
      <Detail name="Processor time">{typeof cpuMs === 'number' ? duration(cpuMs) : null}</Detail>
      <Detail name="Most memory">{typeof memoryBytes === 'number' ? bytes(memoryBytes) : null}</Detail>
      <Detail name="Process" copied={run.infrastructure_pid} isCode>
        {run.infrastructure_pid}
      </Detail>
      <Detail name="Work pool and queue">
        {run.work_pool_name === null ? null : `${run.work_pool_name} / ${run.work_queue_name ?? 'default'}`}
      </Detail>
      <Detail name="Created by">
        {run.created_by === null ? null : [run.created_by.display_value, run.created_by.type].filter(Boolean).join(', ')}
      </Detail>
      <Detail name="Made by a schedule">{run.auto_scheduled ? 'yes' : null}</Detail>
      <Detail name="Flow version">{run.flow_version}</Detail>
      <Detail name="Deployment version">{run.deployment_version}</Detail>
      <Detail name="Retries">
        {policy.retries === null
          ? null
          : `${policy.retries}${policy.retry_delay === null ? '' : `, ${duration(policy.retry_delay * MS)} apart`}`}
      </Detail>
      <Detail name="State id" copied={run.state_id} isCode>
        {run.state_id}
      </Detail>
      <Detail name="Labels">{Object.keys(labels).length === 0 ? null : <Pairs values={labels} />}</Detail>
      <Detail name="Context">{Object.keys(run.context).length === 0 ? null : <Pairs values={run.context} />}</Detail>
      <Detail name="Job variables">
        {run.job_variables === null || Object.keys(run.job_variables).length === 0 ? null : <Pairs values={run.job_variables} />}
      </Detail>
    </List>
  )
}

export function TaskDetails({ flowRunId, task }: { readonly flowRunId: string; readonly task: TaskRunRow }): ReactElement {
  const { data } = useQuery(queries.runTask({ flowRunId, id: task.id, sequence: task.sequence }))
  return (
    <List>
      <Detail name="Id" copied={task.id} isCode>
        {task.id}
      </Detail>
      <Detail name="Task" copied={task.task_key} isCode>
        {task.task_key}
      </Detail>
      <Detail name="Call" isCode>
        {task.dynamic_key}
      </Detail>
      <Detail name="Created">
        <Moment at={task.created} />
      </Detail>
      <Detail name="Started">{task.start_time !== null && <Moment at={task.start_time} />}</Detail>
      <Detail name="Ended">{task.end_time !== null && <Moment at={task.end_time} />}</Detail>
      <Detail name="Called its code">{task.run_count === 1 ? 'once' : `${task.run_count} times`}</Detail>
      <Detail name="Attempt of the run">{task.flow_run_attempt > 1 ? task.flow_run_attempt : null}</Detail>
      <Detail name="Tags">{task.tags.length === 0 ? null : task.tags.join(', ')}</Detail>
      <Detail name="Cache key" copied={data?.cache_key ?? null} isCode>
        {data?.cache_key}
      </Detail>
      <Detail name="Version">{data?.task_version}</Detail>
      <Detail name="Labels">{data === undefined || Object.keys(data.labels).length === 0 ? null : <Pairs values={data.labels} />}</Detail>
    </List>
  )
}

function List({ children }: { readonly children: ReactNode }): ReactElement {
  return <dl className="min-h-0 flex-1 overflow-auto px-3 py-2">{children}</dl>
}

/** What is not known is left out. */
function Detail({
  name,
  children,
  copied = null,
  isCode = false,
}: {
  readonly name: string
  readonly children: ReactNode
  readonly copied?: string | null
  readonly isCode?: boolean
}): ReactElement | null {
  if (children === null || children === undefined || children === false || children === '') return null
  return (
    <div className="flex flex-col gap-x-4 border-b border-line py-1.5 last:border-b-0 sm:flex-row sm:items-start">
      <dt className="w-40 shrink-0 pt-0.5 text-xs text-ink-3">{name}</dt>
      <dd
        className={`flex min-w-0 flex-1 items-start justify-between gap-2 text-sm break-words ${isCode ? 'font-mono text-xs leading-5' : ''}`}
      >
        <span className="min-w-0 break-words">{children}</span>
        {copied !== null && (
          <span className="-my-1">
            <CopyButton text={copied} label={`Copy: ${name.toLowerCase()}`} />
          </span>
        )}
      </dd>
    </div>
  )
}

function Pairs({ values }: { readonly values: Readonly<Record<string, unknown>> }): ReactElement {
  return (
    <ul className="font-mono text-xs leading-5">
      {Object.entries(values).map(([name, value]) => (
        <li key={name} className="break-all">
          <span className="text-ink-3">{name}</span> {typeof value === 'string' ? value : JSON.stringify(value)}
        </li>
      ))}
    </ul>
  )
}
