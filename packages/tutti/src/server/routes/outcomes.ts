import { flowRunOutcomes, outcomeToWire, taskRunOutcomes } from '../../api/outcomes.ts'
import { isTuttiError, TuttiError } from '../../core/errors.ts'
import type { StoredValue } from '../../core/json.ts'
import type { Orchestrator } from '../../core/orchestrator.ts'
import { readPointer } from '../../core/result-storage.ts'
import type { ResultPointer } from '../../core/result-storage.ts'
import type { State } from '../../core/state.ts'
import type { Mount } from '../mount.ts'

export function mountOutcomes(
  mount: Mount,
  { flowRuns, taskRuns, results }: Pick<Orchestrator, 'flowRuns' | 'taskRuns' | 'results'>,
): void {
  const ofFlowRun = async (id: string): Promise<Ended> => {
    const { state, outcome } = await flowRuns.get(id)
    return { state, outcome, owner: id }
  }
  const ofTaskRun = async (id: string): Promise<Ended> => {
    const { state, outcome, flowRunId, childFlowRunId } = await taskRuns.get(id)
    // A sub-flow's result is kept with the sub-flow run.
    return { state, outcome, owner: childFlowRunId ?? flowRunId ?? '' }
  }
  mount(flowRunOutcomes.outcome, async ({ params }) => outcomeOf(results, await ofFlowRun(params.id)))
  mount(flowRunOutcomes.result, async ({ params }) => textOf(results, params.id, await ofFlowRun(params.id)))
  mount(taskRunOutcomes.outcome, async ({ params }) => outcomeOf(results, await ofTaskRun(params.id)))
  mount(taskRunOutcomes.result, async ({ params }) => textOf(results, params.id, await ofTaskRun(params.id)))
}

interface Ended {
  readonly state: State
  readonly outcome: StoredValue | null
  /** The flow run under whose name a large result is kept. */
  readonly owner: string
}

type Results = Orchestrator['results']

async function outcomeOf(results: Results, ended: Ended): Promise<ReturnType<typeof outcomeToWire>> {
  const { state, outcome } = ended
  if (state.type !== 'completed') return outcomeToWire(null, state.type === 'failed' ? outcome : null)
  try {
    return outcomeToWire(await resultOf(results, ended), null)
  } catch (error) {
    if (isTuttiError(error, 'RESULT_MISSING')) return outcomeToWire({ format: 'none', text: '' }, null)
    throw error
  }
}

async function textOf(results: Results, id: string, ended: Ended): Promise<string> {
  const result = ended.state.type === 'completed' ? await resultOf(results, ended) : null
  if (result !== null && 'address' in result)
    throw new TuttiError('RESULT_ELSEWHERE', `the result of the run ${id} is kept at ${result.address}`)
  if (result === null || result.format === 'none') throw new TuttiError('RESULT_MISSING', `no result of the run ${id} is stored`)
  return result.text
}

async function resultOf(results: Results, { outcome, owner }: Ended): Promise<StoredValue | ResultPointer | null> {
  if (outcome?.format !== 'blob') return outcome
  const text = new TextDecoder().decode(await results.read(owner, outcome.text))
  const pointer = readPointer(text)
  if (pointer !== undefined) return pointer
  const lineEnd = text.indexOf('\n')
  const format = text.slice(0, lineEnd)
  if (format !== 'json' && format !== 'devalue' && format !== 'cbor')
    throw new TuttiError('RESULT_MISSING', `the stored result ${outcome.text} of flow run ${owner} is damaged`)
  return { format, text: text.slice(lineEnd + 1) }
}
