import { Typed } from './stored-value.ts'

export type JsonKind = 'string' | 'number' | 'boolean' | 'null' | 'typed' | 'open' | 'closed'

/** One line of a tree. */
export interface JsonRow {
  /** As programs write it: `rows[3].name`; empty for the value itself. */
  readonly path: string
  readonly depth: number
  /** Absent for the value itself. */
  readonly name?: string
  readonly kind: JsonKind
  /** The value, or what a branch has inside. */
  readonly text: string
  /** Of a value that JSON cannot say. */
  readonly type?: string
  readonly isMatch: boolean
  readonly value: unknown
}

export interface RowsAsked {
  /** Branches that differ from what their depth says. */
  readonly toggled: ReadonlySet<string>
  /** Shown are only lines that have it, and what stands around them. */
  readonly searched?: string
  readonly limit: number
}

const OPEN_DEPTH = 2
/** A long branch is left closed. */
const OPEN_MEMBERS_MAX = 100
const LOOKED_MAX = 50_000

/** A value as lines, branches opened or closed. `hasMore`: there are more lines than were asked for. */
export function jsonRows(
  value: unknown,
  { toggled, searched = '', limit }: RowsAsked,
): { readonly rows: readonly JsonRow[]; readonly hasMore: boolean } {
  const wanted = searched.toLowerCase()
  const rows: JsonRow[] = []
  let left = LOOKED_MAX
  const around: unknown[] = []

  /** Whether the line, or one below it, is shown. */
  const visit = (each: unknown, path: string, depth: number, name: string | undefined): boolean => {
    left -= 1
    if (rows.length > limit || left < 0) return false
    const [inner, type] = each instanceof Typed ? [each.value, each.type] : [each, undefined]
    const members = membersOf(inner)
    const named = {
      path,
      depth,
      ...(name === undefined ? undefined : { name }),
      ...(type === undefined ? undefined : { type }),
      value: each,
    }
    const isNamed = wanted !== '' && name?.toLowerCase().includes(wanted) === true
    if (members === undefined) {
      const text = leafText(inner)
      const isMatch = isNamed || (wanted !== '' && text.toLowerCase().includes(wanted))
      if (wanted !== '' && !isMatch) return false
      rows.push({ ...named, kind: type === undefined ? kindOf(inner) : 'typed', text, isMatch })
      return true
    }
    const isOpenByItself = depth < OPEN_DEPTH && members.length <= OPEN_MEMBERS_MAX
    const isCycle = around.includes(inner)
    const isOpen = !isCycle && members.length > 0 && (wanted === '' ? isOpenByItself !== toggled.has(path) : !toggled.has(path))
    const at = rows.length
    const summary = summaryOf(inner, members.length)
    rows.push({ ...named, kind: isOpen ? 'open' : 'closed', text: isCycle ? 'itself' : summary, isMatch: isNamed })
    if (!isOpen) return keepOr(isNamed || wanted === '', at)
    around.push(inner)
    let hasShown = false
    for (const [key, member] of members) hasShown = visit(member, pathOf(path, key, inner), depth + 1, String(key)) || hasShown
    around.pop()
    return keepOr(wanted === '' || isNamed || hasShown, at)
  }
  const keepOr = (isKept: boolean, at: number): boolean => {
    if (!isKept) rows.length = at
    return isKept
  }
  visit(value, '', 0, undefined)
  return { rows: rows.slice(0, limit), hasMore: rows.length > limit }
}

function membersOf(value: unknown): readonly (readonly [string | number, unknown])[] | undefined {
  if (Array.isArray(value)) return (value as readonly unknown[]).map((each, at) => [at, each] as const)
  return typeof value === 'object' && value !== null && !(value instanceof Typed) ? Object.entries(value) : undefined
}

function summaryOf(value: unknown, count: number): string {
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}']
  return count === 0 ? `${open}${close}` : `${open} ${count} ${close}`
}

function pathOf(path: string, key: string | number, inside: unknown): string {
  if (Array.isArray(inside)) return `${path}[${key}]`
  const name = String(key)
  if (!/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name)) return `${path}[${JSON.stringify(name)}]`
  return path === '' ? name : `${path}.${name}`
}

function leafText(value: unknown): string {
  if (value instanceof Typed) return `${value.type} ${leafText(value.value)}`
  return typeof value === 'string' ? value : String(value)
}

function kindOf(value: unknown): JsonKind {
  if (value === null) return 'null'
  const type = typeof value
  return type === 'string' || type === 'number' || type === 'boolean' ? type : 'typed'
}

/** What a copy of it says: JSON, with the nearest likeness of what JSON cannot say. */
export function jsonText(value: unknown): string {
  const around: unknown[] = []
  const plain = (each: unknown): unknown => {
    if (each instanceof Typed) return each.type === 'undefined' ? undefined : plain(each.value)
    if (typeof each !== 'object' || each === null) return each
    if (around.includes(each)) return '[itself]'
    around.push(each)
    const copy = Array.isArray(each)
      ? (each as readonly unknown[]).map(plain)
      : Object.fromEntries(Object.entries(each).map(([key, member]) => [key, plain(member)]))
    around.pop()
    return copy
  }
  return JSON.stringify(plain(value), null, 2) ?? 'undefined'
}
