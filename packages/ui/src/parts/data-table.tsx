import { useVirtualizer } from '@tanstack/react-virtual'
import { ArrowDown, ArrowUp } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import type { KeyboardEvent, ReactElement, ReactNode } from 'react'
import { usePreferences } from '../preferences.ts'
import { useShortcuts } from '../shortcuts.ts'
import { Loading } from './failure.tsx'

export interface Column<Row> {
  readonly id: string
  readonly title: string
  /** As in `grid-template-columns`: `minmax(12rem, 2fr)`, `8rem`. */
  readonly width: string
  readonly cell: (row: Row) => ReactNode
  readonly align?: 'right'
  /** Left out where the table is narrower than this many pixels. */
  readonly from?: number
  /** The title asks for the rows in this order; a second time for the reverse, where there is one. */
  readonly sort?: { readonly first: string; readonly next?: string }
  /** It stays in sight when the others are scrolled to the side. */
  readonly isSticky?: boolean
}

/** The part of a table that is in sight. */
export interface TableView {
  readonly first: number
  readonly last: number
  readonly isAtTop: boolean
}

export interface DataTableProps<Row> {
  /** What the rows are, for who does not see the table. */
  readonly label: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly idOf: (row: Row) => string
  readonly onOpen?: (row: Row) => void
  /** Shown in place of rows. */
  readonly empty: ReactNode
  readonly isLoading?: boolean
  /** Asked for when the end comes near; `undefined` when there is no more. */
  readonly onMore?: (() => void) | undefined
  readonly isLoadingMore?: boolean
  /** Ids; with it each row can be marked. */
  readonly marked?: ReadonlySet<string>
  readonly onMark?: (marked: ReadonlySet<string>) => void
  /** How high it is: that of its rows up to a limit, or what its place offers. */
  readonly height?: 'rows' | 'place'
  /** The order the rows are in, as columns name it. */
  readonly sort?: string
  readonly onSort?: (sort: string) => void
  /** A row of two lines, where the table is too narrow for columns. */
  readonly narrow?: (row: Row) => ReactNode
  readonly onView?: (view: TableView) => void
  /** Laid over the top edge of the rows. */
  readonly notice?: ReactNode
  /** Whenever it changes, the table goes to its top. */
  readonly topKey?: string | number
}

const ROW_PX = { comfortable: 44, compact: 32 } as const
const HEAD_PX = 34
const NARROW_ROW_PX = 60
const NARROW_PX = 600
const NEAR_END = 20
const ROWS_TALL_MAX = 15

/** Rows in columns, of which only those in sight are drawn: ten thousand cost what thirty do. `j` and `k` walk, Enter opens, `x` marks. */
export function DataTable<Row>({
  label,
  columns,
  rows,
  idOf,
  onOpen,
  empty,
  isLoading = false,
  onMore,
  isLoadingMore = false,
  marked,
  onMark,
  height = 'place',
  sort,
  onSort,
  narrow,
  onView,
  notice,
  topKey,
}: DataTableProps<Row>): ReactElement {
  const { density } = usePreferences()
  const scroller = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(1_000)
  const narrowRow = width < NARROW_PX ? narrow : undefined
  const rowPx = narrowRow === undefined ? ROW_PX[density] : NARROW_ROW_PX
  const [at, setAt] = useState(-1)
  useEffect(() => {
    const element = scroller.current
    if (element === null) return
    const observer = new ResizeObserver(() => setWidth(element.clientWidth))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    overscan: 8,
    scrollMargin: HEAD_PX,
    getItemKey: (index) => idOf(rows[index]!),
  })
  useEffect(() => virtual.measure(), [rowPx, virtual])
  const items = virtual.getVirtualItems()
  const first = items[0]?.index ?? 0
  const last = items.at(-1)?.index ?? -1
  const isAtTop = (virtual.scrollOffset ?? 0) < rowPx
  useEffect(() => {
    onView?.({ first, last, isAtTop })
  }, [first, last, isAtTop, onView])
  useEffect(() => {
    if (scroller.current !== null) scroller.current.scrollTop = 0
  }, [topKey])
  useEffect(() => {
    if (onMore !== undefined && !isLoadingMore && last >= rows.length - NEAR_END) onMore()
  }, [last, rows.length, onMore, isLoadingMore])

  const walk = (by: number): void => {
    const next = Math.max(0, Math.min(rows.length - 1, at + by))
    setAt(next)
    virtual.scrollToIndex(next)
  }
  const toggle = (row: Row | undefined): void => {
    if (row === undefined || marked === undefined || onMark === undefined) return
    const next = new Set(marked)
    if (!next.delete(idOf(row))) next.add(idOf(row))
    onMark(next)
  }
  const open = (): void => {
    const row = rows[at]
    if (row !== undefined) onOpen?.(row)
  }
  useShortcuts({ j: () => walk(1), k: () => walk(-1), x: () => toggle(rows[at]), o: open })
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget) return
    if (event.key === 'Enter') open()
    else if (event.key === 'ArrowDown') walk(1)
    else if (event.key === 'ArrowUp') walk(-1)
    else return
    event.preventDefault()
  }

  const shown = narrowRow === undefined ? columns.filter(({ from }) => from === undefined || width >= from) : NO_COLUMNS
  const widths = narrowRow === undefined ? shown.map((column) => column.width) : ['minmax(0, 1fr)']
  const template = [...(marked === undefined ? [] : ['2.25rem']), ...widths].join(' ')
  const isAllMarked = marked !== undefined && rows.length > 0 && rows.every((row) => marked.has(idOf(row)))
  const rowsTall = Math.min(rows.length, ROWS_TALL_MAX) * rowPx + HEAD_PX + 1
  return (
    <div
      ref={scroller}
      // A table that has no rows may hold what is no row: how to make some.
      role={rows.length === 0 ? 'region' : 'table'}
      aria-label={label}
      {...(rows.length === 0 ? undefined : { 'aria-rowcount': onMore === undefined ? rows.length + 1 : -1 })}
      tabIndex={0}
      onKeyDown={onKeyDown}
      className={`relative min-h-0 overflow-auto rounded-lg border border-line bg-surface text-sm ${height === 'place' ? 'flex-1' : ''}`}
      style={height === 'rows' && rows.length > 0 ? { height: rowsTall } : undefined}
    >
      {rows.length > 0 && (
        <div
          role="row"
          className="sticky top-0 z-10 grid min-w-fit items-center gap-x-3 border-b border-line bg-surface px-3 text-xs font-medium text-ink-3"
          style={{ gridTemplateColumns: template, height: HEAD_PX }}
        >
          {marked !== undefined && (
            <span role="columnheader">
              <input
                type="checkbox"
                aria-label="Mark all that are loaded"
                checked={isAllMarked}
                onChange={() => onMark?.(isAllMarked ? new Set() : new Set(rows.map(idOf)))}
                className="size-4 align-middle accent-(--accent)"
              />
            </span>
          )}
          {shown.map((column, nth) => (
            <Head key={column.id} column={column} isApart={isApart(shown, nth)} sort={sort} onSort={onSort} />
          ))}
          {narrowRow !== undefined && <span role="columnheader">{label}</span>}
        </div>
      )}
      {notice !== undefined && <div className="sticky top-10 z-10 flex h-0 justify-center">{notice}</div>}
      {rows.length === 0 && (isLoading ? <Loading /> : empty)}
      <div className="relative" {...(rows.length === 0 ? undefined : { role: 'rowgroup' })} style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index, key, start }) => {
          const row = rows[index]!
          const isMarked = marked?.has(idOf(row)) === true
          return (
            <div
              key={key}
              role="row"
              aria-rowindex={index + 2}
              data-row={idOf(row)}
              onClick={(event) => {
                setAt(index)
                // A link or a button inside does its own.
                if ((event.target as HTMLElement).closest('a, button, input') === null && getSelection()?.toString() === '') onOpen?.(row)
              }}
              className={`absolute inset-x-0 grid min-w-fit items-center gap-x-3 border-b border-line px-3 ${onOpen === undefined ? '' : 'cursor-pointer'} ${isMarked ? 'bg-accent-soft' : index === at ? 'bg-hover shadow-[inset_2px_0_0_var(--accent)]' : 'bg-surface hover:bg-hover'}`}
              style={{ gridTemplateColumns: template, height: rowPx, transform: `translateY(${start - HEAD_PX}px)` }}
            >
              {marked !== undefined && (
                <span role="cell">
                  <input
                    type="checkbox"
                    aria-label="Mark"
                    checked={isMarked}
                    onChange={() => toggle(row)}
                    className="size-4 align-middle accent-(--accent)"
                  />
                </span>
              )}
              {shown.map(({ id, cell, align, isSticky }, nth) => (
                <span
                  key={id}
                  role="cell"
                  className={`min-w-0 truncate ${align === 'right' ? 'tabular text-right' : ''} ${isApart(shown, nth) ? APART : ''} ${isSticky === true ? STICKY : ''}`}
                >
                  {cell(row)}
                </span>
              ))}
              {narrowRow !== undefined && (
                <span role="cell" className="min-w-0">
                  {narrowRow(row)}
                </span>
              )}
            </div>
          )
        })}
      </div>
      {isLoadingMore && (
        <p role="status" className="p-2 text-center text-xs text-ink-3">
          Loading more
        </p>
      )}
    </div>
  )
}

const NO_COLUMNS: readonly never[] = []
const STICKY = 'sticky left-3 z-[1] bg-inherit'
const APART = 'pl-3'

/** Numbers that end where words begin would be read as one with them. */
function isApart<Row>(columns: readonly Column<Row>[], nth: number): boolean {
  return columns[nth]?.align !== 'right' && columns[nth - 1]?.align === 'right'
}

function Head<Row>({
  column: { title, align, sort: sorts, isSticky },
  isApart: hasGap,
  sort,
  onSort,
}: {
  readonly column: Column<Row>
  readonly isApart: boolean
  readonly sort: string | undefined
  readonly onSort: ((sort: string) => void) | undefined
}): ReactElement {
  const look = `truncate ${align === 'right' ? 'text-right' : ''} ${hasGap ? APART : ''} ${isSticky === true ? STICKY : ''}`
  if (sorts === undefined || onSort === undefined) {
    return (
      <span role="columnheader" className={look}>
        {title}
      </span>
    )
  }
  const isSorted = sort === sorts.first || sort === sorts.next
  const isDown = sort?.endsWith('_ASC') !== true
  const Arrow = isDown ? ArrowDown : ArrowUp
  return (
    <span role="columnheader" aria-sort={isSorted ? (isDown ? 'descending' : 'ascending') : 'none'} className={look}>
      <button
        type="button"
        onClick={() => onSort(sort === sorts.first && sorts.next !== undefined ? sorts.next : sorts.first)}
        className={`inline-flex max-w-full items-center align-middle gap-1 rounded-sm hover:text-ink ${align === 'right' ? 'flex-row-reverse' : ''} ${isSorted ? 'text-ink' : ''}`}
      >
        <span className="truncate">{title}</span>
        <Arrow aria-hidden className={`size-3 shrink-0 ${isSorted ? '' : 'opacity-0'}`} />
      </button>
    </span>
  )
}
