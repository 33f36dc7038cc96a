import type { Job } from './wire.ts'

const CONSOLE = 'https://console.cloud.google.com/bigquery'

/** Where a person looks at a job. */
export function consoleLink(project: string, { jobReference = {} }: Job): string {
  const { location = 'US', jobId = '' } = jobReference
  return `${CONSOLE}?${String(new URLSearchParams({ project, j: `bq:${location}:${jobId}`, page: 'queryresults' }))}`
}

/** Where a person looks at a table. */
export function tableConsoleLink({
  project,
  dataset,
  table,
}: {
  readonly project: string
  readonly dataset: string
  readonly table: string
}): string {
  return `${CONSOLE}?${String(new URLSearchParams({ project, ws: `!1m5!1m4!4m3!1s${project}!2s${dataset}!3s${table}` }))}`
}
