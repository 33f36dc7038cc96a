import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Gauge, Pencil, Plus, RotateCcw, Tag, Trash2 } from 'lucide-react'
import { useMemo, useState } from 'react'
import type { ReactElement } from 'react'
import { useAddress } from '../address.ts'
import { useChange } from '../change.ts'
import { Button, IconButton } from '../parts/button.tsx'
import { DataTable } from '../parts/data-table.tsx'
import type { Column } from '../parts/data-table.tsx'
import { Confirm, Dialog } from '../parts/dialog.tsx'
import { Empty } from '../parts/empty.tsx'
import { Failure } from '../parts/failure.tsx'
import { SearchInput, Switch } from '../parts/field.tsx'
import { Page } from '../parts/page.tsx'
import { SlotHolders } from '../parts/slot-holders.tsx'
import { Tabs } from '../parts/tabs.tsx'
import { tellFailure, tellUndoable } from '../parts/toasts.tsx'
import { UsageBar } from '../parts/usage-bar.tsx'
import * as queries from '../queries.ts'
import { LimitDialog, TagLimitDialog } from './concurrency/dialogs.tsx'
import { isOwnedBySystem } from './concurrency/names.ts'

export function ConcurrencyPage(): ReactElement {
  const address = useAddress()
  const tab = address.one('tab') === 'tags' ? 'tags' : 'limits'
  const [isNew, setNew] = useState(false)
  const limits = useQuery(queries.globalLimits())
  const tags = useQuery(queries.tagLimits())
  return (
    <Page
      title="Concurrency"
      about="How much may happen at once: limits that code asks for by name, and limits of tags that tasks carry."
      actions={
        <Button look="primary" icon={Plus} onClick={() => setNew(true)}>
          {tab === 'tags' ? 'New tag limit' : 'New limit'}
        </Button>
      }
      isFilling
    >
      <Tabs
        label="Kinds of limits"
        value={tab}
        onChange={(id) => address.set({ tab: id === 'limits' ? undefined : id, q: undefined, held: undefined }, { isStep: true })}
        tabs={[
          {
            id: 'limits',
            label: 'Global limits',
            count: limits.data?.filter(({ name }) => !isOwnedBySystem(name)).length,
            content: <GlobalLimits query={limits} isNew={isNew} onNew={setNew} />,
          },
          { id: 'tags', label: 'Tag limits', count: tags.data?.length, content: <TagLimits query={tags} isNew={isNew} onNew={setNew} /> },
        ]}
      />
    </Page>
  )
}

interface ListProps<Row> {
  readonly query: {
    readonly data: readonly Row[] | undefined
    readonly error: Error | null
    readonly isPending: boolean
    refetch(): Promise<unknown>
  }
  readonly isNew: boolean
  readonly onNew: (isNew: boolean) => void
}

/** Ids of rows that are taken away already, as far as the eye goes, until nobody can take it back. */
function useRemoval(): readonly [ReadonlySet<string>, (id: string, text: string, remove: () => Promise<unknown>) => void] {
  const [gone, setGone] = useState<ReadonlySet<string>>(new Set())
  const cache = useQueryClient()
  const show = (id: string): void => setGone((before) => new Set([...before].filter((each) => each !== id)))
  return [
    gone,
    (id, text, remove) => {
      setGone((before) => new Set([...before, id]))
      tellUndoable(
        text,
        () => {
          void remove()
            .catch((problem: unknown) => {
              show(id)
              tellFailure(problem)
            })
            .finally(() => void cache.invalidateQueries({ queryKey: ['slots'] }))
        },
        () => show(id),
      )
    },
  ]
}

function GlobalLimits({ query: { data, error, isPending, refetch }, isNew, onNew }: ListProps<queries.GlobalLimit>): ReactElement {
  const address = useAddress()
  const text = address.one('q') ?? ''
  const held = address.one('held')
  const isAll = address.one('all') === 'yes'
  const [gone, removeRow] = useRemoval()
  const [edited, setEdited] = useState<queries.GlobalLimit>()
  const create = useChange(queries.createLimit, ['slots'], { isShown: true })
  const update = useChange(queries.updateLimit, ['slots'], { isShown: true })
  const toggle = useChange(queries.updateLimit, ['slots'])
  const rows = useMemo(
    () =>
      (data ?? []).filter(
        ({ id, name }) => !gone.has(id) && (isAll || !isOwnedBySystem(name)) && name.toLowerCase().includes(text.toLowerCase()),
      ),
    [data, gone, text, isAll],
  )
  const shown = data?.find(({ id }) => id === held)
  if (error !== null && data === undefined) return <Failure error={error} onRetry={() => void refetch()} />
  const columns: readonly Column<queries.GlobalLimit>[] = [
    { id: 'name', title: 'Name', width: 'minmax(6rem, 2fr)', cell: ({ name }) => <span className="font-medium">{name}</span> },
    {
      id: 'taken',
      title: 'Taken now',
      width: 'minmax(6.5rem, 1fr)',
      cell: ({ active_slots: taken, limit, name }) => <UsageBar taken={taken} limit={limit} label={`Slots of ${name} taken`} />,
    },
    {
      id: 'decay',
      title: 'Comes back',
      width: '9rem',
      from: 760,
      cell: ({ slot_decay_per_second: perSecond }) =>
        perSecond === 0 ? 'when given back' : <span className="tabular">{perSecond} per second</span>,
    },
    {
      id: 'active',
      title: 'Active',
      width: '3.5rem',
      from: 420,
      cell: ({ id, name, active }) => (
        <Switch label={`${name} is active`} isOn={active} onChange={(isOn) => toggle.mutate({ id, active: isOn })} />
      ),
    },
    {
      id: 'do',
      title: '',
      width: '4.25rem',
      align: 'right',
      cell: (limit) => (
        <span className="inline-flex">
          <IconButton
            label={`Change ${limit.name}`}
            icon={Pencil}
            size="small"
            onClick={() => {
              update.reset()
              setEdited(limit)
            }}
          />
          <IconButton
            label={`Delete ${limit.name}`}
            icon={Trash2}
            size="small"
            onClick={() => removeRow(limit.id, `The limit ${limit.name} is deleted.`, () => queries.removeLimit(limit.id))}
          />
        </span>
      ),
    },
  ]
  return (
    <div className="flex h-full min-h-0 flex-col gap-3 pt-4">
      <div className="flex flex-wrap items-center gap-3">
        <SearchInput label="Find by name" value={text} onChange={(q) => address.set({ q })} shortcut />
        <label htmlFor="all-limits" className="flex items-center gap-2 text-sm text-ink-2">
          <Switch
            id="all-limits"
            label="Limits of deployments too"
            isOn={isAll}
            onChange={(isOn) => address.set({ all: isOn ? 'yes' : undefined })}
          />
          Limits of deployments too
        </label>
      </div>
      <DataTable
        label="Global limits"
        columns={columns}
        rows={rows}
        idOf={({ id }) => id}
        onOpen={({ id }) => address.set({ held: id }, { isStep: true })}
        isLoading={isPending}
        empty={
          text === '' ? (
            <Empty icon={Gauge} title="There are no limits yet" command="tutti concurrency-limit set payment-api 5">
              A limit is a number of slots with a name; code takes some and gives them back, here or on any machine.
            </Empty>
          ) : (
            <Empty icon={Gauge} title="No limit has this name" />
          )
        }
      />
      {shown !== undefined && (
        <Dialog title={`Who holds ${shown.name}`} isOpen isWide onClose={() => address.set({ held: undefined })}>
          <SlotHolders of={{ limit: shown.id }} limitId={shown.id} />
        </Dialog>
      )}
      {(isNew || edited !== undefined) && (
        <LimitDialog
          limit={edited}
          error={edited === undefined ? create.error : update.error}
          isBusy={create.isPending || update.isPending}
          onClose={() => {
            create.reset()
            setEdited(undefined)
            onNew(false)
          }}
          onSave={(changes) => {
            const done = (): void => {
              setEdited(undefined)
              onNew(false)
            }
            if (edited === undefined) create.mutate(changes, { onSuccess: done })
            else update.mutate({ id: edited.id, ...changes }, { onSuccess: done })
          }}
        />
      )}
    </div>
  )
}

function TagLimits({ query: { data, error, isPending, refetch }, isNew, onNew }: ListProps<queries.TagLimit>): ReactElement {
  const address = useAddress()
  const text = address.one('q') ?? ''
  const held = address.one('held')
  const [gone, removeRow] = useRemoval()
  const [edited, setEdited] = useState<queries.TagLimit>()
  const [reset, setReset] = useState<string>()
  const ensure = useChange(queries.ensureTagLimit, ['slots'], { isShown: true })
  const clear = useChange(queries.resetTagLimit, ['slots'])
  const rows = useMemo(
    () => (data ?? []).filter(({ id, tag }) => !gone.has(id) && tag.toLowerCase().includes(text.toLowerCase())),
    [data, gone, text],
  )
  if (error !== null && data === undefined) return <Failure error={error} onRetry={() => void refetch()} />
  const columns: readonly Column<queries.TagLimit>[] = [
    { id: 'tag', title: 'Tag', width: 'minmax(6rem, 2fr)', cell: ({ tag }) => <span className="font-medium">{tag}</span> },
    {
      id: 'taken',
      title: 'Task runs now',
      width: 'minmax(6.5rem, 1fr)',
      cell: ({ active_slots: holders, concurrency_limit: limit, tag }) => (
        <UsageBar taken={holders.length} limit={limit} label={`Slots of the tag ${tag} taken`} />
      ),
    },
    {
      id: 'do',
      title: '',
      width: '6rem',
      align: 'right',
      cell: (limit) => (
        <span className="inline-flex">
          <IconButton label={`Take all slots of ${limit.tag} back`} icon={RotateCcw} size="small" onClick={() => setReset(limit.tag)} />
          <IconButton
            label={`Change ${limit.tag}`}
            icon={Pencil}
            size="small"
            onClick={() => {
              ensure.reset()
              setEdited(limit)
            }}
          />
          <IconButton
            label={`Delete ${limit.tag}`}
            icon={Trash2}
            size="small"
            onClick={() => removeRow(limit.id, `The limit of the tag ${limit.tag} is deleted.`, () => queries.removeTagLimit(limit.tag))}
          />
        </span>
      ),
    },
  ]
  return (
    <div className="flex h-full min-h-0 flex-col gap-3 pt-4">
      <div className="flex">
        <SearchInput label="Find by tag" value={text} onChange={(q) => address.set({ q })} shortcut />
      </div>
      <DataTable
        label="Limits of tags"
        columns={columns}
        rows={rows}
        idOf={({ id }) => id}
        onOpen={({ tag }) => address.set({ held: tag }, { isStep: true })}
        isLoading={isPending}
        empty={
          text === '' ? (
            <Empty icon={Tag} title="No tag has a limit yet">
              Tasks that carry the tag wait for a slot before they start: at most so many run at once, on all machines together.
            </Empty>
          ) : (
            <Empty icon={Tag} title="No tag is like this" />
          )
        }
      />
      {held !== undefined && (
        <Dialog title={`Who holds the tag ${held}`} isOpen isWide onClose={() => address.set({ held: undefined })}>
          <SlotHolders of={{ tag: held }} />
        </Dialog>
      )}
      {(isNew || edited !== undefined) && (
        <TagLimitDialog
          limit={edited}
          error={ensure.error}
          isBusy={ensure.isPending}
          onClose={() => {
            ensure.reset()
            setEdited(undefined)
            onNew(false)
          }}
          onSave={(changes) =>
            ensure.mutate(changes, {
              onSuccess: () => {
                setEdited(undefined)
                onNew(false)
              },
            })
          }
        />
      )}
      <Confirm
        title={`Take all slots of ${reset ?? ''} back?`}
        verb="Take them back"
        isOpen={reset !== undefined}
        isBusy={clear.isPending}
        onClose={() => setReset(undefined)}
        onConfirm={() => reset !== undefined && clear.mutate(reset, { onSettled: () => setReset(undefined) })}
      >
        Every slot is free at once. Task runs that still work go on, so for a while more than the limit may run.
      </Confirm>
    </div>
  )
}
