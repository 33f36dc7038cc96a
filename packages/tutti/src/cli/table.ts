import { stripVTControlCharacters } from 'node:util'
import type { Page } from '../core/query.ts'
import { paint, printLine } from './print.ts'
import type { Output, World } from './world.ts'

export interface Column<T> {
  readonly title: string
  readonly cell: (item: T, to: Output) => string
  readonly align?: 'right'
  /** Never shortened: it is there to be copied. */
  readonly whole?: true
}

const GAP = '  '
const CELL_MIN = 6

/** A page for people; where it ended, and how to go on, is said on stderr so that the table can be piped. */
export function printPage<T>({ output, errors }: World, page: Page<T>, columns: readonly Column<T>[], empty: string): void {
  if (page.items.length === 0) return printLine(errors, empty)
  output.write(renderTable(page.items, columns, output))
  if (page.cursor !== null) printLine(errors, paint(errors, 'dim', `There are more: --cursor ${page.cursor}`))
}

export function renderTable<T>(items: readonly T[], columns: readonly Column<T>[], to: Output): string {
  const rows = items.map((item) => columns.map((column) => oneLine(column.cell(item, to))))
  const widths = fit(
    columns.map((column, at) => Math.max(column.title.length, ...rows.map((row) => widthOf(row[at] ?? '')))),
    columns,
    to.columns,
  )
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => place(cell, widths[at] ?? 0, columns[at]))
      .join(GAP)
      .trimEnd()
  const head = line(columns.map((column) => column.title))
  return `${[paint(to, 'dim', head), ...rows.map(line)].join('\n')}\n`
}

/** Takes from the widest columns what the terminal does not have. */
function fit(widths: readonly number[], columns: readonly { readonly whole?: true }[], available: number | undefined): readonly number[] {
  if (available === undefined) return widths
  const fitted = [...widths]
  let excess = fitted.reduce((sum, width) => sum + width, 0) + GAP.length * (fitted.length - 1) - available
  while (excess > 0) {
    const candidates = fitted.map((width, at) => (columns[at]?.whole === true ? 0 : width))
    const widest = Math.max(...candidates)
    if (widest <= CELL_MIN) break
    const at = candidates.indexOf(widest)
    fitted[at] = widest - 1
    excess -= 1
  }
  return fitted
}

function place<T>(cell: string, width: number, column: Column<T> | undefined): string {
  const shown = widthOf(cell) > width ? `${stripVTControlCharacters(cell).slice(0, Math.max(0, width - 1))}…` : cell
  const space = ' '.repeat(Math.max(0, width - widthOf(shown)))
  return column?.align === 'right' ? space + shown : shown + space
}

function widthOf(cell: string): number {
  return stripVTControlCharacters(cell).length
}

function oneLine(cell: string): string {
  return cell.replaceAll(/\s*\n\s*/g, ' ')
}
