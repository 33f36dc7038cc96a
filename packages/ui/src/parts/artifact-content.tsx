import type { ReactElement } from 'react'
import { number } from '../format.ts'
import { JsonTree } from './json-tree/json-tree.tsx'
import { Markdown } from './markdown.tsx'

export interface ArtifactContentProps {
  readonly type: string | null
  readonly data: unknown
  readonly label: string
}

/** What an artifact says, by its type. */
export function ArtifactContent({ type, data, label }: ArtifactContentProps): ReactElement {
  switch (type) {
    case 'markdown':
      return typeof data === 'string' ? <Markdown text={data} /> : <JsonTree value={data} label={label} />
    case 'link':
    case 'link-artifact':
      return typeof data === 'string' ? <Markdown text={data} /> : <JsonTree value={data} label={label} />
    case 'table':
      return <Rows data={data} label={label} />
    case 'progress':
      return <Progress data={data} label={label} />
    case 'image':
      return typeof data === 'string' && /^(?:https?:|data:image\/)/.test(data) ? (
        <img src={data} alt={label} className="max-h-96 max-w-full rounded-md border border-line" />
      ) : (
        <JsonTree value={data} label={label} />
      )
    default:
      return typeof data === 'string' ? (
        <p className="text-sm break-words whitespace-pre-wrap">{data}</p>
      ) : (
        <JsonTree value={data} label={label} />
      )
  }
}

function Progress({ data, label }: { readonly data: unknown; readonly label: string }): ReactElement {
  const share = Math.min(100, Math.max(0, Number(data)))
  const shown = Number.isFinite(share) ? share : 0
  return (
    <div className="flex items-center gap-3">
      <progress aria-label={label} max={100} value={shown} className="sr-only" />
      <div aria-hidden className="h-2 flex-1 overflow-hidden rounded-full bg-sunken">
        <div className="h-full rounded-full bg-(--state-running)" style={{ width: `${shown}%` }} />
      </div>
      <span className="tabular w-12 text-right text-sm">{`${Math.round(shown)} %`}</span>
    </div>
  )
}

const ROWS_MAX = 200

/** A list of records, or of lists; as text too, as the protocol's client keeps it. */
function Rows({ data, label }: { readonly data: unknown; readonly label: string }): ReactElement {
  const { columns, rows } = tableOf(data)
  if (rows.length === 0) return <JsonTree value={data} label={label} />
  return (
    <div className="overflow-x-auto rounded-md border border-line">
      <table className="w-full border-collapse text-sm">
        <caption className="sr-only">{label}</caption>
        <thead>
          <tr className="bg-sunken text-left text-xs text-ink-2">
            {columns.map((column) => (
              <th key={column} scope="col" className="px-3 py-1.5 font-medium whitespace-nowrap">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, ROWS_MAX).map((row, at) => (
            // oxlint-disable-next-line react/no-array-index-key -- rows of a table that was written once
            <tr key={at} className="border-t border-line">
              {columns.map((column, index) => (
                <td key={column} className="tabular px-3 py-1.5 align-top break-words">
                  {cellText(row[index])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > ROWS_MAX && (
        <p className="border-t border-line px-3 py-1.5 text-xs text-ink-3">{`The first ${ROWS_MAX} of ${number(rows.length)} rows.`}</p>
      )}
    </div>
  )
}

function tableOf(data: unknown): { readonly columns: readonly string[]; readonly rows: readonly (readonly unknown[])[] } {
  const nothing = { columns: [], rows: [] }
  const value = typeof data === 'string' ? parsed(data) : data
  if (Array.isArray(value)) {
    const list = value as readonly unknown[]
    if (list.every((row) => Array.isArray(row))) {
      const [head = [], ...rows] = list as readonly (readonly unknown[])[] // as just looked at
      return { columns: head.map(String), rows }
    }
    const records = list.filter((row) => typeof row === 'object' && row !== null) as readonly Readonly<Record<string, unknown>>[] // as just looked at
    const columns = [...new Set(records.flatMap((row) => Object.keys(row)))]
    return { columns, rows: records.map((row) => columns.map((column) => row[column])) }
  }
  if (typeof value !== 'object' || value === null) return nothing
  // By columns.
  const entries = Object.entries(value).filter((entry): entry is [string, readonly unknown[]] => Array.isArray(entry[1]))
  const height = Math.max(0, ...entries.map(([, cells]) => cells.length))
  return { columns: entries.map(([name]) => name), rows: Array.from({ length: height }, (_, at) => entries.map(([, cells]) => cells[at])) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return '–'
  if (typeof value === 'number') return number(value)
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
