import { TuttiError } from '../core/errors.ts'
import { RESOURCE_ID, RESOURCE_NAME } from '../core/event.ts'
import type { Flow, ToldFlowOperations } from '../core/flow.ts'
import { JsonText } from '../core/literal-json.ts'
import type { Told } from '../core/told.ts'
import type { Script } from '../store/port.ts'
import { sweepDeleted } from './deletions.ts'
import type { Deps } from './deps.ts'
import { emit, writeAndTell } from './telling.ts'

export function toldFlowOperations(deps: Deps): ToldFlowOperations {
  const { store, clock } = deps
  const { flows, flowRuns, deployments } = store.tables

  return {
    ensure: (asked) => writeAndTell(deps, (told) => ensureFlow(deps, told, asked)),

    async read(id) {
      return found(await store.read(() => flows.get(id)), id)
    },

    async readByName(name) {
      return found(await store.read(() => flows.byName(name)), name)
    },

    setTags: (id, tags) =>
      writeAndTell(deps, function* (told) {
        const flow = found(yield* flows.get(id), id)
        yield* flows.setTags(id, tags, clock.now())
        yield* tell(deps, told, 'updated', { ...flow, tags })
      }),

    async remove(id) {
      await writeAndTell(deps, function* (told) {
        const flow = found(yield* flows.get(id), id)
        for (const deployment of yield* deployments.ofFlow(id)) yield* deployments.delete(deployment)
        yield* flowRuns.delete(yield* flowRuns.ofFlow(id, RUNS_PER_DELETE), clock.now())
        yield* flows.delete(id)
        yield* tell(deps, told, 'deleted', flow)
      })
      // The flow is gone at once; what belonged to it goes in batches.
      while ((await store.write(() => deleteRuns(deps, id))) === RUNS_PER_DELETE);
      await sweepDeleted(deps, SWEEPS_PER_REQUEST)
    },
  }
}

/** The flow of that name, made when there is none. */
export function* ensureFlow(
  deps: Deps,
  told: Told[],
  { name, tags, labels }: Pick<Flow, 'name' | 'tags' | 'labels'>,
): Script<{ readonly flow: Flow; readonly isNew: boolean }> {
  const { flows } = deps.store.tables
  const known = yield* flows.byName(name)
  if (known !== undefined) return { flow: known, isNew: false }
  const now = deps.clock.now()
  const flow: Flow = { id: deps.ids.next(), name, tags, labels, createdAt: now, updatedAt: now }
  if (!(yield* flows.insert(flow))) return { flow: (yield* flows.byName(name)) ?? flow, isNew: false }
  yield* tell(deps, told, 'created', flow)
  return { flow, isNew: true }
}

const RUNS_PER_DELETE = 500
const SWEEPS_PER_REQUEST = 5

function* deleteRuns({ store, clock }: Deps, flowId: string): Script<number> {
  const ids = yield* store.tables.flowRuns.ofFlow(flowId, RUNS_PER_DELETE)
  yield* store.tables.flowRuns.delete(ids, clock.now())
  return ids.length
}

function found(flow: Flow | undefined, which: string): Flow {
  if (flow === undefined) throw new TuttiError('NOT_FOUND', `there is no flow ${which}`)
  return flow
}

function tell(deps: Deps, told: Told[], what: 'created' | 'updated' | 'deleted', { id, name }: Flow): Script<void> {
  return emit(deps, told, {
    name: `prefect.flow.${what}`,
    resource: { [RESOURCE_ID]: `prefect.flow.${id}`, [RESOURCE_NAME]: name },
    payload: JsonText.of({ id, name }),
  })
}
