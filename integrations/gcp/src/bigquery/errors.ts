import { TuttiError } from 'tutti'
import { described, errorsOf } from '../error-catalog.ts'
import type { ErrorCatalog } from '../error-catalog.ts'
import type { RowError } from './row-errors.ts'

/** What a user of BigQuery may meet, and the next step to take. */
const catalog = {
  BIGQUERY_ROWS_REFUSED: {
    status: 422,
    fix: 'Correct the rows named in the message, give the column another type, or let some rows be left out: `badRecordsMax`, `skipInvalidRows`.',
  },
  BIGQUERY_INVALID: { status: 422, fix: 'Correct the query or the option named in the message.' },
  BIGQUERY_NOT_FOUND: {
    status: 404,
    fix: 'Create the dataset, table or file named in the message, or correct its name, project or location.',
  },
  BIGQUERY_EXISTS: {
    status: 409,
    fix: "Choose another name, or say what is to be done with what is there: `write: 'append'` or `'truncate'`.",
  },
  BIGQUERY_FORBIDDEN: {
    status: 403,
    fix: 'Give the account the roles BigQuery Job User on the project and BigQuery Data Editor on the dataset (for `gs://` also Storage Object Viewer on the bucket).',
  },
  BIGQUERY_QUOTA: {
    status: 429,
    fix: 'Wait until the quota named in the message is free again, run fewer jobs at once (a concurrency limit by tag), or ask Google for more.',
  },
  BIGQUERY_TOO_EXPENSIVE: {
    status: 422,
    fix: 'Read fewer columns or partitions, or raise `maximumBytesBilled`; `estimate()` says beforehand how many bytes a query reads.',
  },
  BIGQUERY_STOPPED: { status: 409, fix: 'Somebody else has cancelled the job; run the task again when that is clear.' },
  BIGQUERY_UNAVAILABLE: { status: 503, fix: 'Try again later: give the task `retries` with a growing `retryDelay`.' },
  BIGQUERY_JOB_TIMED_OUT: { status: 504, fix: 'Give the job more time with `timeout`, or less to do.' },
  BIGQUERY_RESULT_TOO_LARGE: {
    status: 422,
    fix: 'Go through the rows with `for await (const row of result)`, which holds one page at a time, or raise `limit`.',
  },
  BIGQUERY_ROW_NOT_AS_SCHEMA: { status: 422, fix: 'Change the query so that its columns are what the schema says, or the schema.' },
  BIGQUERY_VALUE_WITHOUT_TYPE: { status: 422, fix: "Say which type the parameter has: `types: { name: 'DATE' }`." },
} as const satisfies ErrorCatalog

export type BigQueryErrorCode = keyof typeof catalog

export const bigQueryError = errorsOf(catalog)

/** Rows that BigQuery did not take. */
export class RowsRefusedError extends TuttiError {
  readonly rows: readonly RowError[]

  constructor(message: string, rows: readonly RowError[], options?: { readonly cause?: unknown }) {
    super(described(catalog, 'BIGQUERY_ROWS_REFUSED'), message, options)
    this.rows = rows
  }
}
