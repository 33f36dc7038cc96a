import type { RejectReason } from './cleaning.ts'
import { countsByReason, rejectReasons } from './cleaning.ts'
import type { FlightsReport } from './flow.ts'
import { sumOf } from './warehouse.ts'

export interface Totals {
  readonly rowsIn: number
  readonly rowsOut: number
  readonly duplicates: number
  readonly rejected: number
  readonly rejectedBy: Readonly<Record<RejectReason, number>>
}

export function totalsOf(report: FlightsReport): Totals {
  const rejectedBy = countsByReason((reason) => sumOf(report.months.map((month) => month.rejected[reason])))
  return {
    rowsIn: sumOf(report.months.map((month) => month.rowsIn)),
    rowsOut: sumOf(report.months.map((month) => month.rowsOut)),
    duplicates: sumOf(report.months.map((month) => month.duplicates)),
    rejected: sumOf(Object.values(rejectedBy)),
    rejectedBy,
  }
}

export function reportText(report: FlightsReport): string {
  const totals = totalsOf(report)
  const months = report.months.map((month) => [
    month.month,
    month.rowsIn,
    month.rowsOut,
    sumOf(Object.values(month.rejected)),
    month.duplicates,
  ])
  const sum = report.months.length > 1 ? [['all', totals.rowsIn, totals.rowsOut, totals.rejected, totals.duplicates]] : []
  const reasons = rejectReasons
    .filter((reason) => totals.rejectedBy[reason] > 0)
    .map((reason) => `${number(totals.rejectedBy[reason])} ${reason}`)
  const passed = report.checks.filter((check) => check.passed).length
  return [
    table(['month', 'rows in', 'rows out', 'rejected', 'duplicates'], [...months, ...sum]),
    '',
    `Rejected: ${reasons.length === 0 ? 'none' : reasons.join(', ')}.`,
    `Quality checks: ${passed} of ${report.checks.length} passed.`,
    '',
    table(
      ['airport', 'city', 'flights', 'average delay', 'over 15 min late', 'worst delay'],
      report.airports.map((row) => [
        row.airport,
        row.city,
        row.flights,
        `${row.averageDelay.toFixed(1)} min`,
        `${row.latePercent.toFixed(1)} %`,
        `${number(row.worstDelay)} min`,
      ]),
      2,
    ),
  ].join('\n')
}

/** Columns as wide as their widest cell; text to the left (the first `textColumns`), the rest to the right. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[], textColumns = 1): string {
  const cells = [head, ...rows.map((row) => row.map((cell) => (typeof cell === 'number' ? number(cell) : cell)))]
  const widths = head.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)))
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column < textColumns ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd()
  const [first = [], ...rest] = cells
  return [line(first), widths.map((width) => '─'.repeat(width)).join('  '), ...rest.map(line)].map((text) => `  ${text}`).join('\n')
}

export function number(value: number): string {
  return value.toLocaleString('en')
}
