import { FileBox, FileText, Image, Link, ListChecks, Table } from 'lucide-react'
import type { LucideIcon } from 'lucide-react'

const ICONS: Readonly<Record<string, LucideIcon>> = { markdown: FileText, table: Table, link: Link, image: Image, progress: ListChecks }

export const KINDS: readonly string[] = Object.keys(ICONS)

export function iconOf(type: string | null): LucideIcon {
  return ICONS[type ?? ''] ?? FileBox
}

const PREVIEW_MAX = 160

/** The gist of an artifact in one line. */
export function previewOf(type: string | null, data: unknown): string {
  if (type === 'progress') return `${Math.round(Number(data))} %`
  if (type === 'table') {
    const rows = tableRows(data)
    return rows === undefined
      ? textOf(data)
      : `${rows.length} ${rows.length === 1 ? 'row' : 'rows'}: ${Object.keys(rows[0] ?? {}).join(', ')}`
  }
  return textOf(data)
}

function textOf(data: unknown): string {
  const text = typeof data === 'string' ? data : (JSON.stringify(data) ?? '')
  const plain = text
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[#*`|>_-]{1,}/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  return plain.length > PREVIEW_MAX ? `${plain.slice(0, PREVIEW_MAX)}…` : plain
}

/** Rows of a table by their columns: written as records, as lists with a head, or by columns; also as text. `undefined`: it is none of these. */
export function tableRows(data: unknown): readonly Readonly<Record<string, unknown>>[] | undefined {
  const value = typeof data === 'string' ? parsed(data) : data
  if (Array.isArray(value)) {
    const list = value as readonly unknown[]
    if (list.length > 0 && list.every((row) => Array.isArray(row))) {
      const [head = [], ...rows] = list as readonly (readonly unknown[])[] // as just looked at
      return rows.map((row) => Object.fromEntries(head.map((name, at) => [String(name), row[at]])))
    }
    return list.every(isRecord) ? list : undefined
  }
  if (!isRecord(value)) return undefined
  const columns = Object.entries(value).filter((entry): entry is [string, readonly unknown[]] => Array.isArray(entry[1]))
  if (columns.length === 0) return undefined
  const height = Math.max(...columns.map(([, cells]) => cells.length))
  return Array.from({ length: height }, (_, at) => Object.fromEntries(columns.map(([name, cells]) => [name, cells[at]])))
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** As spreadsheets read it (RFC 4180). */
export function csvOf(rows: readonly Readonly<Record<string, unknown>>[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  return [columns, ...rows.map((row) => columns.map((column) => row[column]))].map((cells) => cells.map(csvCell).join(',')).join('\r\n')
}

function csvCell(value: unknown): string {
  const text = value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Numbers by their size, other things by their text; what is missing comes last. */
export function sortedBy(
  rows: readonly Readonly<Record<string, unknown>>[],
  column: string | undefined,
  isDown: boolean,
): readonly Readonly<Record<string, unknown>>[] {
  if (column === undefined) return rows
  return rows.toSorted((one, other) => {
    const [a, b] = [one[column], other[column]]
    if (a === null || a === undefined || b === null || b === undefined)
      return Number(a === null || a === undefined) - Number(b === null || b === undefined)
    const order = typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), 'en', { numeric: true })
    return isDown ? -order : order
  })
}

export interface DiffLine {
  readonly type: 'same' | 'added' | 'removed'
  readonly text: string
}

const DIFFED_MAX = 1_500

/** What became of the lines of a text, by their longest common part. Very long texts are told as wholly changed. */
export function lineDiff(before: string, after: string): readonly DiffLine[] {
  const [old, now] = [before.split('\n'), after.split('\n')]
  const removed = (text: string): DiffLine => ({ type: 'removed', text })
  const added = (text: string): DiffLine => ({ type: 'added', text })
  if (old.length > DIFFED_MAX || now.length > DIFFED_MAX) return [...old.map(removed), ...now.map(added)]
  const width = now.length + 1
  const common = new Uint16Array((old.length + 1) * width)
  for (let i = old.length - 1; i >= 0; i -= 1)
    for (let j = now.length - 1; j >= 0; j -= 1)
      common[i * width + j] =
        old[i] === now[j] ? common[(i + 1) * width + j + 1]! + 1 : Math.max(common[(i + 1) * width + j]!, common[i * width + j + 1]!)
  const lines: DiffLine[] = []
  let i = 0
  let j = 0
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && old[i] === now[j]) {
      lines.push({ type: 'same', text: old[i]! })
      i += 1
      j += 1
    } else if (i < old.length && (j === now.length || common[(i + 1) * width + j]! >= common[i * width + j + 1]!))
      lines.push(removed(old[i++]!))
    else lines.push(added(now[j++]!))
  }
  return lines
}

/** As lines, for comparing. */
export function comparable(type: string | null, data: unknown): string {
  const rows = type === 'table' ? tableRows(data) : undefined
  if (rows !== undefined) return csvOf(rows).replaceAll('\r\n', '\n')
  return typeof data === 'string' ? data : (JSON.stringify(data, null, 2) ?? '')
}

/** What a file with the content of an artifact ends with. */
export function fileEnding(type: string | null, data: unknown): string {
  if (type === 'table' && tableRows(data) !== undefined) return 'csv'
  if (type === 'markdown') return 'md'
  return typeof data === 'string' ? 'txt' : 'json'
}
