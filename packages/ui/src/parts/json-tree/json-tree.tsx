import { ChevronDown, ChevronRight } from 'lucide-react'
import { useMemo, useState } from 'react'
import type { ReactElement } from 'react'
import { Button } from '../button.tsx'
import { CopyButton } from '../empty.tsx'
import { SearchInput } from '../field.tsx'
import { jsonRows, jsonText } from './json-rows.ts'
import type { JsonRow } from './json-rows.ts'

const ROWS = 300
/** Longer values can be searched. */
const SEARCHED_FROM = 12

const COLORS: Readonly<Record<JsonRow['kind'], string>> = {
  string: 'text-(--state-completed-text)',
  number: 'text-(--state-running-text)',
  boolean: 'text-(--state-crashed-text)',
  null: 'text-ink-3',
  typed: 'text-(--state-late-text)',
  open: 'text-ink-3',
  closed: 'text-ink-3',
}

/** A value that is looked into, searched and copied. */
export function JsonTree({ value, label }: { readonly value: unknown; readonly label: string }): ReactElement {
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set())
  const [searched, setSearched] = useState('')
  const [limit, setLimit] = useState(ROWS)
  const { rows, hasMore } = useMemo(() => jsonRows(value, { toggled, searched, limit }), [value, toggled, searched, limit])
  const [isLong] = useState(() => rows.length >= SEARCHED_FROM)
  const toggle = (path: string): void => {
    const next = new Set(toggled)
    if (!next.delete(path)) next.add(path)
    setToggled(next)
  }
  return (
    <div className="min-w-0">
      <div className="flex items-center justify-end gap-2 pb-2">
        {isLong && <SearchInput label={`Search in ${label}`} value={searched} onChange={setSearched} />}
        <CopyButton text={jsonText(value)} label={`Copy ${label} as JSON`} />
      </div>
      <ul aria-label={label} className="min-w-0 font-mono text-xs leading-5">
        {rows.map((row) => (
          <Row key={row.path} row={row} onToggle={toggle} />
        ))}
      </ul>
      {rows.length === 0 && <p className="text-sm text-ink-3">Nothing in it has this text.</p>}
      {hasMore && (
        <div className="pt-2">
          <Button size="small" onClick={() => setLimit(limit + ROWS)}>
            Show more
          </Button>
        </div>
      )}
    </div>
  )
}

function Row({ row, onToggle }: { readonly row: JsonRow; readonly onToggle: (path: string) => void }): ReactElement {
  const { path, depth, name, kind, text, type, isMatch } = row
  const isBranch = (kind === 'open' || kind === 'closed') && text !== '{}' && text !== '[]' && text !== 'itself'
  const Chevron = kind === 'open' ? ChevronDown : ChevronRight
  const label = name === undefined ? null : <span className="text-ink-2">{name}</span>
  const shown = (
    <>
      {type !== undefined && <span className="text-ink-3">{type} </span>}
      <span className={`break-words whitespace-pre-wrap ${COLORS[kind]}`}>{kind === 'string' ? JSON.stringify(text) : text}</span>
    </>
  )
  return (
    <li
      className={`flex min-w-0 items-start rounded-sm ${isMatch ? 'bg-accent-soft' : ''}`}
      style={{ paddingLeft: `${Math.min(depth, 12)}rem` }}
      title={path}
    >
      {isBranch ? (
        <button
          type="button"
          aria-expanded={kind === 'open'}
          onClick={() => onToggle(path)}
          className="flex min-w-0 items-start gap-1 rounded-sm text-left hover:bg-hover"
        >
          <Chevron aria-hidden className="mt-1 size-3 shrink-0 text-ink-3" />
          <span className="min-w-0">
            {label}
            {label === null ? '' : ': '}
            {shown}
          </span>
        </button>
      ) : (
        <span className="min-w-0 pl-4">
          {label}
          {label === null ? '' : ': '}
          {shown}
        </span>
      )}
    </li>
  )
}
