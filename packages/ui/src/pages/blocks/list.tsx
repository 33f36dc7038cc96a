import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { Blocks, Plus } from 'lucide-react'
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
import { Tabs } from '../../parts/tabs.tsx'
import { Ago } from '../../parts/time-text.tsx'
import * as queries from '../../queries.ts'
import { Catalogue } from './catalogue.tsx'
import { TypeMark } from './type-mark.tsx'

const ALL = 'all'

export function askAhead({ address, ask, askPages }: Ahead): void {
  void ask(queries.blockCount())
  void ask(queries.blockTypes())
  void askPages(listOf(address))
}

function listOf(address: AddressReader) {
  return queries.blocks({ text: address.one('q') ?? '', type: address.one('type') ?? '' })
}

export function BlocksPage(): ReactElement {
  const address = useAddress()
  const { data: count } = useQuery(queries.blockCount())
  const { data: types } = useQuery(queries.blockTypes())
  const showTypes = (): void => address.set({ tab: 'types', q: undefined, type: undefined }, { isStep: true })
  return (
    <Page
      title="Blocks"
      about="Typed settings and secrets that code loads by name, changed without a new deployment."
      actions={
        <Button look="primary" icon={Plus} onClick={showTypes}>
          New block
        </Button>
      }
      isFilling
    >
      <Tabs
        label="Blocks"
        value={address.one('tab') === 'types' ? 'types' : 'saved'}
        onChange={(tab) => address.set({ tab: tab === 'saved' ? undefined : tab, q: undefined, type: undefined }, { isStep: true })}
        tabs={[
          { id: 'saved', label: 'Saved', count, content: <SavedBlocks onAdd={showTypes} /> },
          { id: 'types', label: 'Types', count: types?.length, content: <Catalogue /> },
        ]}
      />
    </Page>
  )
}

function SavedBlocks({ onAdd }: { readonly onAdd: () => void }): ReactElement {
  const address = useAddress()
  const navigate = useNavigate()
  const text = address.one('q') ?? ''
  const type = address.one('type') ?? ''
  const { data: types = [] } = useQuery(queries.blockTypes())
  const { data, error, isPending, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(listOf(address))
  const rows = useMemo(() => data?.pages.flat() ?? [], [data])
  return (
    <div className="flex h-full min-h-0 flex-col gap-4 pt-4">
      <div className="flex flex-wrap items-center gap-2">
        <SearchInput label="Find by name" value={text} onChange={(q) => address.set({ q })} shortcut />
        <Select
          label="Type"
          options={[{ value: ALL, label: 'All types' }, ...types.map(({ slug, name }) => ({ value: slug, label: name }))]}
          value={type === '' ? ALL : type}
          onChange={(next) => address.set({ type: next === ALL ? undefined : next })}
        />
      </div>
      {error !== null && data === undefined ? (
        <Failure error={error} onRetry={() => void refetch()} />
      ) : (
        <DataTable
          label="Saved blocks"
          columns={COLUMNS}
          rows={rows}
          idOf={({ id }) => id}
          onOpen={({ id }) => void navigate({ to: '/blocks/$id', params: { id } })}
          isLoading={isPending}
          onMore={hasNextPage ? () => void fetchNextPage() : undefined}
          isLoadingMore={isFetchingNextPage}
          empty={
            text !== '' || type !== '' ? (
              <Empty
                icon={Blocks}
                title="No block is like this"
                action={<Button onClick={() => address.set({ q: undefined, type: undefined })}>Show all blocks</Button>}
              />
            ) : (
              <Empty
                icon={Blocks}
                title="There are no blocks yet"
                command="tutti block create secret/api-token"
                action={
                  <Button look="primary" icon={Plus} onClick={onAdd}>
                    New block
                  </Button>
                }
              >
                A block keeps settings and secrets under a name: a token, a bucket, a warehouse. A type of your own is made with{' '}
                <code className="font-mono text-xs">defineBlock()</code> and{' '}
                <code className="font-mono text-xs">tutti block register FILE</code>.
              </Empty>
            )
          }
        />
      )}
    </div>
  )
}

const COLUMNS: readonly Column<queries.Block>[] = [
  {
    id: 'name',
    title: 'Name',
    width: 'minmax(9rem, 2fr)',
    cell: ({ id, name, block_type: type }) => (
      <span className="flex min-w-0 items-center gap-2">
        <span className="scale-75">
          <TypeMark name={type.name} logoUrl={type.logo_url} />
        </span>
        <Link to="/blocks/$id" params={{ id }} title={name} className="truncate font-medium hover:underline">
          {name}
        </Link>
      </span>
    ),
  },
  {
    id: 'type',
    title: 'Type',
    width: 'minmax(6rem, 1fr)',
    cell: ({ block_type_name: name }) => (
      <span title={name} className="truncate text-ink-2">
        {name}
      </span>
    ),
  },
  {
    id: 'holds',
    title: 'Holds',
    width: 'minmax(8rem, 2fr)',
    from: 760,
    cell: ({ data, tutti_locked: isLocked }) => (
      <span className="truncate text-xs text-ink-3">{isLocked ? 'Locked: its key is not here' : Object.keys(data).join(', ') || '–'}</span>
    ),
  },
  { id: 'changed', title: 'Changed', width: '7rem', from: 520, align: 'right', cell: ({ updated }) => <Ago at={updated} /> },
]
