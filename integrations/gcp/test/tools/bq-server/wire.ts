import type google from '@google-cloud/bigquery/build/src/types.js'

// What goes over the wire, as the client's own types have it.
export type IDataset = google.default.IDataset
export type IErrorProto = google.default.IErrorProto
export type IGetQueryResultsResponse = google.default.IGetQueryResultsResponse
export type IJob = google.default.IJob
export type IJobConfigurationExtract = google.default.IJobConfigurationExtract
export type IJobConfigurationLoad = google.default.IJobConfigurationLoad
export type IJobConfigurationQuery = google.default.IJobConfigurationQuery
export type IJobStatistics = google.default.IJobStatistics
export type IJobStatistics2 = google.default.IJobStatistics2
export type IJobStatistics3 = google.default.IJobStatistics3
export type IJobStatistics4 = google.default.IJobStatistics4
export type IJobStatus = google.default.IJobStatus
export type IQueryParameter = google.default.IQueryParameter
export type IQueryParameterType = google.default.IQueryParameterType
export type IQueryParameterValue = google.default.IQueryParameterValue
export type IQueryRequest = google.default.IQueryRequest
export type ITable = google.default.ITable
export type ITableDataInsertAllRequest = google.default.ITableDataInsertAllRequest
export type ITableDataInsertAllResponse = google.default.ITableDataInsertAllResponse
export type ITableFieldSchema = google.default.ITableFieldSchema
export type ITableReference = google.default.ITableReference
export type ITableRow = google.default.ITableRow
