import { useQuery } from '@tanstack/react-query'
import { ArrowDown, ArrowUp, ListOrdered, Pencil, Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { FormEvent, ReactElement } from 'react'
import { useChange } from '../../change.ts'
import { fixOf, messageOf } from '../../errors.ts'
import { Button, IconButton } from '../../parts/button.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import type { Column } from '../../parts/data-table.tsx'
import { Confirm, Dialog } from '../../parts/dialog.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Failure } from '../../parts/failure.tsx'
import { Field, Input, Switch } from '../../parts/field.tsx'
import { UsageBar } from '../../parts/usage-bar.tsx'
import * as queries from '../../queries.ts'
import { readLimit } from './pool-form.ts'

/** Queues of a pool in the order in which workers look into them. */
export function Queues({ pool }: { readonly pool: string }): ReactElement {
  const { data, error, isPending, refetch } = useQuery(queries.poolQueues(pool))
  const update = useChange(queries.updateQueue, ['work-queues'])
  const remove = useChange(queries.removeQueue, ['work-queues'])
  const [edited, setEdited] = useState<queries.WorkQueue | 'new'>()
  const [deleted, setDeleted] = useState<queries.WorkQueue>()
  if (error !== null && data === undefined) return <Failure error={error} onRetry={() => void refetch()} />
  const rows = data ?? []
  // Whoever gets the priority of another stands before it: the server moves those behind.
  const move = (at: number, by: -1 | 1): void => {
    const [first, second] = by === -1 ? [rows[at - 1], rows[at]] : [rows[at], rows[at + 1]]
    if (first !== undefined && second !== undefined) update.mutate({ id: second.id, priority: first.priority })
  }
  const columns: readonly Column<queries.WorkQueue>[] = [
    {
      id: 'order',
      title: 'Priority',
      width: '6.5rem',
      cell: (queue) => {
        const at = rows.indexOf(queue)
        return (
          <span className="flex items-center">
            <span className="tabular w-7">{queue.priority}</span>
            <IconButton
              label={`${queue.name} before`}
              icon={ArrowUp}
              size="small"
              disabled={at === 0 || update.isPending}
              onClick={() => move(at, -1)}
            />
            <IconButton
              label={`${queue.name} behind`}
              icon={ArrowDown}
              size="small"
              disabled={at === rows.length - 1 || update.isPending}
              onClick={() => move(at, 1)}
            />
          </span>
        )
      },
    },
    { id: 'name', title: 'Name', width: 'minmax(6rem, 2fr)', cell: ({ name }) => <span className="font-medium">{name}</span> },
    {
      id: 'slots',
      title: 'Slots',
      width: 'minmax(7rem, 1fr)',
      from: 620,
      cell: ({ name, active_slots: taken, concurrency_limit: limit }) =>
        limit === null ? (
          <span className="text-xs text-ink-3">no limit</span>
        ) : (
          <UsageBar taken={taken ?? 0} limit={limit} label={`Slots of ${name} taken`} />
        ),
    },
    {
      id: 'queued',
      title: 'Queued',
      width: '4.5rem',
      align: 'right',
      from: 720,
      cell: ({ name }) => <QueueCount pool={pool} queue={name} of="scheduled" />,
    },
    {
      id: 'late',
      title: 'Late',
      width: '4rem',
      align: 'right',
      from: 480,
      cell: ({ name }) => <QueueCount pool={pool} queue={name} of="late" />,
    },
    {
      id: 'on',
      title: 'On',
      width: '2.75rem',
      cell: ({ id, name, is_paused: isPaused }) => (
        <Switch label={`${name} starts runs`} isOn={!isPaused} onChange={(isOn) => update.mutate({ id, is_paused: !isOn })} />
      ),
    },
    {
      id: 'do',
      title: '',
      width: '4.25rem',
      align: 'right',
      from: 420,
      cell: (queue) => (
        <span className="inline-flex">
          <IconButton label={`Change ${queue.name}`} icon={Pencil} size="small" onClick={() => setEdited(queue)} />
          <IconButton
            label={queue.name === 'default' ? 'A pool keeps its default queue' : `Delete ${queue.name}`}
            icon={Trash2}
            size="small"
            disabled={queue.name === 'default'}
            onClick={() => setDeleted(queue)}
          />
        </span>
      ),
    },
  ]
  return (
    <div className="flex flex-col gap-3 pt-4">
      <div className="flex flex-wrap items-center justify-between gap-2 text-sm text-ink-2">
        Workers empty the queue of the lowest number first.
        <Button size="small" icon={Plus} onClick={() => setEdited('new')}>
          New queue
        </Button>
      </div>
      <DataTable
        label="Queues"
        height="rows"
        columns={columns}
        rows={rows}
        idOf={({ id }) => id}
        isLoading={isPending}
        empty={<Empty icon={ListOrdered} title="There are no queues" />}
      />
      {edited !== undefined && (
        <QueueDialog pool={pool} queue={edited === 'new' ? undefined : edited} onClose={() => setEdited(undefined)} />
      )}
      <Confirm
        title={`Delete the queue ${deleted?.name ?? ''}?`}
        verb="Delete the queue"
        isOpen={deleted !== undefined}
        isBusy={remove.isPending}
        onClose={() => setDeleted(undefined)}
        onConfirm={() => deleted !== undefined && remove.mutate(deleted.id, { onSettled: () => setDeleted(undefined) })}
      >
        Runs and deployments that name it stay, but nothing starts them until they name another one.
      </Confirm>
    </div>
  )
}

function QueueCount({
  pool,
  queue,
  of,
}: {
  readonly pool: string
  readonly queue: string
  readonly of: 'scheduled' | 'late'
}): ReactElement {
  const { data } = useQuery(queries.poolCounts(pool, queue))
  const count = data?.[of]
  if (count === undefined) return <span className="text-ink-3">–</span>
  return <span style={of === 'late' && count > 0 ? { color: 'var(--state-late-text)' } : undefined}>{count}</span>
}

function QueueDialog({
  pool,
  queue,
  onClose,
}: {
  readonly pool: string
  readonly queue: queries.WorkQueue | undefined
  readonly onClose: () => void
}): ReactElement {
  const [name, setName] = useState(queue?.name ?? '')
  const [limitText, setLimitText] = useState(String(queue?.concurrency_limit ?? ''))
  const [isTried, setTried] = useState(false)
  const create = useChange(queries.createQueue, ['work-queues'], { isShown: true })
  const update = useChange(queries.updateQueue, ['work-queues'], { isShown: true })
  const error = create.error ?? update.error
  const read = readLimit(limitText)
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setTried(true)
    if (name.trim() === '' || 'problem' in read) return
    const changes = { name: name.trim(), concurrency_limit: read.limit }
    if (queue === undefined) create.mutate({ pool, ...changes }, { onSuccess: onClose })
    else update.mutate({ id: queue.id, ...changes }, { onSuccess: onClose })
  }
  return (
    <Dialog
      title={queue === undefined ? 'New queue' : `Change ${queue.name}`}
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Keep it as it is</Button>
          <Button look="primary" type="submit" form="queue" isBusy={create.isPending || update.isPending}>
            Save
          </Button>
        </>
      }
    >
      <form id="queue" onSubmit={submit} className="flex flex-col gap-3">
        <Field label="Name" isRequired error={isTried && name.trim() === '' ? 'Give it a name.' : undefined}>
          {(ids) => (
            <Input {...ids} autoFocus disabled={queue?.name === 'default'} value={name} onChange={(event) => setName(event.target.value)} />
          )}
        </Field>
        <Field label="Runs at once" error={'problem' in read ? read.problem : undefined} about="Nothing: as many as the pool allows.">
          {(ids) => <Input {...ids} inputMode="numeric" value={limitText} onChange={(event) => setLimitText(event.target.value)} />}
        </Field>
        {error !== null && (
          <p role="alert" className="text-sm text-danger">
            {messageOf(error)} {fixOf(error)}
          </p>
        )}
      </form>
    </Dialog>
  )
}
