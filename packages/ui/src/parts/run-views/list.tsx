import { useMemo } from 'react'
import type { ReactElement, ReactNode } from 'react'
import { duration } from '../../format.ts'
import { textColorOf } from '../../states.ts'
import { DataTable } from '../data-table.tsx'
import type { Column } from '../data-table.tsx'
import { ToneIcon } from '../state-badge.tsx'
import { Moment, useNow } from '../time-text.tsx'
import { tookMs } from './segments.ts'
import type { Task } from './segments.ts'
import type { ViewProps } from './view-props.ts'

export interface ListProps extends ViewProps {
  readonly empty: ReactNode
}

/** The task runs as a table: what can be read without seeing pictures. */
export function List({ tasks, selected, onSelect, empty }: ListProps): ReactElement {
  const columns = useMemo<readonly Column<Task>[]>(
    () => [
      { id: 'name', title: 'Task run', width: 'minmax(9rem, 3fr)', cell: (task) => <Name task={task} isSelected={task.id === selected} /> },
      { id: 'state', title: 'State', width: 'minmax(7rem, 1fr)', cell: (task) => <State task={task} /> },
      { id: 'took', title: 'Took', width: '5rem', align: 'right', cell: (task) => <Took task={task} /> },
      { id: 'started', title: 'Began', width: '9rem', from: 560, cell: (task) => <Moment at={task.row.start_time} /> },
      { id: 'attempts', title: 'Attempts', width: '5rem', align: 'right', from: 680, cell: ({ row }) => row.run_count },
      {
        id: 'tags',
        title: 'Tags',
        width: 'minmax(6rem, 1fr)',
        from: 860,
        cell: ({ row }) => <span className="text-ink-2">{row.tags.join(', ')}</span>,
      },
      {
        id: 'message',
        title: 'Message',
        width: 'minmax(8rem, 2fr)',
        from: 1_000,
        cell: ({ row }) => <span className="text-ink-2">{row.state_message ?? ''}</span>,
      },
    ],
    [selected],
  )
  return (
    <div className="flex min-h-0 flex-1 flex-col p-2">
      <DataTable label="Task runs" columns={columns} rows={tasks} idOf={({ id }) => id} onOpen={({ id }) => onSelect(id)} empty={empty} />
    </div>
  )
}

function Name({ task, isSelected }: { readonly task: Task; readonly isSelected: boolean }): ReactElement {
  return (
    <span className={isSelected ? 'font-semibold text-accent-text' : 'font-medium'} aria-current={isSelected ? 'true' : undefined}>
      {task.row.name}
      {task.row.child_flow_run_name !== null && <span className="font-normal text-ink-3"> → {task.row.child_flow_run_name}</span>}
    </span>
  )
}

function State({ task: { tone, word } }: { readonly task: Task }): ReactElement {
  return (
    <span className="inline-flex items-center gap-1.5 font-medium" style={{ color: textColorOf(tone) }}>
      <ToneIcon tone={tone} />
      {word}
    </span>
  )
}

function Took({ task }: { readonly task: Task }): ReactElement {
  const now = useNow()
  return <>{duration(tookMs(task, now))}</>
}
