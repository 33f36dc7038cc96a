import type google from '@google-cloud/bigquery/build/src/types.js'

// What goes over the wire, as Google's client types it.
export type Job = google.default.IJob
export type JobConfiguration = google.default.IJobConfiguration
export type LoadConfiguration = google.default.IJobConfigurationLoad
export type QueryConfiguration = google.default.IJobConfigurationQuery
export type ErrorProto = google.default.IErrorProto
export type Field = google.default.ITableFieldSchema
export type QueryParameter = google.default.IQueryParameter
export type ParameterType = google.default.IQueryParameterType
export type ParameterValue = google.default.IQueryParameterValue
export type TableResource = google.default.ITable
export type DatasetResource = google.default.IDataset
export type QueryResults = google.default.IGetQueryResultsResponse
