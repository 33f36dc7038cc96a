export { GoogleCredentials } from './credentials.ts'
export type { GcpCredentialsFields, Impersonation } from './credentials.ts'
export type { SecretText } from './credentials-json.ts'
export { Bucket } from './storage/bucket.ts'
export type { GcsBucketFields } from './storage/settings.ts'
export type { ListOptions } from './storage/list.ts'
export type { ObjectInfo } from './storage/object-info.ts'
export type {
  CopyOptions,
  CreateOptions,
  DeleteOptions,
  DownloadOptions,
  FolderOptions,
  ReadOptions,
  Stoppable,
  UploadOptions,
} from './storage/options.ts'
export type { FolderProgress } from './storage/folder-progress.ts'
export type { Bytes } from './storage/pieces.ts'
export type { Preconditions } from './storage/preconditions.ts'
export type { SignedUrlOptions } from './storage/signed-url.ts'
export type { ObjectMetadata, Progress } from './storage/upload.ts'
export { BigQueryClient } from './bigquery/client.ts'
export type { BigQueryFields } from './bigquery/client.ts'
export { RowsRefusedError } from './bigquery/errors.ts'
export type { BigQueryErrorCode } from './bigquery/errors.ts'
export type { Estimate, EstimateOptions } from './bigquery/estimate.ts'
export type { ExtractOptions, ExtractSummary } from './bigquery/extract.ts'
export type { InsertOptions, InsertRow, InsertSummary } from './bigquery/insert.ts'
export type { JobOptions, JobProgress } from './bigquery/jobs.ts'
export type { CsvOptions, LoadOptions, LoadSummary, WriteDisposition } from './bigquery/load.ts'
export type { ParameterInput, Parameters, ParameterTypes } from './bigquery/parameters.ts'
export type { Destination, QueryOptions, QueryResult, QuerySummary, QueryText } from './bigquery/query.ts'
export type { Recording } from './bigquery/record.ts'
export type { PauseOptions } from './bigquery/retries.ts'
export type { RowError } from './bigquery/row-errors.ts'
export type { RowSchema } from './bigquery/row-schema.ts'
export type { ValueOptions } from './bigquery/rows.ts'
export type { Column, ColumnType, ColumnTypes, ScalarType, Schema } from './bigquery/schema.ts'
export type { FileFormat, LoadSource } from './bigquery/sources.ts'
export type { TableLayout, TimePartition } from './bigquery/table-options.ts'
export type { DatasetOptions, DropDatasetOptions, DropOptions, TableChanges, TableInfo, TableOptions } from './bigquery/tables.ts'
