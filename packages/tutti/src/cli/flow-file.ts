import path from 'node:path'
import { isTuttiError, TuttiError } from '../core/errors.ts'
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
  const { flow } =
    file === undefined ? await loadRecorded(tutti, run) : await loadFlow(tutti, hasName(file) ? file : `${file}:${run.flowName}`)
  if (flow.definition.name === run.flowName) return flow
  throw new TuttiError('WRONG_FLOW', `${describe(run)} is a run of ${run.flowName}, and what was loaded for it is ${flow.definition.name}`)
}

async function loadRecorded(tutti: Connected, run: FlowRun): Promise<LoadedFlow> {
  if (run.entrypoint === null)
    throw new TuttiError('ENTRYPOINT_UNKNOWN', `${describe(run)} does not tell which file its flow ${run.flowName} is in`)
  try {
    return await loadFlow(tutti, run.entrypoint)
  } catch (error) {
    if (!isTuttiError(error, 'ENTRYPOINT_NOT_FOUND') && !isTuttiError(error, 'FLOW_NOT_FOUND')) throw error
    throw new TuttiError('ENTRYPOINT_UNKNOWN', `the flow of ${describe(run)} is not where it was: ${error.message}`, { cause: error })
  }
}

function describe({ name, id }: FlowRun): string {
  return `flow run ${name} (${id})`
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
