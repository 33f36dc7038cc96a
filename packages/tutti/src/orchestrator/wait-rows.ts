import type { FlowRun } from '../core/flow-run.ts'
import { RESPONSE_SUFFIX, SCHEMA_SUFFIX, WAIT_PREFIX, waitIdOf, waitKeys } from '../core/wait.ts'
import type { OpenWait, Pause } from '../core/wait.ts'
import type { Script } from '../store/port.ts'
import type { Deps } from './deps.ts'

/** Waits of one run that are looked through for one without an answer. */
const WAITS_MAX = 1_000

/** Keeps what whoever answers must know. An answer that the flow could not take is forgotten. */
export function* keepWait(deps: Deps, flowRunId: string, { waitId, schema, description, isAgain = false }: Pause): Script<void> {
  const keys = waitKeys(waitId)
  const { flowRunInputs } = deps.store.tables
  if (isAgain) yield* flowRunInputs.delete(flowRunId, keys.response)
  if (schema === null) return
  yield* flowRunInputs.delete(flowRunId, keys.schema)
  yield* put(deps, flowRunId, keys.schema, schema)
  if (description !== null) yield* put(deps, flowRunId, keys.description, JSON.stringify(description))
}

/** `false`: there is an answer already. */
export function keepAnswer(deps: Deps, flowRunId: string, waitId: string, answer: string): Script<boolean> {
  return put(deps, flowRunId, waitKeys(waitId).response, answer)
}

/** What a run waits for, or would be waiting for if its process had not ended. */
export function* openWaitOf({ store }: Deps, run: FlowRun): Script<OpenWait | null> {
  const { flowRunInputs } = store.tables
  const pausedFor = waitIdOf(run.state)
  let waitId = pausedFor
  if (waitId === undefined && run.state.type !== 'completed') {
    const rows = yield* flowRunInputs.list(run.id, { prefix: WAIT_PREFIX, excludeKeys: [], limit: WAITS_MAX })
    const answered = new Set(rows.flatMap(({ key }) => (key.endsWith(RESPONSE_SUFFIX) ? [key.slice(0, -RESPONSE_SUFFIX.length)] : [])))
    const open = rows.filter(({ key }) => key.endsWith(SCHEMA_SUFFIX)).map(({ key }) => key.slice(0, -SCHEMA_SUFFIX.length))
    waitId = open.findLast((key) => !answered.has(key))?.slice(WAIT_PREFIX.length)
  }
  if (waitId === undefined) return null
  const keys = waitKeys(waitId)
  const schema = yield* flowRunInputs.get(run.id, keys.schema)
  const description = yield* flowRunInputs.get(run.id, keys.description)
  const details = pausedFor === undefined ? undefined : run.state.details
  return {
    waitId,
    key: details?.pauseKey ?? null,
    until: details?.pauseTimeout ?? null,
    schema: schema?.value ?? null,
    description: description === undefined ? null : (JSON.parse(description.value) as string), // written above
  }
}

function put({ store, ids, clock }: Deps, flowRunId: string, key: string, value: string): Script<boolean> {
  const now = clock.now()
  return store.tables.flowRunInputs.insert({ id: ids.next(), flowRunId, key, value, sender: null, createdAt: now, updatedAt: now })
}
