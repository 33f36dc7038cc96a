import path from 'node:path'
import { TuttiError } from '../core/errors.ts'
import type { FlowRun } from '../core/flow-run.ts'
import { resolveFlow } from '../engine/entrypoint.ts'
import type { connect } from '../index.ts'

type Connected = Awaited<ReturnType<typeof connect>>
export type FlowLike = Parameters<Connected['run']>[0]

/** A flow of a file, with the text by which it can be loaded from anywhere again. */
export interface LoadedFlow {
  readonly flow: FlowLike
  readonly entrypoint: string
}

export async function loadFlow({ home }: Connected, entrypoint: string): Promise<LoadedFlow> {
  const flow = await resolveFlow(entrypoint, { cacheFolder: path.join(home, 'bundles') })
  return { flow, entrypoint: absoluteEntrypoint(entrypoint, flow.definition.name) }
}

/** Loads the flow that made a run: from where the run says, or from the file given instead. */
export async function loadFlowOf(tutti: Connected, run: FlowRun, file: string | undefined): Promise<FlowLike> {
  const entrypoint = file ?? run.entrypoint
  if (entrypoint === null)
    throw new TuttiError('ENTRYPOINT_UNKNOWN', `flow run ${run.name} (${run.id}) does not tell which file its flow ${run.flowName} is in`)
  const { flow } = await loadFlow(tutti, file !== undefined && !hasName(file) ? `${file}:${run.flowName}` : entrypoint)
  if (flow.definition.name !== run.flowName)
    throw new TuttiError(
      'WRONG_FLOW',
      `flow run ${run.name} (${run.id}) is a run of ${run.flowName}, and ${entrypoint} is ${flow.definition.name}`,
    )
  return flow
}

/** Whether a word of the command line names a file of flows. */
export function looksLikeFlowFile(word: string): boolean {
  return /\.[cm]?[jt]sx?(:[^\\/]*)?$/.test(word)
}

function hasName(entrypoint: string): boolean {
  return /\.[cm]?[jt]sx?:[^\\/]+$/.test(entrypoint)
}

function absoluteEntrypoint(entrypoint: string, flowName: string): string {
  return hasName(entrypoint) ? path.resolve(entrypoint) : `${path.resolve(entrypoint)}:${flowName}`
}
