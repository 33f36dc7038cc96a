import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { FileBox } from 'lucide-react'
import { useMemo } from 'react'
import type { ReactElement } from 'react'
import { useAddress } from '../../address.ts'
import type { AddressReader } from '../../address.ts'
import type { Ahead } from '../../ahead.ts'
import { Button } from '../../parts/button.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import type { Column } from '../../parts/data-table.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Failure } from '../../parts/failure.tsx'
import { SearchInput, Select } from '../../parts/field.tsx'
import { Page } from '../../parts/page.tsx'
import { Ago } from '../../parts/time-text.tsx'
import * as queries from '../../queries.ts'
import { iconOf, KINDS, previewOf } from './kinds.ts'

const ALL = 'all'

export function askAhead({ address, askPages }: Ahead): void {
  void askPages(listOf(address))
}

function listOf(address: AddressReader) {
  return queries.latestArtifacts({ text: address.one('q') ?? '', type: address.one('type') ?? '' })
}

export function ArtifactsPage(): ReactElement {
  const address = useAddress()
  const navigate = useNavigate()
  const text = address.one('q') ?? ''
  const type = address.one('type') ?? ''
  const { data, error, isPending, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(listOf(address))
  const rows = useMemo(() => data?.pages.flat() ?? [], [data])
  const isFiltered = text !== '' || type !== ''
  return (
    <Page title="Artifacts" about="What runs made for people to look at: the latest of each key." isFilling>
      <div className="flex flex-wrap items-center gap-2">
        <SearchInput label="Find by key" value={text} onChange={(q) => address.set({ q })} shortcut />
        <Select
          label="Type"
          options={[
            { value: ALL, label: 'All types' },
            ...KINDS.map((each) => ({ value: each, label: each.charAt(0).toUpperCase() + each.slice(1) })),
          ]}
          value={type === '' ? ALL : type}
          onChange={(next) => address.set({ type: next === ALL ? undefined : next })}
        />
      </div>
      {error !== null && data === undefined ? (
        <Failure error={error} onRetry={() => void refetch()} />
      ) : (
        <DataTable
          label="Artifacts"
          columns={COLUMNS}
          rows={rows}
          idOf={({ id }) => id}
          onOpen={({ latest_id: id }) => void navigate({ to: '/artifacts/$id', params: { id } })}
          isLoading={isPending}
          onMore={hasNextPage ? () => void fetchNextPage() : undefined}
          isLoadingMore={isFetchingNextPage}
          empty={
            isFiltered ? (
              <Empty
                icon={FileBox}
                title="No artifact is like this"
                action={<Button onClick={() => address.set({ q: undefined, type: undefined })}>Show all artifacts</Button>}
              />
            ) : (
              <Empty icon={FileBox} title="There are no artifacts yet" command="await artifact.markdown({ key: 'report', text: '# Done' })">
                Flows and tasks publish reports, tables, links, images and progress with a key; the latest of each key stands here.
              </Empty>
            )
          }
        />
      )}
    </Page>
  )
}

const COLUMNS: readonly Column<queries.LatestArtifact>[] = [
  {
    id: 'key',
    title: 'Key',
    width: 'minmax(9rem, 1fr)',
    cell: ({ key, latest_id: id, type }) => {
      const Icon = iconOf(type)
      return (
        <span className="flex min-w-0 items-center gap-2">
          <Icon aria-hidden className="size-4 shrink-0 text-ink-3" />
          <Link to="/artifacts/$id" params={{ id }} className="truncate font-medium hover:underline">
            {key}
          </Link>
        </span>
      )
    },
  },
  { id: 'type', title: 'Type', width: '5.5rem', from: 480, cell: ({ type }) => type ?? '–' },
  {
    id: 'preview',
    title: 'What it says',
    width: 'minmax(8rem, 2fr)',
    from: 640,
    cell: ({ type, data }) => <span className="text-ink-2">{previewOf(type, data)}</span>,
  },
  {
    id: 'about',
    title: 'Description',
    width: 'minmax(8rem, 1fr)',
    from: 960,
    cell: ({ description }) => <span className="text-ink-2">{description ?? '–'}</span>,
  },
  { id: 'at', title: 'Published', width: '7rem', align: 'right', cell: ({ updated }) => <Ago at={updated} /> },
]
