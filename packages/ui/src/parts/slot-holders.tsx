import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Info, Ticket } from 'lucide-react'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { useChange } from '../change.ts'
import { plural } from '../format.ts'
import * as queries from '../queries.ts'
import { Button } from './button.tsx'
import { DataTable } from './data-table.tsx'
import type { Column } from './data-table.tsx'
import { Confirm } from './dialog.tsx'
import { Empty } from './empty.tsx'
import { Failure } from './failure.tsx'
import { StateBadge } from './state-badge.tsx'
import { Ago, Moment } from './time-text.tsx'
import { UsageBar } from './usage-bar.tsx'

type Releasing =
  | { readonly type: 'lease'; readonly leaseId: string; readonly who: string }
  | { readonly type: 'run'; readonly runId: string; readonly who: string }
  | { readonly type: 'unaccounted'; readonly slots: number }

/** Who holds which slots, since when and until when; those of holders that are gone can be given back. */
export function SlotHolders({ of, limitId }: { readonly of: queries.SlotsOf; readonly limitId?: string }): ReactElement {
  const { data, error, isPending, refetch } = useQuery(queries.slotsHeld(of))
  const [releasing, setReleasing] = useState<Releasing>()
  const release = useChange(queries.releaseSlots, ['slots'])
  if (error !== null && data === undefined) return <Failure error={error} onRetry={() => void refetch()} />
  const confirm = (): void => {
    if (releasing === undefined) return
    const what =
      releasing.type === 'lease'
        ? { lease_id: releasing.leaseId }
        : releasing.type === 'run'
          ? { flow_run_id: releasing.runId }
          : { limit: limitId ?? data?.name ?? '', unaccounted_slots: releasing.slots }
    release.mutate(what, { onSettled: () => setReleasing(undefined) })
  }
  return (
    <div className="flex min-h-0 flex-col gap-3">
      {data !== undefined && (
        <div className="flex flex-wrap items-center gap-3 text-sm text-ink-2">
          <UsageBar taken={data.active_slots} limit={data.limit} label="Slots taken" />
          {data.more && <span className="text-xs">The longest holders are shown.</span>}
          {data.unaccounted_slots > 0 && limitId !== undefined && (
            <span className="flex flex-wrap items-center gap-2 text-xs">
              {plural(data.unaccounted_slots, 'slot')} taken without a lease: nobody knows by whom.
              <Button size="small" onClick={() => setReleasing({ type: 'unaccounted', slots: data.unaccounted_slots })}>
                Give back
              </Button>
            </span>
          )}
        </div>
      )}
      <DataTable
        label="Holders of slots"
        height="rows"
        columns={columns(setReleasing)}
        rows={data?.holders ?? []}
        idOf={(holder) => holder.lease_id ?? holder.flow_run?.id ?? `${holder.since} ${holder.holder?.id ?? ''}`}
        isLoading={isPending}
        empty={
          <Empty icon={Ticket} title="Nobody holds a slot">
            Slots are taken when runs start, and given back when they end.
          </Empty>
        }
      />
      <Confirm
        title="Give the slots back?"
        verb="Give back"
        isOpen={releasing !== undefined}
        isBusy={release.isPending}
        onClose={() => setReleasing(undefined)}
        onConfirm={confirm}
      >
        {releasing?.type === 'unaccounted'
          ? `${plural(releasing.slots, 'slot')} will be free at once. Whoever took them and still works goes on, beyond the limit.`
          : `What ${releasing?.who ?? ''} holds is free at once, and the next in line may start.`}
      </Confirm>
    </div>
  )
}

function columns(onRelease: (what: Releasing) => void): readonly Column<queries.SlotHolder>[] {
  return [
    { id: 'who', title: 'Held by', width: 'minmax(8rem, 2fr)', cell: (holder) => <Holder holder={holder} /> },
    {
      id: 'state',
      title: 'State',
      width: '8.5rem',
      from: 560,
      cell: ({ flow_run: run }) => (run === null ? '–' : <StateBadge type={run.state_type} name={run.state_name} />),
    },
    {
      id: 'where',
      title: 'Where it runs',
      width: 'minmax(8rem, 1fr)',
      from: 900,
      cell: ({ flow_run: run }) => {
        if (run?.process) return <span className="font-mono text-xs">{`${run.process.host} · ${run.process.pid}`}</span>
        return run?.worker ?? '–'
      },
    },
    { id: 'slots', title: 'Slots', width: '3.5rem', align: 'right', from: 480, cell: ({ slots }) => slots },
    { id: 'since', title: 'Since', width: '7rem', from: 480, cell: ({ since }) => <Ago at={since} /> },
    {
      id: 'until',
      title: 'Until',
      width: '8.5rem',
      from: 760,
      cell: ({ until }) =>
        until === null ? (
          'it ends'
        ) : (
          <span className="inline-flex items-center gap-1">
            <Moment at={until} />
            <Info aria-hidden className="size-3 text-ink-3" data-hint="Unless the lease is renewed, which a living holder does in time." />
          </span>
        ),
    },
    {
      id: 'release',
      title: '',
      width: '5.75rem',
      align: 'right',
      cell: ({ lease_id: leaseId, flow_run: run, holder, releasable, kept_by: keptBy }) => {
        const who = run?.name ?? holder?.name ?? 'the lease'
        const what: Releasing | undefined =
          leaseId !== null ? { type: 'lease', leaseId, who } : run !== null ? { type: 'run', runId: run.id, who } : undefined
        const button = (
          <Button size="small" disabled={!releasable || what === undefined} onClick={() => what !== undefined && onRelease(what)}>
            Release
          </Button>
        )
        return keptBy === null ? button : <span data-hint={keptBy}>{button}</span>
      },
    },
  ]
}

function Holder({ holder: { flow_run: run, holder } }: { readonly holder: queries.SlotHolder }): ReactElement {
  if (run !== null)
    return (
      <span className="flex min-w-0 items-baseline gap-1.5">
        <Link to="/runs/$id" params={{ id: run.id }} className="truncate font-medium hover:underline">
          {run.name}
        </Link>
        <span className="truncate text-xs text-ink-3">{run.flow_name}</span>
      </span>
    )
  if (holder === null) return <span className="text-ink-3">somebody outside of a run</span>
  return (
    <span className="truncate">
      {holder.name ?? holder.id} <span className="text-xs text-ink-3">{holder.type.replace('_', ' ')}</span>
    </span>
  )
}
