import type { FlowRun } from '../core/flow-run.ts'
import { TuttiError } from '../core/errors.ts'
import type { Tutti } from '../index.ts'
import { homeOf } from '../settings/load.ts'
import type { World } from './world.ts'

/** Connects for the length of a command. The command handles signals and prints by itself. */
export async function withTutti<T>(world: World, use: (tutti: Tutti) => Promise<T>): Promise<T> {
  const { connect } = await import('../index.ts')
  const tutti = await connect({ home: homeOf(world.environment), handleProcess: false, print: false })
  try {
    return await use(tutti)
  } finally {
    await tutti.close()
  }
}

/**
 * The flow run of an id, the beginning of one, or a name.
 *
 * @throws `FLOW_RUN_NOT_FOUND`
 */
export async function findRun({ orchestrator }: Tutti, reference: string): Promise<FlowRun> {
  const run = await orchestrator.flowRuns.find(reference)
  if (run === undefined) throw new TuttiError('FLOW_RUN_NOT_FOUND', `no flow run has the id or the name ${reference}`)
  return run
}

/** What people write and read for a run. */
export const RUN_REFERENCE = 'its id, the first 8 or more characters of the id, or its name'
