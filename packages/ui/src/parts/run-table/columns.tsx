import { Columns3, CornerDownRight } from 'lucide-react'
import type { ReactElement } from 'react'
import { duration } from '../../format.ts'
import { setPreferences, usePreferences } from '../../preferences.ts'
import type { FlowRun } from '../../queries/values.ts'
import { buttonClass } from '../button.tsx'
import type { Column } from '../data-table.tsx'
import { DeploymentLink, FlowLink, FlowName } from '../names.tsx'
import { Popover } from '../popover.tsx'
import { DensityChoice } from '../density-choice.tsx'
import { StateBadge, StateIcon } from '../state-badge.tsx'
import { Ago, Moment, Took } from '../time-text.tsx'
import { Link } from '@tanstack/react-router'

const PARAMETERS_SHOWN = 160

const RUN_COLUMNS: readonly Column<FlowRun>[] = [
  { id: 'state', title: 'State', width: '8.5rem', cell: (run) => <StateBadge type={run.state_type} name={run.state_name} /> },
  { id: 'run', title: 'Run', width: 'minmax(10rem, 2fr)', cell: (run) => <RunLink run={run} /> },
  {
    id: 'flow',
    title: 'Flow',
    width: 'minmax(7rem, 1.2fr)',
    from: 700,
    cell: (run) => (
      <Quiet>
        <FlowLink id={run.flow_id} />
      </Quiet>
    ),
  },
  {
    id: 'deployment',
    title: 'Deployment',
    width: 'minmax(7rem, 1fr)',
    from: 860,
    cell: (run) => (
      <Quiet>
        <DeploymentLink id={run.deployment_id} />
      </Quiet>
    ),
  },
  {
    id: 'start',
    title: 'Started',
    width: '7.5rem',
    sort: { first: 'START_TIME_DESC', next: 'START_TIME_ASC' },
    cell: (run) =>
      run.start_time === null ? <span className="text-ink-3">{isWaiting(run) ? 'not yet' : 'never'}</span> : <Ago at={run.start_time} />,
  },
  {
    id: 'duration',
    title: 'Took',
    width: '6rem',
    align: 'right',
    sort: { first: 'DURATION_DESC', next: 'DURATION_ASC' },
    cell: (run) =>
      run.state_type === 'RUNNING' ? (
        <Took from={run.start_time} to={null} />
      ) : run.start_time === null || run.run_count === 0 ? (
        <Nothing />
      ) : (
        duration(run.total_run_time * 1_000)
      ),
  },
  {
    id: 'expected',
    title: 'Expected',
    width: '9rem',
    sort: { first: 'EXPECTED_START_TIME_DESC', next: 'EXPECTED_START_TIME_ASC' },
    cell: (run) => <Moment at={run.expected_start_time} />,
  },
  { id: 'end', title: 'Ended', width: '9rem', sort: { first: 'END_TIME_DESC' }, cell: (run) => <Moment at={run.end_time} /> },
  { id: 'late', title: 'Late by', width: '6rem', align: 'right', cell: (run) => <Lateness seconds={run.estimated_start_time_delta} /> },
  {
    id: 'message',
    title: 'Message',
    width: 'minmax(10rem, 2fr)',
    from: 1_100,
    cell: (run) => (
      <span className="text-ink-2" title={run.state?.message ?? ''}>
        {run.state?.message}
      </span>
    ),
  },
  {
    id: 'parameters',
    title: 'Parameters',
    width: 'minmax(8rem, 1.5fr)',
    from: 1_250,
    cell: (run) => <Parameters value={run.parameters} />,
  },
  { id: 'tags', title: 'Tags', width: 'minmax(6rem, 1fr)', from: 980, cell: (run) => <Tags tags={run.tags} /> },
  {
    id: 'pool',
    title: 'Work pool',
    width: 'minmax(6rem, 1fr)',
    cell: (run) =>
      run.work_pool_name === null ? (
        <Nothing />
      ) : (
        <Link
          to="/work-pools/$name"
          params={{ name: run.work_pool_name }}
          search={{}}
          className="text-ink-2 hover:text-ink hover:underline"
        >
          {run.work_pool_name}
        </Link>
      ),
  },
  { id: 'attempts', title: 'Attempts', width: '5rem', align: 'right', cell: (run) => run.run_count },
  {
    id: 'creator',
    title: 'Made by',
    width: '8rem',
    cell: (run) => <span className="text-ink-2">{run.created_by?.display_value ?? <Nothing />}</span>,
  },
]

/** Until somebody chooses others. */
const SHOWN_FIRST = ['state', 'run', 'flow', 'deployment', 'start', 'duration', 'message', 'tags']
const TABLE = 'runs'
/** What a row is known by stays. */
const ALWAYS = new Set(['state', 'run'])

export function useRunColumns(without: readonly string[]): readonly Column<FlowRun>[] {
  const chosen = usePreferences().columns[TABLE] ?? SHOWN_FIRST
  return RUN_COLUMNS.filter(({ id }) => (ALWAYS.has(id) || chosen.includes(id)) && !without.includes(id)).map((column) =>
    // Who asks for a column gets it, however narrow the table is.
    SHOWN_FIRST.includes(column.id) || column.from === undefined ? column : { ...column, from: Math.min(column.from, 700) },
  )
}

export function ColumnMenu(): ReactElement {
  const { columns } = usePreferences()
  const chosen = columns[TABLE] ?? SHOWN_FIRST
  const toggle = (id: string): void =>
    setPreferences({ columns: { ...columns, [TABLE]: chosen.includes(id) ? chosen.filter((each) => each !== id) : [...chosen, id] } })
  return (
    <Popover
      label="Columns"
      trigger={
        <button type="button" className={buttonClass('ordinary')}>
          <Columns3 aria-hidden className="size-3.5" />
          Columns
        </button>
      }
    >
      <DensityChoice />
      <ul className="mt-2 flex flex-col">
        {RUN_COLUMNS.map(({ id, title }) => (
          <li key={id}>
            <label className="flex h-7 cursor-pointer items-center gap-2 rounded-sm px-1 text-sm hover:bg-hover">
              <input
                type="checkbox"
                checked={ALWAYS.has(id) || chosen.includes(id)}
                disabled={ALWAYS.has(id)}
                onChange={() => toggle(id)}
                className="size-3.5 accent-(--accent)"
              />
              {title}
            </label>
          </li>
        ))}
      </ul>
    </Popover>
  )
}

/** Two lines, where there is no place for columns. */
export function NarrowRun({ run }: { readonly run: FlowRun }): ReactElement {
  return (
    <span className="flex min-w-0 flex-col gap-0.5">
      <span className="flex min-w-0 items-center gap-2">
        <StateIcon type={run.state_type} name={run.state_name} />
        <span className="min-w-0 flex-1 truncate font-medium">
          <RunLink run={run} />
        </span>
        <span className="text-xs text-ink-3">
          <Ago at={run.start_time ?? run.expected_start_time} />
        </span>
      </span>
      <span className="flex min-w-0 items-center gap-2 pl-6 text-xs text-ink-2">
        <span className="min-w-0 flex-1 truncate">
          <FlowName id={run.flow_id} />
          {run.state?.message !== null && run.state?.message !== undefined && ` · ${run.state.message}`}
        </span>
        {run.start_time !== null && (run.end_time !== null || run.state_type === 'RUNNING') && (
          <Took from={run.start_time} to={run.state_type === 'RUNNING' ? null : (run.end_time ?? run.start_time)} />
        )}
      </span>
    </span>
  )
}

function RunLink({ run }: { readonly run: FlowRun }): ReactElement {
  return (
    <>
      {run.parent_task_run_id !== null && (
        <CornerDownRight aria-label="called by another run" className="mr-1 inline size-3.5 text-ink-3" />
      )}
      <Link to="/runs/$id" params={{ id: run.id }} search={{}} title={run.name} className="font-medium hover:underline">
        {run.name}
      </Link>
    </>
  )
}

function isWaiting({ state_type: type }: FlowRun): boolean {
  return type === 'SCHEDULED' || type === 'PENDING' || type === 'PAUSED'
}

function Lateness({ seconds }: { readonly seconds: number }): ReactElement {
  return seconds < 1 ? <Nothing /> : <span>{duration(seconds * 1_000)}</span>
}

function Parameters({ value }: { readonly value: Readonly<Record<string, unknown>> }): ReactElement {
  const text = Object.keys(value).length === 0 ? '' : JSON.stringify(value)
  if (text === '') return <Nothing />
  return (
    <span className="font-mono text-xs text-ink-2" title={text.slice(0, 2_000)}>
      {text.slice(0, PARAMETERS_SHOWN)}
    </span>
  )
}

/** All of them are beside the pointer. */
const TAGS_SHOWN = 3
/** Every run of a schedule has it: it comes last. */
const USUAL_TAG = 'auto-scheduled'

function Tags({ tags }: { readonly tags: readonly string[] }): ReactElement {
  if (tags.length === 0) return <></>
  const ordered = tags.toSorted((one, other) => Number(one === USUAL_TAG) - Number(other === USUAL_TAG))
  return (
    // Those that do not fit are an ellipsis: they are boxes in a line of text.
    <span className="block truncate leading-5" title={tags.join(', ')}>
      {ordered.slice(0, TAGS_SHOWN).map((tag) => (
        <span
          key={tag}
          className="mr-1 inline-block max-w-full truncate align-middle rounded bg-sunken px-1.5 text-xs leading-5 text-ink-2"
        >
          {tag}
        </span>
      ))}
      {tags.length > TAGS_SHOWN && <span className="shrink-0 text-xs leading-5 text-ink-3">+{tags.length - TAGS_SHOWN}</span>}
    </span>
  )
}

function Quiet({ children }: { readonly children: ReactElement }): ReactElement {
  return <span className="text-ink-2">{children}</span>
}

function Nothing(): ReactElement {
  return <span className="text-ink-3">–</span>
}
