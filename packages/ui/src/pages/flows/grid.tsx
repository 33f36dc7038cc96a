import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { Grid3x3 } from 'lucide-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { KeyboardEvent, ReactElement } from 'react'
import { duration, number, plural, useTimeFormat } from '../../format.ts'
import { Empty } from '../../parts/empty.tsx'
import { Failure, Loading } from '../../parts/failure.tsx'
import { ToneIcon } from '../../parts/state-badge.tsx'
import * as queries from '../../queries.ts'
import type { FlowGrid } from '../../queries.ts'
import { colorOf, textColorOf, toneOf } from '../../states.ts'
import { walked } from './grid-walk.ts'

const RUNS = 40
const TASKS = 60
const CELL = 22
const BAR_PX = 44

type GridRun = FlowGrid['runs'][number]
type GridCell = FlowGrid['cells'][number]

export function gridOf(flowId: string) {
  return queries.flowGrid(flowId, { runs: RUNS, tasks: TASKS })
}

/** The last runs beside each other, each task in its line: what fails always, sometimes, or since a day. */
export function RunGrid({ flowId }: { readonly flowId: string }): ReactElement {
  const { data, error, refetch } = useQuery(gridOf(flowId))
  if (error !== null && data === undefined) return <Failure error={error} onRetry={() => void refetch()} />
  if (data === undefined)
    return (
      <div className="grid min-h-64">
        <Loading />
      </div>
    )
  if (data.runs.length === 0) {
    return (
      <Empty icon={Grid3x3} title="It has not run yet" command="npx tutti run flow.ts">
        Each run becomes a column here, each of its tasks a line.
      </Empty>
    )
  }
  return <Grid grid={data} />
}

function Grid({ grid: { runs: newestFirst, tasks, more_tasks: more, cells } }: { readonly grid: FlowGrid }): ReactElement {
  const navigate = useNavigate()
  const runs = useMemo(() => newestFirst.toReversed(), [newestFirst])
  const byPlace = useMemo(() => new Map(cells.map((cell) => [`${cell.flow_run_id} ${cell.task_key}`, cell])), [cells])
  const longest = Math.max(0.001, ...runs.map((run) => run.total_run_time))
  // Line 0 is the run itself.
  const [place, setPlace] = useState({ column: runs.length - 1, line: 0 })
  const [isFocused, setFocused] = useState(false)
  const frame = useRef<HTMLDivElement>(null)
  useEffect(() => {
    // The newest runs are what is asked about.
    if (frame.current !== null) frame.current.scrollLeft = frame.current.scrollWidth
  }, [runs.length])
  const run = runs[place.column]
  const task = place.line === 0 ? undefined : tasks[place.line - 1]
  const cell = run === undefined || task === undefined ? undefined : byPlace.get(`${run.id} ${task.task_key}`)
  const open = (of: GridRun, which: GridCell | undefined): void =>
    void navigate({ to: '/runs/$id', params: { id: of.id }, search: which === undefined ? {} : { task: which.task_run_id } })
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && run !== undefined) open(run, cell)
    else {
      const next = walked(place, event.key, { columns: runs.length, lines: tasks.length + 1 })
      if (next === undefined) return
      setPlace(next)
    }
    event.preventDefault()
  }
  return (
    <div className="min-w-0">
      <div
        ref={frame}
        role="grid"
        tabIndex={0}
        aria-label="The last runs and their tasks. The arrow keys walk, Enter opens."
        aria-rowcount={tasks.length + 1}
        aria-colcount={runs.length + 1}
        aria-activedescendant={isFocused ? `cell-${place.line}-${place.column}` : undefined}
        onKeyDown={onKeyDown}
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
        className="max-h-[32rem] overflow-auto pt-3 pr-4 pb-1"
      >
        <div role="row" className="sticky top-0 z-[2] flex w-max min-w-full bg-surface">
          <span
            role="rowheader"
            className="sticky left-0 z-[1] flex w-32 shrink-0 items-end bg-surface pr-3 pb-1 pl-4 text-xs text-ink-3 sm:w-56"
          >
            Run
          </span>
          {runs.map((each, column) => {
            const tone = toneOf(each.state_type, each.state_name)
            return (
              <button
                key={each.id}
                id={`cell-0-${column}`}
                type="button"
                role="gridcell"
                tabIndex={-1}
                aria-label={`${each.name}: ${each.state_name}, ${duration(each.total_run_time * 1_000)}`}
                onPointerEnter={() => setPlace({ column, line: 0 })}
                onClick={() => open(each, undefined)}
                className={`flex shrink-0 flex-col items-center justify-end rounded-t-sm ${place.column === column ? 'bg-hover' : ''}`}
                style={{ width: CELL, height: BAR_PX + 24 }}
              >
                <span
                  aria-hidden
                  className={`block w-2.5 rounded-t-[2px] ${isFocused && place.column === column && place.line === 0 ? 'outline-2 outline-offset-1 outline-accent' : ''}`}
                  style={{ background: colorOf(tone), height: 3 + (BAR_PX - 3) * (each.total_run_time / longest) }}
                />
                <span className="grid h-5 place-items-center" style={{ color: textColorOf(tone) }}>
                  <ToneIcon tone={tone} size="size-3" />
                </span>
              </button>
            )
          })}
        </div>
        {tasks.map(({ task_key: key, name }, index) => (
          <div key={key} role="row" className="flex w-max min-w-full border-t border-line/60">
            <span
              role="rowheader"
              title={name}
              className={`sticky left-0 z-[1] w-32 shrink-0 truncate bg-surface pr-3 pl-4 text-xs sm:w-56 ${place.line === index + 1 ? 'font-medium text-ink' : 'text-ink-2'}`}
              style={{ lineHeight: `${CELL}px` }}
            >
              {name}
            </span>
            {runs.map((each, column) => (
              <Cell
                key={each.id}
                id={`cell-${index + 1}-${column}`}
                run={each}
                task={name}
                cell={byPlace.get(`${each.id} ${key}`)}
                isCrossed={place.column === column}
                isAt={isFocused && place.column === column && place.line === index + 1}
                onEnter={() => setPlace({ column, line: index + 1 })}
                onOpen={open}
              />
            ))}
          </div>
        ))}
      </div>
      <Told run={run} task={task?.name} cell={cell} />
      {more > 0 && <p className="px-4 pb-2 text-xs text-ink-3">{plural(more, 'more task')} are on the pages of the runs.</p>}
    </div>
  )
}

function Cell({
  id,
  run,
  task,
  cell,
  isCrossed,
  isAt,
  onEnter,
  onOpen,
}: {
  readonly id: string
  readonly run: GridRun
  readonly task: string
  readonly cell: GridCell | undefined
  readonly isCrossed: boolean
  readonly isAt: boolean
  readonly onEnter: () => void
  readonly onOpen: (run: GridRun, cell: GridCell) => void
}): ReactElement {
  const tone = cell === undefined ? undefined : toneOf(cell.state_type, cell.state_name)
  const isBad = tone === 'failed' || tone === 'crashed'
  return (
    <span
      id={id}
      role="gridcell"
      tabIndex={-1}
      aria-label={cell === undefined ? `${task} in ${run.name}: was not called` : `${task} in ${run.name}: ${cell.state_name}`}
      onPointerEnter={onEnter}
      onClick={() => cell !== undefined && onOpen(run, cell)}
      className={`grid shrink-0 place-items-center ${cell === undefined ? '' : 'cursor-pointer'} ${isCrossed ? 'bg-hover' : ''}`}
      style={{ width: CELL, height: CELL }}
    >
      {tone === undefined ? (
        <span aria-hidden className="size-1 rounded-full bg-line" />
      ) : (
        <span
          aria-hidden
          className={`grid size-3.5 place-items-center rounded-[3px] text-surface ${isAt ? 'outline-2 outline-offset-1 outline-accent' : ''}`}
          style={{ background: colorOf(tone) }}
        >
          {/* Squares are told apart without colour too. */}
          {(isBad || tone === 'cached' || tone === 'paused' || tone === 'cancelled') && <ToneIcon tone={tone} size="size-2.5" />}
        </span>
      )}
    </span>
  )
}

/** The place that is pointed at, in words, always in the same line. */
function Told({
  run,
  task,
  cell,
}: {
  readonly run: GridRun | undefined
  readonly task: string | undefined
  readonly cell: GridCell | undefined
}): ReactElement {
  const format = useTimeFormat()
  if (run === undefined) return <p className="h-10" />
  const tone =
    task === undefined ? toneOf(run.state_type, run.state_name) : cell === undefined ? undefined : toneOf(cell.state_type, cell.state_name)
  const ms = task === undefined ? (run.start_time === null ? null : run.total_run_time * 1_000) : (cell?.run_time_ms ?? null)
  return (
    <p role="status" className="tabular flex min-h-10 flex-wrap items-center gap-x-3 border-t border-line px-4 py-2 text-xs text-ink-2">
      {tone !== undefined && (
        <span className="inline-flex items-center gap-1.5 font-medium" style={{ color: textColorOf(tone) }}>
          <ToneIcon tone={tone} />
          {task === undefined ? run.state_name : cell?.state_name}
        </span>
      )}
      {task !== undefined && <span className="font-medium text-ink">{task}</span>}
      {task !== undefined && cell === undefined && <span>was not called</span>}
      <Link
        to="/runs/$id"
        params={{ id: run.id }}
        search={cell === undefined ? {} : { task: cell.task_run_id }}
        className="hover:text-ink hover:underline"
      >
        {run.name}
      </Link>
      <span>{format.moment(run.start_time ?? run.expected_start_time)}</span>
      {ms !== null && <span>{duration(ms)}</span>}
      {cell !== undefined && cell.count > 1 && (
        <span>
          {number(cell.count)} calls{cell.failed > 0 && `, ${number(cell.failed)} failed`}
        </span>
      )}
    </p>
  )
}
