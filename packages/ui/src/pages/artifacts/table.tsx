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
  readonly onSort: (column: string, isDown: boolean) => void
}): ReactElement {
  const names = [...new Set(rows.slice(0, 200).flatMap((row) => Object.keys(row)))]
  const ids = new Map(rows.map((row, at) => [row, String(at)]))
  const columns = names.map((name): Column<Row> => {
    const isNumber = rows.some((row) => typeof row[name] === 'number')
    return {
      id: name,
      title: name,
      width: 'minmax(7rem, 1fr)',
      ...(isNumber ? { align: 'right' as const } : undefined),
      sort: { first: name + UP, next: name + DOWN },
      cell: (row) => cellText(row[name]),
    }
  })
  return (
    <DataTable
      label={label}
      height="rows"
      columns={columns}
      rows={rows}
      idOf={(row) => ids.get(row) ?? ''}
      {...(sortedBy === undefined ? undefined : { sort: sortedBy + (isDown ? DOWN : UP) })}
      onSort={(sort) => onSort(sort.replace(/_(?:ASC|DESC)$/, ''), sort.endsWith(DOWN))}
      empty={<p className="p-4 text-sm">No rows.</p>}
    />
  )
}

const UP = '_ASC'
const DOWN = '_DESC'

function cellText(value: unknown): string {
  if (value === null || value === undefined) return '–'
  if (typeof value === 'number') return number(value)
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
