import { ArrowDown, ArrowUp } from 'lucide-react'
import type { ReactElement } from 'react'
import { number } from '../../format.ts'
import { DataTable } from '../../parts/data-table.tsx'
import type { Column } from '../../parts/data-table.tsx'

type Row = Readonly<Record<string, unknown>>

/** Rows that a run published, of any number; a head sorts by its column. */
export function ArtifactTable({
  rows,
  label,
  sortedBy,
  isDown,
  onSort,
}: {
  readonly rows: readonly Row[]
  readonly label: string
  readonly sortedBy: string | undefined
  readonly isDown: boolean
  readonly onSort: (column: string) => void
}): ReactElement {
  const names = [...new Set(rows.slice(0, 200).flatMap((row) => Object.keys(row)))]
  const ids = new Map(rows.map((row, at) => [row, String(at)]))
  const Arrow = isDown ? ArrowDown : ArrowUp
  const columns = names.map((name): Column<Row> => {
    const isNumber = rows.some((row) => typeof row[name] === 'number')
    return {
      id: name,
      title: name,
      width: 'minmax(7rem, 1fr)',
      ...(isNumber ? { align: 'right' as const } : undefined),
      cell: (row) => cellText(row[name]),
    }
  })
  return (
    <div className="flex flex-col gap-2">
      <div role="group" aria-label="Sort by" className="flex flex-wrap items-center gap-1.5 text-xs text-ink-3">
        Sort by
        {names.map((name) => (
          <button
            key={name}
            type="button"
            aria-pressed={sortedBy === name}
            onClick={() => onSort(name)}
            className={`inline-flex items-center gap-1 rounded-full px-2 py-0.5 ${sortedBy === name ? 'bg-accent-soft text-accent-text' : 'bg-sunken text-ink-2 hover:text-ink'}`}
          >
            {name}
            {sortedBy === name && <Arrow aria-label={isDown ? 'largest first' : 'smallest first'} className="size-3" />}
          </button>
        ))}
      </div>
      <DataTable
        label={label}
        height="rows"
        columns={columns}
        rows={rows}
        idOf={(row) => ids.get(row) ?? ''}
        empty={<p className="p-4 text-sm">No rows.</p>}
      />
    </div>
  )
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return '–'
  if (typeof value === 'number') return number(value)
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
