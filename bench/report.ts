import type { Environment } from './environment.ts'
import type { Measurement } from './measurement.ts'
import type { Summary } from './summary.ts'
import type { Workload } from './workload.ts'

/** What is printed, in the order in which it becomes known. */
export interface Report {
  environment(environment: Environment): void
  measurement(measurement: Measurement): void
  summaries(workload: Workload, summaries: readonly Summary[]): void
  end(code: number): void
}

type Print = (line: string) => void

/** One line of JSON for each repeat, and one with `"workload":"median"` for each series. */
export function jsonReport(print: Print): Report {
  return {
    environment: (environment) => print(JSON.stringify(environment)),
    measurement: (measurement) => print(JSON.stringify(measurement)),
    summaries(_workload, summaries) {
      for (const { workload, ...summary } of summaries) print(JSON.stringify({ workload: 'median', of: workload, ...summary }))
    },
    end: () => undefined,
  }
}

/** A table for each workload, with a row of medians for each series. */
export function tableReport(print: Print): Report {
  return {
    environment({ path, filesystem, pragmas, sqlite, cpu, cores, memory_gb, node, version }) {
      print(`Tutti ${version}, Node ${node}, SQLite ${sqlite}, ${cpu} (${cores} cores, ${memory_gb} GB)`)
      print(`${path} (${filesystem}); ${pragmas.normal}; durability full: synchronous = FULL`)
      print('Medians; floor is the time in which the same rows are written with nothing but prepared statements.')
    },
    measurement: () => undefined,
    summaries({ name, about }, summaries) {
      print(`\n${name}  ${about}`)
      const columns = COLUMNS.filter(({ cell }) => summaries.some((summary) => cell(summary) !== ''))
      for (const line of table(columns, summaries)) print(line)
    },
    end(code) {
      if (code === 1) print('\nA workload takes more than its share of times its floor.')
    },
  }
}

interface Column {
  readonly title: string
  readonly align: 'left' | 'right'
  readonly cell: (summary: Summary) => string
}

const COLUMNS: readonly Column[] = [
  { title: 'case', align: 'left', cell: (summary) => summary.case ?? '' },
  { title: 'durability', align: 'left', cell: ({ durability }) => durability ?? '' },
  { title: 'n', align: 'right', cell: ({ n }) => number(n) },
  { title: 'ms', align: 'right', cell: (summary) => number(summary.total_ms) },
  { title: '/s', align: 'right', cell: (summary) => number(summary.per_second) },
  { title: 'p50 µs', align: 'right', cell: (summary) => number(summary.p50_us) },
  { title: 'p95 µs', align: 'right', cell: (summary) => number(summary.p95_us) },
  { title: 'p99 µs', align: 'right', cell: (summary) => number(summary.p99_us) },
  { title: 'RSS MB', align: 'right', cell: (summary) => number(summary.rss_mb) },
  { title: 'heap MB', align: 'right', cell: (summary) => number(summary.heap_mb) },
  { title: 'replay ms', align: 'right', cell: (summary) => number(summary.replay_ms) },
  { title: 'floor ms', align: 'right', cell: (summary) => number(summary.floor_ms) },
  { title: 'ratio', align: 'right', cell: ratio },
  { title: 'goal', align: 'left', cell: goals },
]

function ratio({ ratio, ratio_max: max, within }: Summary): string {
  if (ratio === undefined) return ''
  return max === undefined ? ratio.toFixed(2) : `${ratio.toFixed(2)} ${within === true ? '<=' : '>'} ${max}`
}

function goals(summary: Summary): string {
  return (summary.goals ?? [])
    .map(({ value, atMost, atLeast, reached }) => {
      const bound = atMost === undefined ? `>= ${number(atLeast)}` : `<= ${number(atMost)}`
      return `${value} ${bound} ${reached ? 'reached' : 'missed'}`
    })
    .join(', ')
}

function number(value: number | undefined): string {
  if (value === undefined) return ''
  return value.toLocaleString('en', { maximumFractionDigits: value < 100 ? 1 : 0 })
}

function table(columns: readonly Column[], summaries: readonly Summary[]): readonly string[] {
  const cells = [columns.map(({ title }) => title), ...summaries.map((summary) => columns.map(({ cell }) => cell(summary)))]
  const widths = columns.map((_, index) => Math.max(...cells.map((row) => row[index]!.length)))
  return cells.map((row) =>
    `  ${row.map((text, index) => (columns[index]!.align === 'left' ? text.padEnd(widths[index]!) : text.padStart(widths[index]!))).join('  ')}`.trimEnd(),
  )
}
