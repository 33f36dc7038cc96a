import { bigQueryError } from './errors.ts'

/** A table by its full name. */
export interface TableName {
  readonly project: string
  readonly dataset: string
  /** With `$20210131` behind it, one partition. */
  readonly table: string
}

/** `table`, `dataset.table`, `project.dataset.table` or `project:dataset.table`; what is left out is the client's. */
export function readTableName(
  text: string,
  { project, dataset }: { readonly project: string; readonly dataset: string | undefined },
): TableName {
  const [, givenProject, givenDataset, table] = /^`?(?:(?:([^`]+)[.:])?(\w+)\.)?([^.:`]+)`?$/u.exec(text.trim()) ?? []
  const inDataset = givenDataset ?? dataset
  if (table === undefined)
    throw bigQueryError('BIGQUERY_INVALID', `${JSON.stringify(text)} is not the name of a table; write dataset.table`)
  if (inDataset === undefined) {
    throw bigQueryError(
      'BIGQUERY_INVALID',
      `the table ${JSON.stringify(text)} is in no dataset; write dataset.table, or give the client a \`dataset\``,
    )
  }
  return { project: givenProject ?? project, dataset: inDataset, table }
}

export const spellTable = ({ project, dataset, table }: TableName): string => `${project}.${dataset}.${table}`

export const tableReference = ({ project, dataset, table }: TableName): { projectId: string; datasetId: string; tableId: string } => ({
  projectId: project,
  datasetId: dataset,
  tableId: table,
})
