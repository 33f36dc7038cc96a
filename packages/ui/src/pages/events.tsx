import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ArrowUp, Radio } from 'lucide-react'
import { useMemo, useState } from 'react'
import type { ReactElement } from 'react'
import { useAddress } from '../address.ts'
import type { AddressReader } from '../address.ts'
import { useArrival } from '../ahead.ts'
import type { Ahead } from '../ahead.ts'
import { number, plural } from '../format.ts'
import { Button } from '../parts/button.tsx'
import { DataTable } from '../parts/data-table.tsx'
import type { Column } from '../parts/data-table.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Empty } from '../parts/empty.tsx'
import { Failure } from '../parts/failure.tsx'
import { SearchInput, Select } from '../parts/field.tsx'
import { JsonTree } from '../parts/json-tree/json-tree.tsx'
import { Page } from '../parts/page.tsx'
import { StateIcon } from '../parts/state-badge.tsx'
import { Moment } from '../parts/time-text.tsx'
import * as queries from '../queries.ts'
import { FEED_WINDOWS, feedWindow, stepOf, USUAL_WINDOW } from '../time-window.ts'
import { CountsChart } from './events/counts-chart.tsx'
import { resourceOf, stateOfEvent, wordsOf } from './events/resources.ts'

const ALL = 'all'

/** Each can be hit: 24 pixels of a page that is not narrow. */
const BARS_MAX = 42

export function askAhead({ address, now, ask, askPages }: Ahead): void {
  const { whole, search, stepMs } = searchesOf(address, now)
  void askPages(queries.events(search))
  void ask(queries.eventCounts(whole, stepMs))
  void ask(queries.eventNames(whole.since, whole.until))
}

interface Searches {
  /** Of the window, which the bars show. */
  readonly whole: queries.EventSearch
  /** Of the part of it that was chosen. */
  readonly search: queries.EventSearch
  readonly stepMs: number
}

function searchesOf({ one }: AddressReader, until: number): Searches {
  const { ms } = feedWindow(one('window'))
  const [from, to] = [one('from'), one('to')]
  const whole = {
    text: one('q') ?? '',
    prefix: one('event') ?? '',
    resource: one('resource') ?? '',
    since: new Date(until - ms).toISOString(),
    until: new Date(until).toISOString(),
  }
  const search = from === undefined || to === undefined ? whole : { ...whole, since: from, until: to }
  return { whole, search, stepMs: stepOf(ms, BARS_MAX) }
}

export function EventsPage(): ReactElement {
  const address = useAddress()
  // The feed stands still until somebody asks for what is new, so that nothing moves while it is read.
  const [until, setUntil] = useState(useArrival())
  const { whole, search, stepMs } = searchesOf(address, until)
  const { text, prefix, resource } = whole
  const windowIs = feedWindow(address.one('window'))
  const isPart = search !== whole
  const { data, error, isPending, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(queries.events(search))
  const { data: counts } = useQuery(queries.eventCounts(whole, stepMs))
  const { data: names } = useQuery(queries.eventNames(whole.since, whole.until))
  const { data: fresh = 0 } = useQuery(queries.newEvents(whole))
  const rows = useMemo(() => data?.pages.flatMap((page) => page.events) ?? [], [data])
  const opened = rows.find(({ id }) => id === address.one('id'))
  const isFiltered = text !== '' || prefix !== '' || resource !== '' || isPart
  const options = [
    { value: ALL, label: 'All events' },
    ...(prefix !== '' && names?.every(({ value }) => value !== prefix) === true ? [{ value: prefix, label: prefix }] : []),
    ...(names ?? []).map(({ value, count }) => ({ value, label: `${value.replace(/^prefect\./, '')} (${number(count)})` })),
  ]
  return (
    <Page
      title="Events"
      about="What happened, to what, and what it touched."
      beside={<span className="tabular text-sm text-ink-3">{data === undefined ? '' : totalOf(data.pages[0])}</span>}
      actions={
        fresh > 0 ? (
          <Button look="primary" size="small" icon={ArrowUp} onClick={() => setUntil(Date.now())}>
            {number(fresh)} new
          </Button>
        ) : undefined
      }
      isFilling
    >
      <div className="flex flex-wrap items-center gap-2">
        <SearchInput label="Find by words" value={text} onChange={(q) => address.set({ q })} shortcut />
        <SearchInput
          label="Resource, as prefect.flow-run.ID or orders.*"
          value={resource}
          onChange={(next) => address.set({ resource: next })}
        />
        <Select
          label="Event"
          options={options}
          value={prefix === '' ? ALL : prefix}
          onChange={(next) => address.set({ event: next === ALL ? undefined : next })}
        />
        <Select
          label="Time"
          options={FEED_WINDOWS.map(({ id, label }) => ({ value: id, label }))}
          value={windowIs.id}
          onChange={(next) => {
            setUntil(Date.now())
            address.set({ window: next === USUAL_WINDOW ? undefined : next, from: undefined, to: undefined })
          }}
        />
        {isPart && (
          <Button size="small" onClick={() => address.set({ from: undefined, to: undefined })}>
            Whole time ×
          </Button>
        )}
      </div>
      {counts !== undefined && counts.length > 0 && (
        <CountsChart
          bars={counts.map(({ start_time: start, end_time: end, count }) => ({ start, end, count }))}
          onChoose={({ start, end }) => address.set({ from: start, to: end }, { isStep: true })}
        />
      )}
      {error !== null && data === undefined ? (
        <Failure error={error} onRetry={() => void refetch()} />
      ) : (
        <DataTable
          label="Events"
          columns={COLUMNS}
          rows={rows}
          idOf={({ id }) => id}
          onOpen={({ id }) => address.set({ id }, { isStep: true })}
          isLoading={isPending}
          onMore={hasNextPage ? () => void fetchNextPage() : undefined}
          isLoadingMore={isFetchingNextPage}
          empty={
            <Empty
              icon={Radio}
              title={isFiltered ? 'No event is like this' : `Nothing happened in the ${windowIs.label.toLowerCase()}`}
              action={
                isFiltered ? (
                  <Button
                    onClick={() => address.set({ q: undefined, event: undefined, resource: undefined, from: undefined, to: undefined })}
                  >
                    Show all events
                  </Button>
                ) : undefined
              }
            >
              Runs, deployments, pools and limits tell what happens to them, and your own programs may too.
            </Empty>
          }
        />
      )}
      {opened !== undefined && <EventDialog event={opened} onClose={() => address.set({ id: undefined })} />}
    </Page>
  )
}

const COLUMNS: readonly Column<queries.RecordedEvent>[] = [
  { id: 'at', title: 'When', width: '8.5rem', cell: ({ occurred }) => <Moment at={occurred} /> },
  {
    id: 'event',
    title: 'What happened',
    width: 'minmax(9rem, 1.4fr)',
    cell: ({ event }) => {
      const state = stateOfEvent(event)
      return (
        <span className="flex min-w-0 items-center gap-2" title={event}>
          {state !== undefined && <StateIcon type={state.type} name={state.name} />}
          <span className="truncate font-medium">{wordsOf(event)}</span>
        </span>
      )
    },
  },
  {
    id: 'to',
    title: 'To what',
    width: 'minmax(7rem, 1.4fr)',
    from: 460,
    cell: ({ resource }) => <ResourceLink labels={resource} />,
  },
  {
    id: 'related',
    title: 'Touches',
    width: 'minmax(8rem, 2fr)',
    from: 860,
    cell: ({ related }) => (
      <span className="flex min-w-0 gap-3">
        {related.slice(0, 2).map((labels) => (
          <span
            key={`${labels['prefect.resource.id'] ?? ''} ${labels['prefect.resource.role'] ?? ''}`}
            className="max-w-max min-w-0 flex-1 overflow-hidden"
          >
            <ResourceLink labels={labels} />
          </span>
        ))}
        {related.length > 2 && <span className="shrink-0 text-xs leading-5 text-ink-3">and {related.length - 2} more</span>}
      </span>
    ),
  },
]

function ResourceLink({ labels }: { readonly labels: Readonly<Record<string, string>> }): ReactElement {
  const { name, kind, role, to } = resourceOf(labels)
  return (
    <span className="flex min-w-0 items-baseline gap-1.5">
      {to === undefined ? (
        <span className="truncate">{name}</span>
      ) : (
        <Link to={to} className="truncate hover:underline">
          {name}
        </Link>
      )}
      <span className="shrink-0 text-xs text-ink-3">{(role ?? kind).replaceAll('-', ' ')}</span>
    </span>
  )
}

function EventDialog({ event, onClose }: { readonly event: queries.RecordedEvent; readonly onClose: () => void }): ReactElement {
  return (
    <Dialog title={wordsOf(event.event)} about={<span className="font-mono text-xs">{event.event}</span>} isOpen isWide onClose={onClose}>
      <dl className="mb-4 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5 text-sm">
        <dt className="text-ink-3">When</dt>
        <dd>
          <Moment at={event.occurred} />
        </dd>
        <dt className="text-ink-3">To what</dt>
        <dd className="min-w-0">
          <ResourceLink labels={event.resource} />
        </dd>
        {event.related.length > 0 && (
          <>
            <dt className="text-ink-3">Touches</dt>
            <dd className="flex min-w-0 flex-col gap-1">
              {event.related.map((labels) => (
                <ResourceLink key={`${labels['prefect.resource.id'] ?? ''} ${labels['prefect.resource.role'] ?? ''}`} labels={labels} />
              ))}
            </dd>
          </>
        )}
      </dl>
      <JsonTree value={event} label="the event" />
    </Dialog>
  )
}

/** Many states of runs are not counted to the last. */
function totalOf(page: { readonly total: number; readonly tutti_total_is_whole: boolean } | undefined): string {
  if (page === undefined) return plural(0, 'event')
  return page.tutti_total_is_whole ? plural(page.total, 'event') : `${number(page.total)}+ events`
}
