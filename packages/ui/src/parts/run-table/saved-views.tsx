import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Bookmark, Check, Pencil, Star, StarOff, Trash2 } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import type { ReactElement } from 'react'
import { parseAddress, writeAddress } from '../../address.ts'
import { useNavigate } from '@tanstack/react-router'
import * as queries from '../../queries.ts'
import type { SavedView } from '../../queries.ts'
import { runsAddress } from '../../run-filter.ts'
import type { RunFilter } from '../../run-filter.ts'
import { Button, IconButton, buttonClass } from '../button.tsx'
import { INPUT } from '../field.tsx'
import { Popover } from '../popover.tsx'
import { tell, tellUndoable } from '../toasts.tsx'

/** Filters and order that have a name; one of them may be what the page opens with. */
export function SavedViews({ filter, sort }: { readonly filter: RunFilter; readonly sort: string | undefined }): ReactElement {
  const client = useQueryClient()
  const navigate = useNavigate()
  const { data: views = [] } = useQuery(queries.savedViews())
  const [name, setName] = useState('')
  const [isOpen, setOpen] = useState(false)
  const search = writeAddress({ ...runsAddress(filter), sort })
  const refresh = (): void => void client.invalidateQueries({ queryKey: ['saved-searches'] })
  const { mutate: save } = useMutation({ mutationFn: queries.saveView, onSuccess: refresh })
  const { mutate: remove } = useMutation({ mutationFn: queries.deleteView, onSuccess: refresh })
  const current = views.find((view) => view.search === search)
  const show = (view: SavedView): void => {
    setOpen(false)
    void navigate({ to: '/runs', search: parseAddress(view.search) })
  }

  // Whoever comes without any wish sees the view that is the default; once, so that it can be left.
  const isNew = useRef(search === '')
  const first = views.find(({ isDefault }) => isDefault)
  useEffect(() => {
    if (!isNew.current || first === undefined) return
    isNew.current = false
    void navigate({ to: '/runs', search: parseAddress(first.search), replace: true })
  }, [first, navigate])

  const rename = (view: SavedView, next: string): void => {
    save({ ...view, name: next }, { onSuccess: () => remove(view.id) })
  }
  const makeDefault = (view: SavedView): void => {
    for (const other of views) if (other.isDefault && other.id !== view.id) save({ ...other, isDefault: false })
    save({ ...view, isDefault: !view.isDefault })
  }
  return (
    <Popover
      label="Saved views"
      isOpen={isOpen}
      onOpenChange={setOpen}
      trigger={
        <button type="button" className={buttonClass('ordinary')}>
          <Bookmark aria-hidden className={`size-3.5 ${current === undefined ? '' : 'fill-current'}`} />
          <span className="max-w-40 truncate">{current?.name ?? 'Views'}</span>
        </button>
      }
    >
      {views.length === 0 && <p className="mb-2 text-sm text-ink-2">A view keeps these filters and this order under a name.</p>}
      <ul className="mb-2 flex flex-col">
        {views.map((view) => (
          <ViewItem
            key={view.id}
            view={view}
            isCurrent={view === current}
            isNameTaken={(other) => views.some((each) => each !== view && each.name === other)}
            onShow={() => show(view)}
            onRename={(next) => rename(view, next)}
            onDefault={() => makeDefault(view)}
            onDelete={() => tellUndoable(`Delete the view ${view.name}`, () => remove(view.id))}
          />
        ))}
      </ul>
      <form
        className="flex gap-2 border-t border-line pt-3"
        onSubmit={(event) => {
          event.preventDefault()
          if (name.trim() === '') return
          save(
            { name: name.trim(), search, isDefault: false },
            { onSuccess: () => tell({ tone: 'info', text: `Saved as ${name.trim()}` }) },
          )
          setName('')
        }}
      >
        <input
          aria-label="Name for what is shown"
          placeholder="Name for what is shown"
          className={INPUT}
          value={name}
          maxLength={255}
          onChange={(event) => setName(event.target.value)}
        />
        <Button type="submit" disabled={name.trim() === ''}>
          Save
        </Button>
      </form>
    </Popover>
  )
}

function ViewItem({
  view,
  isCurrent,
  isNameTaken,
  onShow,
  onRename,
  onDefault,
  onDelete,
}: {
  readonly view: SavedView
  readonly isCurrent: boolean
  readonly isNameTaken: (name: string) => boolean
  readonly onShow: () => void
  readonly onRename: (name: string) => void
  readonly onDefault: () => void
  readonly onDelete: () => void
}): ReactElement {
  const [name, setName] = useState<string>()
  if (name !== undefined) {
    const isUsable = name.trim() !== '' && !isNameTaken(name.trim())
    return (
      <li>
        <form
          className="flex items-center gap-1 py-0.5"
          onSubmit={(event) => {
            event.preventDefault()
            if (isUsable && name.trim() !== view.name) onRename(name.trim())
            if (isUsable) setName(undefined)
          }}
        >
          <input
            // oxlint-disable-next-line jsx-a11y/no-autofocus -- the person asked to write here
            autoFocus
            aria-label={`New name of ${view.name}`}
            aria-invalid={!isUsable}
            className={INPUT}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          <IconButton label="Keep this name" icon={Check} size="small" type="submit" disabled={!isUsable} />
        </form>
      </li>
    )
  }
  return (
    <li className="flex items-center rounded-sm hover:bg-hover">
      <button
        type="button"
        onClick={onShow}
        aria-current={isCurrent}
        className={`h-8 min-w-0 flex-1 truncate px-2 text-left text-sm ${isCurrent ? 'font-semibold' : ''}`}
      >
        {view.name}
        {view.isDefault && <span className="ml-2 text-xs font-normal text-ink-3">default</span>}
      </button>
      <IconButton
        label={view.isDefault ? 'No more the view that runs open with' : 'Open runs with this view'}
        icon={view.isDefault ? StarOff : Star}
        size="small"
        onClick={onDefault}
      />
      <IconButton label={`Rename ${view.name}`} icon={Pencil} size="small" onClick={() => setName(view.name)} />
      <IconButton label={`Delete ${view.name}`} icon={Trash2} size="small" onClick={onDelete} />
    </li>
  )
}
