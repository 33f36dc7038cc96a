import type { RunPageOperations } from '../core/run-page.ts'
import type { Deps } from './deps.ts'
import { queueNames } from './queue-names.ts'

export function runPageOperations(deps: Deps): RunPageOperations {
  const { store } = deps
  return {
    page: (request) =>
      store.read(function* () {
        const { runs, ...rest } = yield* store.tables.runPages.page(request)
        const names = yield* queueNames(
          deps,
          runs.flatMap((run) => run.dispatch?.workQueueId ?? []),
        )
        const deploymentIds = [...new Set(runs.flatMap(({ dispatch }) => dispatch?.deploymentId ?? []))]
        const deploymentNames = yield* store.tables.deployments.names(deploymentIds)
        return { items: runs.map((run) => ({ run, queue: names.get(run.dispatch?.workQueueId ?? '') ?? null })), deploymentNames, ...rest }
      }),
  }
}
