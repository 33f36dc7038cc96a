import { TuttiError } from '../core/errors.ts'
import type { FlowRunInputOperations } from '../core/flow-run-input.ts'
import type { Deps } from './deps.ts'
import { existing } from './flow-runs.ts'

export function flowRunInputOperations(deps: Deps): FlowRunInputOperations {
  const { store, clock, ids } = deps
  const { flowRunInputs } = store.tables
  const absent = (key: string): TuttiError => new TuttiError('NOT_FOUND', `the flow run has no input ${key}`)

  return {
    create: (asked) =>
      store.write(function* () {
        yield* existing(deps, asked.flowRunId)
        const now = clock.now()
        if (!(yield* flowRunInputs.insert({ ...asked, id: ids.next(), createdAt: now, updatedAt: now })))
          throw new TuttiError('ALREADY_EXISTS', `the flow run has an input ${asked.key} already`)
      }),

    list: (flowRunId, query) => store.read(() => flowRunInputs.list(flowRunId, query)),

    read: (flowRunId, key) =>
      store.read(function* () {
        const input = yield* flowRunInputs.get(flowRunId, key)
        if (input === undefined) throw absent(key)
        return input
      }),

    remove: (flowRunId, key) =>
      store.write(function* () {
        if (!(yield* flowRunInputs.delete(flowRunId, key))) throw absent(key)
      }),
  }
}
