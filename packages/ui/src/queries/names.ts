// Names of what rows tell by an id: those that are asked for at about the same time are fetched together.
import { queryOptions } from '@tanstack/react-query'
import type { QueryClient } from '@tanstack/react-query'
import { client } from '../connection.ts'

const TOGETHER_MAX = 200

type Load<Value> = (ids: string[]) => Promise<readonly Value[]>

/** Collects ids until the page has drawn, then asks once for all of them. */
function together<Value extends { readonly id: string }>(load: Load<Value>): (id: string) => Promise<Value | null> {
  let waiting: Map<string, PromiseWithResolvers<Value | null>> | undefined
  const run = async (asked: ReadonlyMap<string, PromiseWithResolvers<Value | null>>): Promise<void> => {
    try {
      const found = new Map((await load([...asked.keys()])).map((value) => [value.id, value]))
      for (const [id, { resolve }] of asked) resolve(found.get(id) ?? null)
    } catch (error) {
      for (const { reject } of asked.values()) reject(error)
    }
  }
  return (id) => {
    if (waiting === undefined || waiting.size >= TOGETHER_MAX) {
      const asked = (waiting = new Map<string, PromiseWithResolvers<Value | null>>())
      setTimeout(() => {
        if (waiting === asked) waiting = undefined
        void run(asked)
      }, 0)
    }
    const known = waiting.get(id) ?? Promise.withResolvers<Value | null>()
    waiting.set(id, known)
    return known.promise
  }
}

const limits = { limit: TOGETHER_MAX, offset: 0 }
const byIds = (ids: string[]) => ({ id: { any_: ids } })

const loadFlow = together(async (ids) => client().flows.filter({ body: { flows: byIds(ids), ...limits, sort: 'NAME_ASC' } }))
const loadDeployment = together(async (ids) =>
  client().deployments.filter({ body: { deployments: byIds(ids), ...limits, sort: 'NAME_ASC' } }),
)
const loadRun = together(async (ids) => client().flowRuns.filter({ body: { flow_runs: byIds(ids), ...limits, sort: 'ID_DESC' } }))

/** `null`: there is none any more. */
export function flowName(id: string) {
  return queryOptions({ queryKey: ['flows', 'name', id], queryFn: async () => (await loadFlow(id))?.name ?? null, staleTime: 'static' })
}

export function deploymentName(id: string) {
  return queryOptions({
    queryKey: ['deployments', 'name', id],
    queryFn: async () => (await loadDeployment(id))?.name ?? null,
    staleTime: 'static',
  })
}

type Names = Readonly<Record<string, string>>

/** Of an answer that told them along: nobody asks for these. */
export function keepNames(cache: QueryClient, { flows, deployments }: { readonly flows: Names; readonly deployments: Names }): void {
  for (const [id, name] of Object.entries(flows)) cache.setQueryData(flowName(id).queryKey, name)
  for (const [id, name] of Object.entries(deployments)) cache.setQueryData(deploymentName(id).queryKey, name)
}

export function flowRunName(id: string) {
  return queryOptions({
    queryKey: ['flow-run-name', id],
    queryFn: async () => (await loadRun(id))?.name ?? null,
    staleTime: 'static',
  })
}
