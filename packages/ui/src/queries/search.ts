import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { client } from '../connection.ts'

const FOUND_MAX = 5
/** Of the few things that cannot be asked for by a part of their name. */
const LOOKED_AT_MAX = 200
const UUID = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i

/** What has a name like this, of each kind a few; an id finds its run. */
export function search(text: string) {
  return queryOptions({
    queryKey: ['search', text],
    queryFn: async ({ signal }) => {
      const options = { signal }
      const runsLike = async (filter: object) =>
        client().flowRuns.filter({ body: { flow_runs: filter, limit: FOUND_MAX, offset: 0, sort: 'ID_DESC' } }, options)
      if (UUID.test(text)) return { ...NOTHING, runs: await runsLike({ id: { any_: [text] } }) }
      const name = { name: { like_: text } }
      const isLike = (each: { readonly name: string }): boolean => each.name.toLowerCase().includes(text.toLowerCase())
      const isAsked = text !== ''
      const [runs, flows, deployments, pools, limits, variables, artifacts, blocks] = await Promise.all([
        // Without a name those that are under way, or have been: what is planned is no answer.
        runsLike(isAsked ? name : { state: { type: { not_any_: ['SCHEDULED'] } } }),
        client().flows.filter({ body: { flows: name, limit: FOUND_MAX, offset: 0, sort: 'NAME_ASC' } }, options),
        client().deployments.filter({ body: { deployments: name, limit: FOUND_MAX, offset: 0, sort: 'NAME_ASC' } }, options),
        isAsked ? client().workPools.list({ body: { limit: LOOKED_AT_MAX, offset: 0 } }, options) : [],
        isAsked ? client().concurrency.list({ body: { limit: LOOKED_AT_MAX, offset: 0 } }, options) : [],
        isAsked ? client().variables.list({ body: { variables: name, limit: FOUND_MAX, offset: 0, sort: 'NAME_ASC' } }, options) : [],
        isAsked
          ? client().artifacts.listLatest(
              { body: { artifacts: { key: { like_: text } }, limit: FOUND_MAX, offset: 0, sort: 'KEY_ASC' } },
              options,
            )
          : [],
        isAsked
          ? client().blockDocuments.list({ body: { block_documents: name, limit: FOUND_MAX, offset: 0, sort: 'NAME_ASC' } }, options)
          : [],
      ])
      return {
        runs,
        flows,
        deployments,
        pools: pools.filter(isLike).slice(0, FOUND_MAX),
        limits: limits.filter(isLike).slice(0, FOUND_MAX),
        variables,
        artifacts,
        blocks: blocks.map(({ id, name: own, block_type_name: type }) => ({ id, name: `${own} (${type})` })),
      }
    },
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  })
}

const NOTHING = { runs: [], flows: [], deployments: [], pools: [], limits: [], variables: [], artifacts: [], blocks: [] }
