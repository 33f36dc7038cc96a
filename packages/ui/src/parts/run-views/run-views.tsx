import { useQuery } from '@tanstack/react-query'
import { ChartGantt, Grid3x3, List as ListIcon, ListTree, Workflow } from 'lucide-react'
import { useCallback, useEffect, useMemo, useState } from 'react'
import type { ReactElement } from 'react'
import { useAddress } from '../../address.ts'
import { number } from '../../format.ts'
import * as queries from '../../queries.ts'
import type { TaskRunRow } from '../../queries.ts'
import type { FlowRun } from '../../queries/values.ts'
import { isTerminal } from '../../states.ts'
import { Button } from '../button.tsx'
import { Empty } from '../empty.tsx'
import { Failure, Loading } from '../failure.tsx'
import { SearchInput, Select } from '../field.tsx'
import { Segmented } from '../segmented.tsx'
import { Graph } from './graph.tsx'
import { Grid } from './grid.tsx'
import { Legend } from './legend.tsx'
import { List } from './list.tsx'
import { filterTasks, marksOf, wordsOf } from './run-story.ts'
import { taskOf } from './segments.ts'
import type { Task } from './segments.ts'
import { byStart } from './timeline-layout.ts'
import type { Grouping } from './timeline-layout.ts'
import { StillLoading } from './still-loading.tsx'
import { Timeline } from './timeline.tsx'

export type RunView = 'timeline' | 'graph' | 'grid' | 'list'

export interface RunViewsProps {
  readonly run: FlowRun
  readonly view: RunView
  readonly onView: (view: RunView) => void
  /** Id of a task run, also of one in a sub-flow that was opened. */
  readonly selected: string | null
  readonly onSelect: (id: string | null) => void
}

const VIEWS = [
  { value: 'timeline', label: 'Timeline', icon: ChartGantt },
  { value: 'graph', label: 'Graph', icon: Workflow },
  { value: 'grid', label: 'Grid', icon: Grid3x3 },
  { value: 'list', label: 'List', icon: ListIcon },
] as const

/** Fewer stand in a row each, unless somebody wants them by task. */
const ROWS_MAX = 60
const ALL = 'all'

/** The task runs of a flow run as timeline, graph, grid or list, with one selection for all. Fills the place it is given. */
export function RunViews({ run, view, onView, selected, onSelect }: RunViewsProps): ReactElement {
  const address = useAddress()
  const { rows, isWhole, total, error } = queries.useTaskRuns(run.id)
  const { data: states } = useQuery(queries.runStates(run.id))
  const marks = useMemo(() => marksOf(states ?? []), [states])
  useEffect(() => {
    if (!isTerminal(run.state_type)) queries.followAgain(run.id)
  }, [run.id, run.state_type])

  const all = useMemo(() => rows.map((row) => shaped(row, run.run_count)).toSorted(byStart), [rows, run.run_count])
  const text = address.one('task-text') ?? ''
  const word = address.one('task-state') ?? ALL
  const tasks = useMemo(() => filterTasks(all, text, word === ALL ? undefined : word), [all, text, word])
  const words = useMemo(() => wordsOf(all), [all])

  const toggledKey = address.all('open').join('\n')
  const toggled = useMemo(() => new Set(toggledKey === '' ? [] : toggledKey.split('\n')), [toggledKey])
  const { inside, byId } = useOpened(all, toggled)
  const childrenOf = useCallback((flowRunId: string) => inside.get(flowRunId), [inside])
  const taskById = useCallback((id: string) => byId.get(id), [byId])

  const { set } = address
  const onToggle = useCallback(
    (key: string) => {
      const next = new Set(toggled)
      if (!next.delete(key)) next.add(key)
      set({ open: [...next] })
    },
    [set, toggled],
  )
  const onRange = useCallback((range: string | undefined) => set({ range }), [set])
  const onGraphAt = useCallback((at: string | undefined) => set({ 'graph-at': at }), [set])
  const onText = useCallback((value: string) => set({ 'task-text': value }), [set])
  const grouping: Grouping = oneOf(address.one('group'), ['task', 'run']) ?? (all.length <= ROWS_MAX ? 'run' : 'task')
  const axis = oneOf(address.one('axis'), ['clock', 'elapsed']) ?? 'clock'
  const isFiltered = text !== '' || word !== ALL
  const common = { run, tasks, byId, selected, onSelect, toggled, onToggle, childrenOf }

  const empty = isFiltered ? (
    <Empty
      icon={ListTree}
      title="No task run is like this"
      action={<Button onClick={() => set({ 'task-text': undefined, 'task-state': undefined })}>Show all {number(all.length)}</Button>}
    />
  ) : (
    <Empty icon={ListTree} title={isTerminal(run.state_type) ? 'This run has called no tasks' : 'No task has been called yet'}>
      {isTerminal(run.state_type) ? 'Wrap functions with task() to see each call here.' : 'Each call shows here as soon as it is made.'}
    </Empty>
  )
  return (
    <div className="relative flex min-h-0 min-w-0 flex-1 flex-col overflow-hidden rounded-lg border border-line bg-surface">
      <div className="flex flex-wrap items-center gap-2 border-b border-line px-2 py-1.5">
        <Segmented label="View" choices={VIEWS} value={view} onChange={onView} />
        <SearchInput label="Find a task run" value={text} onChange={onText} />
        <Select
          label="State"
          value={words.has(word) ? word : ALL}
          onChange={(value) => set({ 'task-state': value === ALL ? undefined : value })}
          options={[
            { value: ALL, label: 'All states' },
            ...[...words].map(([value, count]) => ({ value, label: `${value} (${number(count)}${isWhole ? '' : ' so far'})` })),
          ]}
        />
        {view === 'timeline' && (
          <>
            <Segmented
              label="Rows"
              value={grouping}
              onChange={(value) => set({ group: value })}
              choices={[
                { value: 'task', label: 'By task' },
                { value: 'run', label: 'Each run' },
              ]}
            />
            <span className="max-sm:hidden">
              <Segmented
                label="Time axis"
                value={axis}
                onChange={(value) => set({ axis: value === 'clock' ? undefined : value })}
                choices={[
                  { value: 'clock', label: 'Clock' },
                  { value: 'elapsed', label: 'Elapsed' },
                ]}
              />
            </span>
          </>
        )}
        <Legend />
      </div>
      {error !== undefined && all.length === 0 ? (
        <Failure error={error} />
      ) : view === 'list' ? (
        <List {...common} empty={isWhole ? empty : <Loading />} />
      ) : all.length === 0 && !isWhole ? (
        <Loading />
      ) : tasks.length === 0 ? (
        empty
      ) : view === 'timeline' ? (
        <Timeline key={run.id} {...common} grouping={grouping} axis={axis} marks={marks} range={address.one('range')} onRange={onRange} />
      ) : view === 'graph' ? (
        <Graph key={run.id} {...common} taskOf={taskById} at={address.one('graph-at')} onAt={onGraphAt} />
      ) : (
        <Grid {...common} />
      )}
      {!isWhole && all.length > 0 && <StillLoading loaded={all.length} total={total} error={error} />}
    </div>
  )
}

function oneOf<Value extends string>(text: string | undefined, values: readonly Value[]): Value | undefined {
  return values.find((value) => value === text)
}

const shapes = new WeakMap<TaskRunRow, { readonly runCount: number; readonly task: Task }>()

/** Read once for each row, however often it is drawn. */
function shaped(row: TaskRunRow, runCount: number): Task {
  const known = shapes.get(row)
  if (known !== undefined && known.runCount === runCount) return known.task
  const task = taskOf(row, runCount)
  shapes.set(row, { runCount, task })
  return task
}

interface Opened {
  /** Task runs of the sub-flows that were opened, by flow run. */
  readonly inside: ReadonlyMap<string, readonly Task[]>
  /** All of them, and all of the flow run itself. */
  readonly byId: ReadonlyMap<string, Task>
}

/** A key that was opened ends with the id of a task run, or with the key of a task. */
function useOpened(all: readonly Task[], toggled: ReadonlySet<string>): Opened {
  const [ids, setIds] = useState<readonly string[]>([])
  const rows = queries.useTaskRunsOf(ids)
  const opened = useMemo(() => {
    // What is drawn of a sub-flow is its newest attempt: nothing there is marked as replayed.
    const inside = new Map([...rows].map(([id, each]) => [id, each.map((row) => shaped(row, 0)).toSorted(byStart)]))
    const byId = new Map<string, Task>()
    for (const part of [all, ...inside.values()]) for (const task of part) byId.set(task.id, task)
    return { inside, byId }
  }, [all, rows])
  const wanted = useMemo(() => {
    const ends = new Set([...toggled].map((key) => key.slice(key.lastIndexOf('/') + 1)))
    const children = new Set<string>()
    for (const task of opened.byId.values()) {
      const { child_flow_run_id: child, task_key: key } = task.row
      if (child !== null && (ends.has(task.id) || ends.has(key))) children.add(child)
      if (children.size >= OPENED_MAX) break
    }
    return [...children]
  }, [opened, toggled])
  if (wanted.join(' ') !== ids.join(' ')) setIds(wanted)
  return opened
}

/** Streams of sub-flows at once: each holds a connection. */
const OPENED_MAX = 20
