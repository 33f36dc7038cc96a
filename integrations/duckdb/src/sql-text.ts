// Text of SQL: names and texts that are quoted, and templates whose values become parameters.
import { DuckDbError } from './errors.ts'

/** A text as an SQL literal, for where SQL takes no parameters. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** A name as an SQL identifier; `schema.table` are two. */
export function quoted(name: string): string {
  return name.split('.').map(quotedPart).join('.')
}

function quotedPart(part: string): string {
  if (part.trim() === '' || part.includes('\0'))
    throw new DuckDbError('duckdb/option', `${JSON.stringify(part)} is no name of a table or column`)
  return `"${part.replaceAll('"', '""')}"`
}

/** The name of a column: one identifier, whatever it holds. */
export function quotedColumn(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A part of SQL that stands in a template as it is. */
export class SqlFragment {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** SQL with what belongs to its parameters, by position. */
export interface SqlParts {
  readonly text: string
  readonly values: readonly unknown[]
}

/** Statements have so many parameters at most; more are a list that wants to be one parameter. */
const PARAMETERS_MAX = 10_000

/**
 * Puts a template together: names and fragments stand in its text, parts with their own values are moved in, all else becomes `$1`, `$2` …
 *
 * @param partsOf - the parts of a value that is a query of its own.
 */
export function fromTemplate(
  strings: readonly string[],
  inserted: readonly unknown[],
  partsOf: (value: unknown) => SqlParts | undefined,
): SqlParts {
  const values: unknown[] = []
  let text = strings[0] ?? ''
  for (const [index, value] of inserted.entries()) {
    const parts = value instanceof SqlFragment ? { text: value.text, values: [] } : partsOf(value)
    text += parts === undefined ? `$${values.push(value)}` : renumbered(parts, values)
    text += strings[index + 1] ?? ''
  }
  if (values.length > PARAMETERS_MAX)
    throw new DuckDbError('duckdb/parameter', `the statement has ${values.length} parameters; hand over a list: where id in \${ids}`)
  return { text, values }
}

function renumbered(parts: SqlParts, values: unknown[]): string {
  const before = values.length
  values.push(...parts.values)
  // What is quoted is no parameter.
  return parts.text.replaceAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\d+)/g, (found, number: string | undefined) =>
    number === undefined ? found : `$${before + Number(number)}`,
  )
}
