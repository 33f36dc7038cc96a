import type { ErrorProto } from './wire.ts'

/** One row that BigQuery did not take. */
export interface RowError {
  /** The file or object it stands in. */
  readonly file: string | null
  /** From 1. */
  readonly line: number | null
  /** Of rows that were given one by one: which of them, from 0. */
  readonly row: number | null
  /** Where the row begins in the file, uncompressed, from 0. */
  readonly byteOffset: number | null
  readonly column: string | null
  /** What stood there, as far as BigQuery says. */
  readonly value: string | null
  readonly message: string
}

/** How many rows a message names. */
const NAMED_MAX = 5

/** The errors of a job that are about rows: what is said about the job as a whole is left out. */
export function rowErrorsOf(errors: readonly ErrorProto[] = []): readonly RowError[] {
  return errors.flatMap(({ message = '', location }) => {
    const line = /\bline_number: (\d+)/.exec(message)?.[1]
    const offset = (/byte_offset_to_start_of_line: (\d+)/.exec(message) ?? /starting at (?:position|location):? (\d+)/.exec(message))?.[1]
    if (line === undefined && offset === undefined) return []
    const column = firstOf(message, [
      /column_name: "([^"]+)"/,
      /\bField: ([^\s;]+)/,
      /for field (\S+) \(position/,
      /[Nn]o such field: ([\w.]*\w)/,
    ])
    const value = firstOf(message, [/\bvalue: "(.*?)"(?: File:|$)/s, /Could not parse '(.*?)' as /s])
    const file = firstOf(message, [/\bFile: (\S+)$/, /at file: (\S+?)\.? /]) ?? location
    return [
      {
        file: file ?? null,
        line: line === undefined ? null : Number(line),
        row: null,
        byteOffset: offset === undefined ? null : Number(offset),
        column: column ?? null,
        value: value ?? null,
        message: essence(message),
      },
    ]
  })
}

function firstOf(text: string, patterns: readonly RegExp[]): string | undefined {
  return patterns.map((pattern) => pattern.exec(text)?.[1]).find((found) => found !== undefined)
}

/** Without what is the same for every row, and without the numbers that are told on their own. */
function essence(message: string): string {
  return message
    .replace(/^Error while reading data, error message: /, '')
    .replace(/^JSON parsing error in row starting at position \d+(?: at file: \S+)?[:.] ?\.? ?/, '')
    .replace(/\s+starting at location \d+/, '')
    .replace(/;?\s*line_number: .*$/s, '')
    .replace(/\s*File: \S+$/, '')
    .replace(/\s*Field: [^\s;]+;?/, '')
    .trim()
}

/** The first rows, one a line: `gs://trips/a.csv, line 3, column "id": Unable to parse "x"`. */
export function describeRows(rows: readonly RowError[]): string {
  const lines = rows.slice(0, NAMED_MAX).map((row) => {
    const column = row.column === null ? '' : `, column ${JSON.stringify(row.column)}`
    const value = row.value === null ? '' : ` ${JSON.stringify(row.value)}`
    return `  ${row.file === null ? '' : `${row.file}, `}${placeOf(row)}${column}: ${row.message}${value}`
  })
  return [...lines, ...(rows.length > NAMED_MAX ? [`  and ${rows.length - NAMED_MAX} more`] : [])].join('\n')
}

function placeOf({ line, row, byteOffset }: RowError): string {
  if (row !== null) return `row ${row}`
  return line === null ? `at byte ${byteOffset}` : `line ${line}`
}
