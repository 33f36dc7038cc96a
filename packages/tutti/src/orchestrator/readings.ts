import { TuttiError } from '../core/errors.ts'
import type { FlowOperations, LogOperations, TaskRunOperations } from '../core/orchestrator.ts'
import type { Deps } from './deps.ts'

export function taskRunOperations({ store }: Deps): TaskRunOperations {
  const { taskRuns } = store.tables
  return {
    async get(id) {
      const run = await store.read(() => taskRuns.get(id))
      if (run === undefined) throw new TuttiError('TASK_RUN_NOT_FOUND', `no task run has the id ${id}`)
      return run
    },
    list: (query) => store.read(() => taskRuns.list(query)),
    countByState: (flowRunId) => store.read(() => taskRuns.countByState(flowRunId)),
  }
}

export function logOperations({ store }: Deps): LogOperations {
  return { list: (query) => store.read(() => store.tables.logs.list(query)) }
}

export function flowOperations({ store }: Deps): FlowOperations {
  return { list: ({ limit, cursor }) => store.read(() => store.tables.flows.list(limit, cursor)) }
}
