// What is in a table, column by column: the first look at data, and an artifact of the run that loaded it.
import { artifact } from 'tutti'
import { quotedColumn } from './sql-text.ts'

export interface ColumnProfile {
  readonly column: string
  readonly type: string
  readonly nulls: number
  /** About how many different values there are: within a few percent. */
  readonly distinct: number
  /** Smallest and largest, as text; `null` when there is no value, or none is smaller than another. */
  readonly min: string | null
  readonly max: string | null
}

export interface Profile {
  readonly rows: number
  readonly columns: readonly ColumnProfile[]
}

export interface Column {
  readonly name: string
  readonly type: string
}

const TEXT_CHARACTERS_MAX = 100

/** One row with all numbers: the table is read once. */
export function profileSql(relation: string, columns: readonly Column[]): string {
  const parts = columns.flatMap(({ name, type }, index) => {
    const column = quotedColumn(name)
    const isOrdered = !/^(STRUCT|MAP|UNION|BLOB|JSON|VARIANT|GEOMETRY)|\]$/.test(type)
    const text = (value: string): string => (isOrdered ? `left(cast(${value} as varchar), ${TEXT_CHARACTERS_MAX})` : 'null::varchar')
    return [
      `count(*) - count(${column}) as nulls_${index}`,
      `approx_count_distinct(${column}) as distinct_${index}`,
      `${text(`min(${column})`)} as min_${index}`,
      `${text(`max(${column})`)} as max_${index}`,
    ]
  })
  return `select ${['count(*) as rows', ...parts].join(', ')} from ${relation}`
}

export function profileOf(row: Readonly<Record<string, unknown>>, columns: readonly Column[]): Profile {
  return {
    rows: Number(row['rows']),
    columns: columns.map(({ name, type }, index) => ({
      column: name,
      type,
      nulls: Number(row[`nulls_${index}`]),
      // The estimate may be a little above what is possible.
      distinct: Math.min(Number(row[`distinct_${index}`]), Number(row['rows']) - Number(row[`nulls_${index}`])),
      min: (row[`min_${index}`] ?? null) as string | null, // cast to text by the query
      max: (row[`max_${index}`] ?? null) as string | null, // as above
    })),
  }
}

/** A table of the profile, for the run this code is in. */
export async function publishProfile(
  { rows, columns }: Profile,
  { key, name }: { readonly key: string; readonly name: string },
): Promise<void> {
  const table = columns.map(({ column, type, nulls, distinct, min, max }) => ({
    column,
    type,
    rows,
    nulls,
    'distinct (about)': distinct,
    min,
    max,
  }))
  await artifact.table({ key, description: `${name}: ${rows.toLocaleString('en')} rows, ${columns.length} columns`, rows: table })
}

/** As keys of artifacts are written: lowercase letters, numbers and dashes. */
export function artifactKey(name: string): string {
  const key = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
  return `profile-${key === '' ? 'data' : key}`
}
