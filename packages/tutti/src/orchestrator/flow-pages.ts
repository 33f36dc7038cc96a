import { gridOf, rowsOf, STATS_RUNS_MAX, statsOf } from '../core/flow-page.ts'
import type { CallCount, CallStates, FlowOverview, FlowPageOperations, RunsOverview } from '../core/flow-page.ts'
import { TuttiError } from '../core/errors.ts'
import type { Script } from '../store/port.ts'
import type { Deps } from './deps.ts'

/** Task runs whose keys are counted for one grid, and whose states are looked at. */
const COUNTED_MAX = 300_000
const COUNTED_PER_RUN_MAX = 20_000
const LOOKED_MAX = 10_000
const LOOKED_PER_CELL_MIN = 20
/** Runs of the flow that are passed over for statistics of one of its deployments. */
const OTHERS_MAX = 20_000

const FLOW_BARS = 20
const DEPLOYMENT_BARS = 10

export function flowPageOperations(deps: Deps): FlowPageOperations {
  const { store, clock } = deps
  const { flowPages, listings } = store.tables

  return {
    grid: (flowId, { runs: runsMax, tasks, deploymentId }) =>
      store.read(function* () {
        yield* existingFlow(deps, flowId)
        const now = clock.now()
        const runs = yield* flowPages.lastRuns({ flowId, deploymentId }, now, runsMax)
        const ids = runs.map(({ id }) => id)
        const perRun = Math.min(COUNTED_PER_RUN_MAX, Math.floor(COUNTED_MAX / Math.max(1, ids.length)))
        const counts = ids.length === 0 ? [] : yield* flowPages.callCounts(ids, perRun)
        const rows = rowsOf(counts, tasks)
        return gridOf(runs, rows, counts, yield* statesOf(deps, counts, rows.keys), now)
      }),

    stats: (flowId, { after, before, deploymentId }) =>
      store.read(function* () {
        yield* existingFlow(deps, flowId)
        const lookMax = deploymentId === null ? STATS_RUNS_MAX : OTHERS_MAX
        const range = { after, before: before ?? clock.now(), lookMax }
        const { runs, looked } = yield* flowPages.times({ flowId, deploymentId }, range)
        return statsOf(runs.slice(0, STATS_RUNS_MAX), looked === lookMax || runs.length > STATS_RUNS_MAX)
      }),

    flowOverviews: (ids) =>
      store.read(function* () {
        const found = new Map<string, FlowOverview>()
        for (const id of new Set(ids)) {
          const ofFlow = {
            type: 'related',
            noun: 'flows',
            where: { type: 'field', field: 'id', test: { is: 'in', values: [id] } },
          } as const
          found.set(id, {
            last: yield* flowPages.bars('flow', id, clock.now(), FLOW_BARS),
            next: (yield* flowPages.next('flow', id)) ?? null,
            deployments: yield* listings.count('deployments', ofFlow),
          })
        }
        return found
      }),

    deploymentOverviews: (ids) =>
      store.read(function* () {
        const found = new Map<string, RunsOverview>()
        for (const id of new Set(ids)) {
          found.set(id, {
            last: yield* flowPages.bars('deployment', id, clock.now(), DEPLOYMENT_BARS),
            next: (yield* flowPages.next('deployment', id)) ?? null,
          })
        }
        return found
      }),
  }
}

function* existingFlow({ store }: Deps, id: string): Script<void> {
  if ((yield* store.tables.flows.get(id)) === undefined) throw new TuttiError('NOT_FOUND', `there is no flow ${id}`)
}

/** Runs with few calls are looked at as a whole; of the cells of others only some calls are, so that thousands of them cost no more. */
function* statesOf({ store }: Deps, counts: readonly CallCount[], keys: readonly string[]): Script<readonly CallStates[]> {
  const { flowPages } = store.tables
  const wanted = new Set(keys)
  const cells = counts.filter(({ taskKey }) => wanted.has(taskKey))
  const perCell = Math.max(LOOKED_PER_CELL_MIN, Math.floor(LOOKED_MAX / Math.max(1, cells.length)))
  const large = new Set(cells.filter(({ calls }) => calls > perCell).map(({ flowRunId }) => flowRunId))
  const small = [...new Set(cells.map(({ flowRunId }) => flowRunId))].filter((id) => !large.has(id))
  return [
    ...(yield* flowPages.callStates(small, keys)),
    ...(yield* flowPages.someCallStates(
      cells.filter(({ flowRunId }) => large.has(flowRunId)),
      perCell,
    )),
  ]
}
