import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { SearchX } from 'lucide-react'
import { useCallback, useEffect } from 'react'
import type { ReactElement } from 'react'
import { isTuttiError } from 'tutti/client'
import { useAddress } from '../../address.ts'
import type { Ahead } from '../../ahead.ts'
import { Empty } from '../../parts/empty.tsx'
import { Failure, Loading } from '../../parts/failure.tsx'
import { Page } from '../../parts/page.tsx'
import { RunViews } from '../../parts/run-views/run-views.tsx'
import type { RunView } from '../../parts/run-views/run-views.tsx'
import { Split } from '../../parts/split.tsx'
import { StateBadge } from '../../parts/state-badge.tsx'
import { setPreferences, usePreferences } from '../../preferences.ts'
import * as queries from '../../queries.ts'
import type { FlowRun } from '../../queries/values.ts'
import { useShortcuts } from '../../shortcuts.ts'
import { isTerminal } from '../../states.ts'
import { RunActions } from './run/actions.tsx'
import { Answer } from './run/answer-form.tsx'
import { Facts } from './run/facts.tsx'
import { Panel } from './run/panel.tsx'
import { Reasons } from './run/reasons.tsx'
import { Trouble } from './run/trouble.tsx'
import { useWindowTitle } from './run/window-title.ts'

const CRUMBS = [{ label: 'Runs', to: '/runs' }]
/** Any other is not asked for: there is none of it. */
const ID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i

export function askAhead({ params: { id = '' }, ask }: Ahead): void {
  if (!ID.test(id)) return
  queries.followTaskRuns(id)
  void ask(queries.flowRun(id))
  void ask(queries.runStates(id))
  void ask(queries.runArtifacts(id))
}

/** One run: how it stands, why, what it did, and what can be done about it. */
export function RunPage(): ReactElement {
  const { id = '' } = useParams({ strict: false })
  const isId = ID.test(id)
  const { data, error, refetch } = useQuery({ ...queries.flowRun(id), enabled: isId })
  if (data !== undefined) return <Run key={id} run={data} />
  if (error === null && isId) return <Loading />
  const isMissing = !isId || isTuttiError(error, 'FLOW_RUN_NOT_FOUND') || isTuttiError(error, 'NOT_FOUND')
  return (
    <Page title="Run" crumbs={CRUMBS}>
      {isMissing ? (
        <Empty icon={SearchX} title="There is no such run" command="tutti flow-run ls">
          No run has the id <code className="font-mono break-all">{id}</code>. It was deleted, or went when the server’s retention took it,
          or is on another server.
        </Empty>
      ) : (
        <Failure error={error} onRetry={() => void refetch()} />
      )}
    </Page>
  )
}

const VIEWS: readonly RunView[] = ['timeline', 'graph', 'grid', 'list']

function Run({ run }: { readonly run: FlowRun }): ReactElement {
  const address = useAddress()
  const { runSplit } = usePreferences()
  const tasks = queries.useTaskRuns(run.id)
  const { id, name, state_type: stateType, state_name: stateName } = run
  const parent = useQuery(queries.parentOf(run.parent_task_run_id))
  const view = VIEWS.find((each) => each === address.one('view')) ?? 'timeline'
  const selected = address.one('task')
  const task = selected === undefined ? undefined : tasks.byId.get(selected)
  const { set } = address
  const select = useCallback((taskRunId: string | null | undefined) => set({ task: taskRunId ?? undefined, line: undefined }), [set])
  const nameOf = useCallback((taskRunId: string) => tasks.byId.get(taskRunId)?.name, [tasks])
  useWindowTitle(name, stateType, stateName)
  useShortcuts({ l: () => set({ tab: 'logs' }), Escape: selected === undefined ? undefined : () => select(undefined) })
  // A run that ended and goes on has more to tell.
  const isOver = isTerminal(stateType)
  useEffect(() => {
    if (!isOver) queries.followAgain(id)
  }, [id, isOver])
  return (
    <Page
      isFilling
      title={name}
      crumbs={CRUMBS}
      beside={<StateBadge type={stateType} name={stateName} />}
      about={<Facts run={run} parentRunId={parent.data?.flow_run_id ?? undefined} />}
      actions={<RunActions run={run} selected={task} />}
    >
      <Standing run={run} tasks={tasks.rows} onSelect={select} />
      <Split
        label="Divider between the tasks and their logs"
        share={runSplit}
        onShare={(share) => setPreferences({ runSplit: share })}
        first={
          <RunViews
            run={run}
            view={view}
            onView={(next) => set({ view: next === 'timeline' ? undefined : next })}
            selected={selected ?? null}
            onSelect={select}
          />
        }
        second={<Panel run={run} selected={selected} task={task} isWhole={tasks.isWhole} nameOf={nameOf} onSelect={select} />}
      />
    </Page>
  )
}

interface StandingProps {
  readonly run: FlowRun
  readonly tasks: readonly queries.TaskRunRow[]
  readonly onSelect: (taskRunId: string) => void
}

/** What there is to know, or to do, before anything else. */
function Standing({ run, tasks, onSelect }: StandingProps): ReactElement | null {
  switch (run.state_type) {
    case 'FAILED':
    case 'CRASHED':
      return <Trouble run={run} tasks={tasks} onSelect={onSelect} />
    case 'PAUSED':
      return <Answer run={run} />
    case 'SCHEDULED':
    case 'PENDING':
    case 'CANCELLING':
    case 'RUNNING':
      return <Reasons key={run.state_id} runId={run.id} stateType={run.state_type} />
    default:
      return null
  }
}
