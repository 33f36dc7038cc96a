import { z } from 'zod'
import type { FlowRun } from '../core/flow-run.ts'
import { elapsedMs } from '../core/time.ts'
import type { Instant } from '../core/time.ts'
import { stateTypeText, timeText, wire } from './values.ts'

/** A flow run that holds a slot of a queue. */
export const slotSummaryWire = z
  .object({
    id: wire.uuid,
    name: z.string(),
    state_type: wire.stateType,
    state_name: z.string(),
    start_time: wire.time.nullable(),
    state_timestamp: wire.time,
    time_in_current_state: wire.seconds,
  })
  .meta({ id: 'FlowRunSlotSummary' })

export function slotSummaryToWire({ id, name, state, startedAt }: FlowRun, now: Instant): z.input<typeof slotSummaryWire> {
  return {
    id,
    name,
    state_type: stateTypeText(state.type),
    state_name: state.name,
    start_time: timeText(startedAt),
    state_timestamp: timeText(state.timestamp),
    time_in_current_state: elapsedMs(state.timestamp, now) / 1000,
  }
}
