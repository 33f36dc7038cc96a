import { bigQueryError } from './errors.ts'

/** A schema of any library that follows Standard Schema: zod, valibot, arktype and others. */
export interface RowSchema<Row> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaAnswer<Row> | Promise<SchemaAnswer<Row>>
    readonly types?: { readonly input: unknown; readonly output: Row } | undefined
  }
}

type SchemaAnswer<Row> =
  | { readonly value: Row; readonly issues?: undefined }
  | {
      readonly issues: readonly {
        readonly message: string
        readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
      }[]
    }

/** @param number - of the row, from 1. */
export async function checkedRow<Row>(schema: RowSchema<Row>, row: unknown, number: number): Promise<Row> {
  const answer = await schema['~standard'].validate(row)
  if (answer.issues === undefined) return answer.value
  const problems = answer.issues.map(({ message, path = [] }) => {
    const names = path.map((part) => String(typeof part === 'object' ? part.key : part))
    return names.length === 0 ? message : `${names.join('.')}: ${message}`
  })
  throw bigQueryError('BIGQUERY_ROW_NOT_AS_SCHEMA', `row ${number} of the query is not what its schema says: ${problems.join('; ')}`)
}
