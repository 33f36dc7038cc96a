import { TuttiError } from '../core/errors.ts'
import type { StoredValue } from '../core/json.ts'
import type { Orchestrator } from '../core/orchestrator.ts'
import type { EngineSource } from './call-flow.ts'
import type { FlowDefinition } from './definition.ts'
import { addressOf, isMadeBy } from './outcome.ts'
import { messageOf } from './thrown.ts'

const PAGE = 200
/** Addresses that an error names. */
const SHOWN_MAX = 20

/**
 * Deletes a run, and then what the storage of its flow keeps for it. What it reuses of another run stays: it is that one's.
 *
 * @throws `RESULT_STORAGE_FAILED` when some of that could not be deleted: the message names it, as nothing else does any more.
 */
export async function deleteRun(id: string, { resultStorage }: Pick<FlowDefinition, 'resultStorage'>, source: EngineSource): Promise<void> {
  const { orchestrator } = await source()
  const addresses = resultStorage === null ? [] : await addressesOf(orchestrator, id)
  await orchestrator.flowRuns.delete(id)
  if (resultStorage === null || addresses.length === 0) return
  const left: string[] = []
  let cause: unknown
  try {
    const storage = await resultStorage()
    if (storage.delete === undefined) return
    for (const address of addresses) {
      try {
        await storage.delete(address)
      } catch (error) {
        cause ??= error
        left.push(address)
      }
    }
  } catch (error) {
    cause = error
    left.push(...addresses)
  }
  if (left.length > 0)
    throw new TuttiError(
      'RESULT_STORAGE_FAILED',
      `flow run ${id} is deleted, but results of it are still at ${left.slice(0, SHOWN_MAX).join(', ')}${left.length > SHOWN_MAX ? ` and ${left.length - SHOWN_MAX} more` : ''}: ${messageOf(cause)}`,
      { cause },
    )
}

async function addressesOf({ flowRuns, taskRuns, results }: Orchestrator, id: string): Promise<readonly string[]> {
  const addresses: string[] = []
  const look = async (outcome: StoredValue | null, ownerId: string): Promise<void> => {
    const address = outcome !== null && isMadeBy(outcome, ownerId) ? await addressOf(results, id, outcome.text) : undefined
    if (address !== undefined) addresses.push(address)
  }
  await look((await flowRuns.get(id)).outcome, id)
  let cursor: string | undefined
  do {
    const page = await taskRuns.list({ flowRunId: id, limit: PAGE, ...(cursor === undefined ? undefined : { cursor }) })
    // The result of a sub-flow is kept with its own run.
    for (const { id: taskRunId, outcome, childFlowRunId } of page.items) if (childFlowRunId === null) await look(outcome, taskRunId)
    cursor = page.cursor ?? undefined
  } while (cursor !== undefined)
  return addresses
}
