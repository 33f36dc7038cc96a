import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ArrowUpRight, Repeat2, X } from 'lucide-react'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { useAddress } from '../../../address.ts'
import { Button, buttonClass, IconButton } from '../../../parts/button.tsx'
import { Empty } from '../../../parts/empty.tsx'
import { countParameters } from '../../../parts/json-tree/stored-value.ts'
import { ToneBadge } from '../../../parts/state-badge.tsx'
import { standingOf } from '../../../parts/run-views/segments.ts'
import { Tabs } from '../../../parts/tabs.tsx'
import type { Tab } from '../../../parts/tabs.tsx'
import { Took } from '../../../parts/time-text.tsx'
import * as queries from '../../../queries.ts'
import type { TaskRunRow } from '../../../queries.ts'
import type { FlowRun } from '../../../queries/values.ts'
import { isTerminal } from '../../../states.ts'
import { RunDetails, TaskDetails } from './details-tab.tsx'
import { LogsTab } from './logs-tab.tsx'
import { ArtifactsTab, EventsTab, HistoryTab } from './records-tabs.tsx'
import { RerunDialog } from './rerun-dialog.tsx'
import { ParametersTab, RunResultTab, TaskInputsTab, TaskResultTab } from './values-tab.tsx'

export interface PanelProps {
  readonly run: FlowRun
  readonly selected: string | undefined
  readonly task: TaskRunRow | undefined
  readonly isWhole: boolean
  readonly nameOf: (taskRunId: string) => string | undefined
  readonly onSelect: (taskRunId: string | undefined) => void
}

/** What is known of the run, or of the task run that is selected. */
export function Panel({ run, selected, task, isWhole, nameOf, onSelect }: PanelProps): ReactElement {
  return (
    <section
      aria-label={task === undefined ? 'The run' : `Task run ${task.name}`}
      className="flex min-h-0 flex-1 flex-col overflow-hidden rounded-lg border border-line bg-surface"
    >
      {selected === undefined ? (
        <RunPanel run={run} nameOf={nameOf} onSelect={onSelect} />
      ) : task === undefined ? (
        <Empty
          icon={X}
          title={isWhole ? 'This run has no such task run' : 'Looking for the task run …'}
          action={<Button onClick={() => onSelect(undefined)}>Show the run</Button>}
        >
          {isWhole ? 'It may have been given to another run, or deleted.' : undefined}
        </Empty>
      ) : (
        <TaskPanel key={task.id} run={run} task={task} nameOf={nameOf} onSelect={onSelect} />
      )}
    </section>
  )
}

/** Which tab is chosen; one that is not there falls back to the first. */
function useTab(tabs: readonly Tab[], fallback: string): readonly [string, (id: string) => void] {
  const address = useAddress()
  const wanted = address.one('tab')
  const value = tabs.find(({ id }) => id === wanted)?.id ?? fallback
  return [value, (id) => address.set({ tab: id })]
}

function RunPanel({ run, nameOf, onSelect }: Pick<PanelProps, 'run' | 'nameOf' | 'onSelect'>): ReactElement {
  const states = useQuery(queries.runStates(run.id))
  const artifacts = useQuery(queries.runArtifacts(run.id))
  const tabs: readonly Tab[] = [
    { id: 'logs', label: 'Logs', content: <LogsTab key="run" run={run} taskRunId={undefined} nameOf={nameOf} onSelect={onSelect} /> },
    { id: 'parameters', label: 'Parameters', count: countParameters(run.parameters), content: <ParametersTab run={run} /> },
    { id: 'result', label: run.state_type === 'FAILED' ? 'Error' : 'Result', content: <RunResultTab run={run} /> },
    { id: 'artifacts', label: 'Artifacts', count: artifacts.data?.length, content: <ArtifactsTab runId={run.id} /> },
    { id: 'history', label: 'History', count: states.data?.length, content: <HistoryTab states={states} /> },
    { id: 'events', label: 'Events', content: <EventsTab runId={run.id} /> },
    { id: 'details', label: 'Details', content: <RunDetails run={run} /> },
  ]
  const [tab, setTab] = useTab(tabs, 'logs')
  return <Framed tabs={tabs} value={tab} onChange={setTab} label="About the run" />
}

function TaskPanel({
  run,
  task,
  nameOf,
  onSelect,
}: Pick<PanelProps, 'run' | 'nameOf' | 'onSelect'> & { readonly task: TaskRunRow }): ReactElement {
  const [isRerunning, setRerunning] = useState(false)
  const states = useQuery(queries.taskStates({ flowRunId: run.id, id: task.id, sequence: task.sequence }))
  const artifacts = useQuery(queries.runArtifacts(run.id))
  const made = artifacts.data?.filter(({ task_run_id: of }) => of === task.id).length
  const isFailed = task.state_type === 'FAILED'
  const { tone, word } = standingOf(task, run.run_count)
  const tabs: readonly Tab[] = [
    { id: 'logs', label: 'Logs', content: <LogsTab key={task.id} run={run} taskRunId={task.id} nameOf={nameOf} onSelect={onSelect} /> },
    { id: 'result', label: isFailed ? 'Error' : 'Result', content: <TaskResultTab flowRunId={run.id} task={task} /> },
    {
      id: 'inputs',
      label: 'Inputs',
      count: task.upstream.length,
      content: <TaskInputsTab task={task} nameOf={nameOf} onSelect={onSelect} />,
    },
    ...(made === undefined || made === 0
      ? []
      : [{ id: 'artifacts', label: 'Artifacts', count: made, content: <ArtifactsTab runId={run.id} taskRunId={task.id} /> }]),
    { id: 'history', label: 'History', count: states.data?.length, content: <HistoryTab states={states} /> },
    { id: 'details', label: 'Details', content: <TaskDetails flowRunId={run.id} task={task} /> },
  ]
  const [tab, setTab] = useTab(tabs, isFailed ? 'result' : 'logs')
  return (
    <>
      <header className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line py-1.5 pr-1.5 pl-3">
        <h2 className="min-w-0 truncate text-sm font-semibold" title={task.name}>
          {task.name}
        </h2>
        <ToneBadge tone={tone}>{word}</ToneBadge>
        <span className="text-xs text-ink-3">
          <Took from={task.start_time} to={task.end_time} />
        </span>
        <span className="ml-auto flex items-center gap-1">
          {task.child_flow_run_id !== null && (
            <Link to="/runs/$id" params={{ id: task.child_flow_run_id }} search={{}} className={buttonClass('ordinary', 'small')}>
              <ArrowUpRight aria-hidden className="size-3.5" />
              {task.child_flow_run_name ?? 'Sub-flow run'}
            </Link>
          )}
          {isTerminal(run.state_type) && (
            <Button size="small" icon={Repeat2} onClick={() => setRerunning(true)}>
              Run again from here
            </Button>
          )}
          <IconButton label="Back to the run" icon={X} size="small" onClick={() => onSelect(undefined)} />
        </span>
      </header>
      <Framed tabs={tabs} value={tab} onChange={setTab} label="About the task run" />
      {isRerunning && <RerunDialog run={run} kind="rerun" from={task} onClose={() => setRerunning(false)} />}
    </>
  )
}

function Framed(props: Parameters<typeof Tabs>[0]): ReactElement {
  return (
    <div className="flex min-h-0 flex-1 flex-col [&_[role=tablist]]:px-3 [&_[role=tabpanel]]:flex [&_[role=tabpanel]]:flex-col [&_[role=tabpanel][hidden]]:hidden">
      <Tabs {...props} />
    </div>
  )
}
