import { TuttiError } from '../core/errors.ts'
import type { FlowRun } from '../core/flow-run.ts'
import type { StateType } from '../core/state.ts'
import type { Tutti } from '../index.ts'
import { ago } from './moment.ts'
import { printLine } from './print.ts'
import type { World } from './world.ts'

/** States in which a run that nobody holds can go on. */
const UNFINISHED = ['crashed', 'cancelled', 'paused', 'scheduled', 'pending'] as const satisfies readonly StateType[]

/**
 * The newest run that can be resumed, of one flow or of any.
 *
 * @throws `NOTHING_TO_RESUME`, naming the newest run when there is one.
 */
export async function newestUnfinished({ orchestrator }: Tutti, flowName: string | undefined): Promise<FlowRun> {
  const query = { level: 'roots', limit: 1, ...(flowName !== undefined && { flowName }) } as const
  const [run] = (await orchestrator.flowRuns.list({ ...query, states: UNFINISHED })).items
  if (run !== undefined) return run
  const what = flowName === undefined ? 'no run' : `no run of ${flowName}`
  const [newest] = (await orchestrator.flowRuns.list(query)).items
  const hint = newest === undefined ? '' : `; the newest, ${newest.name} (${newest.id}), is ${newest.state.name}`
  throw new TuttiError('NOTHING_TO_RESUME', `${what} is waiting to be resumed${hint}`)
}

/**
 * The crashed run that a person would rather continue than begin again: asked on a terminal, else only hinted at.
 * Only the newest run of the flow is offered: whoever ran it again since has decided.
 */
export async function offerUnfinished(world: World, tutti: Tutti, flowName: string, mayAsk: boolean): Promise<FlowRun | undefined> {
  const [newest] = (await tutti.orchestrator.flowRuns.list({ flowName, level: 'roots', limit: 1 })).items
  if (newest?.state.type !== 'crashed') return undefined
  const { completed = 0 } = await tutti.orchestrator.taskRuns.countByState(newest.id)
  const what = `Flow run ${newest.name} of ${flowName} crashed ${ago(newest.state.timestamp, world.clock.now())} with ${completed} task runs finished`
  if (!mayAsk || !world.interactive) {
    printLine(world.errors, `${what}; continue it with: tutti flow-run resume ${newest.id}`)
    return undefined
  }
  const answer = (await world.ask(`${what}.\nContinue it instead of beginning a new run? [Y/n] `)).trim().toLowerCase()
  return answer === '' || answer.startsWith('y') ? newest : undefined
}
