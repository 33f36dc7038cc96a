import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { logWire } from './logs.ts'
import { idParams } from './shapes.ts'
import { stateWire } from './states.ts'

/** What a live view of a flow run is told, one after the other; each message is the data of one server-sent event. */
export const liveMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('state'), state: stateWire }),
  z.object({ type: z.literal('log'), log: logWire }),
  /** The run has ended and its log has been told. */
  z.object({ type: z.literal('end') }),
])

export type LiveMessage = z.output<typeof liveMessage>

export const live = {
  flowRun: endpoint({
    method: 'GET',
    path: '/live/flow_runs/{id}',
    summary:
      'The states and the log of a flow run as server-sent events, from the beginning until it has ended; `Last-Event-ID` goes on after an earlier one.',
    params: idParams,
    output: z.instanceof(ReadableStream),
    media: 'text/event-stream',
    errors: ['FLOW_RUN_NOT_FOUND'],
  }),
}
