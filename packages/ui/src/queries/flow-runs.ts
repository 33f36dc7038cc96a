import { queryOptions } from '@tanstack/react-query'
import { client } from '../connection.ts'

export function flowRun(id: string) {
  return queryOptions({ queryKey: ['flow-run', id], queryFn: ({ signal }) => client().flowRuns.read({ id }, { signal }) })
}
