import { z } from 'zod'
import type { Explanation, Holding, Reason } from '../core/explain.ts'
import { endpoint } from './endpoint.ts'
import { idParams } from './shapes.ts'
import { stateToWire, stateWire } from './states.ts'
import { timeText, wire } from './values.ts'

/** A run that holds what another waits for. */
export const holdingWire = z.object({ flow_run_id: wire.uuid, name: z.string(), since: wire.time }).meta({ id: 'HoldingRun' })

const reasonWire = z
  .object({
    code: z.string(),
    message: z.string(),
    action: z.object({ type: z.enum(['command', 'request']), text: z.string() }).meta({ id: 'ReasonAction' }),
    blocks: z.boolean(),
    since: wire.time.nullable(),
    until: wire.time.nullable(),
    held_by: z.array(holdingWire),
  })
  .meta({ id: 'Reason' })

const explanationWire = z
  .object({ flow_run_id: wire.uuid, flow_run_name: z.string(), state: stateWire, at: wire.time, reasons: z.array(reasonWire) })
  .meta({ id: 'Explanation' })

export function explanationToWire({ flowRunId, flowRunName, state, at, reasons }: Explanation): z.input<typeof explanationWire> {
  return {
    flow_run_id: flowRunId,
    flow_run_name: flowRunName,
    state: stateToWire(state, { flowRunId, taskRunId: null }),
    at: timeText(at),
    reasons: reasons.map(reasonToWire),
  }
}

function reasonToWire({ code, message, action, blocks, since, until, heldBy }: Reason): z.input<typeof reasonWire> {
  return { code, message, action, blocks, since: timeText(since), until: timeText(until), held_by: heldBy.map(holdingToWire) }
}

export function holdingToWire({ flowRunId, name, since }: Holding): z.input<typeof holdingWire> {
  return { flow_run_id: flowRunId, name, since: timeText(since) }
}

export const explanations = {
  explain: endpoint({
    method: 'GET',
    path: '/flow_runs/{id}/explain',
    summary: 'Why a flow run is not running: reasons in their order, each with what to do about it.',
    params: idParams,
    output: explanationWire,
    errors: ['FLOW_RUN_NOT_FOUND'],
  }),
}
