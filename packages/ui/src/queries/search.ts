import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { client } from '../connection.ts'

const FOUND_MAX = 5
const UUID = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i

/** What has a name like this, of each kind a few; an id finds its run. */
export function search(text: string) {
  return queryOptions({
    queryKey: ['search', text],
    queryFn: async ({ signal }) => {
      const isId = UUID.test(text)
      const name = { name: { like_: text } }
      const options = { signal }
      const runFilter = isId ? { id: { any_: [text] } } : name
      const [runs, flows, deployments, pools] = await Promise.all([
        client().flowRuns.filter({ body: { flow_runs: runFilter, limit: FOUND_MAX, offset: 0, sort: 'START_TIME_DESC' } }, options),
        isId ? [] : client().flows.filter({ body: { flows: name, limit: FOUND_MAX, offset: 0, sort: 'NAME_ASC' } }, options),
        isId ? [] : client().deployments.filter({ body: { deployments: name, limit: FOUND_MAX, offset: 0, sort: 'NAME_ASC' } }, options),
        text === '' || isId ? [] : client().workPools.list({ body: { limit: 200, offset: 0 } }, options),
      ])
      const found = pools.filter((pool) => pool.name.toLowerCase().includes(text.toLowerCase())).slice(0, FOUND_MAX)
      return { runs, flows, deployments, pools: found }
    },
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  })
}
