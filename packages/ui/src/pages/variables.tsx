import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { Plus, SlidersHorizontal, Trash2 } from 'lucide-react'
import { useMemo, useState } from 'react'
import type { ReactElement } from 'react'
import { useAddress } from '../address.ts'
import { useChange } from '../change.ts'
import { Button, IconButton } from '../parts/button.tsx'
import { DataTable } from '../parts/data-table.tsx'
import type { Column } from '../parts/data-table.tsx'
import { CopyButton, Empty } from '../parts/empty.tsx'
import { Failure } from '../parts/failure.tsx'
import { SearchInput } from '../parts/field.tsx'
import { Page } from '../parts/page.tsx'
import { Ago } from '../parts/time-text.tsx'
import { tellFailure, tellUndoable } from '../parts/toasts.tsx'
import * as queries from '../queries.ts'
import { VariableDialog } from './variables/dialog.tsx'
import { codeOf, kindOf } from './variables/value-text.ts'

export function VariablesPage(): ReactElement {
  const address = useAddress()
  const text = address.one('q') ?? ''
  const tag = address.one('tag') ?? ''
  const { data, error, isPending, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(
    queries.variables({ text, tag }),
  )
  const [gone, setGone] = useState<ReadonlySet<string>>(new Set())
  const [edited, setEdited] = useState<queries.Variable | 'new'>()
  const cache = useQueryClient()
  const rows = useMemo(() => (data?.pages ?? []).flat().filter(({ id }) => !gone.has(id)), [data, gone])
  const save = useChange(queries.saveVariable, ['variables'], { isShown: true })

  const remove = ({ id, name }: queries.Variable): void => {
    setGone((before) => new Set([...before, id]))
    const show = (): void => setGone((before) => new Set([...before].filter((each) => each !== id)))
    tellUndoable(
      `The variable ${name} is deleted.`,
      () => {
        void queries
          .removeVariable(id)
          .catch((problem: unknown) => {
            show()
            tellFailure(problem)
          })
          .finally(() => void cache.invalidateQueries({ queryKey: ['variables'] }))
      },
      show,
    )
  }
  const open = (what: queries.Variable | 'new'): void => {
    save.reset()
    setEdited(what)
  }
  const add = (
    <Button look="primary" icon={Plus} onClick={() => open('new')}>
      New variable
    </Button>
  )
  const isFiltered = text !== '' || tag !== ''
  return (
    <Page title="Variables" about="Values that flows read while they run, changed without a new deployment." actions={add} isFilling>
      <div className="flex flex-wrap items-center gap-2">
        <SearchInput label="Find by name" value={text} onChange={(q) => address.set({ q })} shortcut />
        {tag !== '' && (
          <Button size="small" onClick={() => address.set({ tag: undefined })}>
            Tag {tag} ×
          </Button>
        )}
      </div>
      {error !== null && data === undefined ? (
        <Failure error={error} onRetry={() => void refetch()} />
      ) : (
        <DataTable
          label="Variables"
          columns={columnsOf({ onTag: (each) => address.set({ tag: each }, { isStep: true }), onRemove: remove })}
          rows={rows}
          idOf={({ id }) => id}
          onOpen={open}
          isLoading={isPending}
          onMore={hasNextPage ? () => void fetchNextPage() : undefined}
          isLoadingMore={isFetchingNextPage}
          empty={
            isFiltered ? (
              <Empty
                icon={SlidersHorizontal}
                title="No variable is like this"
                action={<Button onClick={() => address.set({ q: undefined, tag: undefined })}>Show all</Button>}
              />
            ) : (
              <Empty icon={SlidersHorizontal} title="There are no variables yet" command="tutti variable set batch_size 500" action={add}>
                A flow reads one with <code className="font-mono text-xs">variable.get('batch_size')</code>; changing it here changes its
                next run.
              </Empty>
            )
          }
        />
      )}
      {edited !== undefined && (
        <VariableDialog
          variable={edited === 'new' ? undefined : edited}
          error={save.error}
          isBusy={save.isPending}
          onClose={() => setEdited(undefined)}
          onSave={(changes) =>
            save.mutate({ id: edited === 'new' ? undefined : edited.id, ...changes }, { onSuccess: () => setEdited(undefined) })
          }
        />
      )}
    </Page>
  )
}

function columnsOf({
  onTag,
  onRemove,
}: {
  readonly onTag: (tag: string) => void
  readonly onRemove: (variable: queries.Variable) => void
}): readonly Column<queries.Variable>[] {
  return [
    {
      id: 'name',
      title: 'Name',
      width: 'minmax(6rem, 1fr)',
      cell: ({ name }) => <span className="font-mono text-xs font-medium">{name}</span>,
    },
    {
      id: 'value',
      title: 'Value',
      width: 'minmax(5rem, 2fr)',
      cell: ({ value }) => (
        <code className="truncate font-mono text-xs text-ink-2">{typeof value === 'string' ? value : JSON.stringify(value)}</code>
      ),
    },
    { id: 'kind', title: 'Kind', width: '5.5rem', from: 520, cell: ({ value }) => <span className="text-ink-2">{kindOf(value)}</span> },
    {
      id: 'tags',
      title: 'Tags',
      width: 'minmax(6rem, 1fr)',
      from: 620,
      cell: ({ tags }) => (
        <span className="flex gap-1 overflow-hidden">
          {tags.map((each) => (
            <button
              key={each}
              type="button"
              onClick={() => onTag(each)}
              className="truncate rounded-full bg-sunken px-2 py-0.5 text-xs text-ink-2 hover:text-ink"
            >
              {each}
            </button>
          ))}
        </span>
      ),
    },
    { id: 'changed', title: 'Changed', width: '7rem', from: 760, cell: ({ updated }) => <Ago at={updated} /> },
    {
      id: 'do',
      title: '',
      width: '4.25rem',
      align: 'right',
      cell: (variable) => (
        <span className="inline-flex">
          <CopyButton text={codeOf(variable.name, variable.value).typescript} label={`Copy the code that reads ${variable.name}`} />
          <IconButton label={`Delete ${variable.name}`} icon={Trash2} size="small" onClick={() => onRemove(variable)} />
        </span>
      ),
    },
  ]
}
