import { z } from 'zod'
import { logFilter } from '../api/filters.ts'
import { logToWire } from '../api/logs.ts'
import { meets } from '../core/condition-match.ts'
import { TuttiError } from '../core/errors.ts'
import { parseLiterally } from '../core/literal-json.ts'
import type { Hub } from './hub.ts'
import type { Conversation } from './sockets.ts'

/** Bytes that wait for a client that does not read; what comes beyond is dropped. */
const BEHIND_MAX_BYTES = 8 * 1024 * 1024

const request = z.object({ type: z.literal('filter'), filter: logFilter })

/** `/logs/out`: the client sends a filter; lines that meet it follow as they come. Those that were there are looked up otherwise. */
export function logsOut(hub: Hub): Conversation {
  return (socket) => {
    let stop: (() => void) | undefined
    return {
      message(text) {
        if (stop !== undefined) throw new TuttiError('INVALID_REQUEST', 'the filter was given before')
        const asked = request.safeParse(parsed(text))
        if (!asked.success) throw new TuttiError('INVALID_REQUEST', `this is no filter: ${asked.error.message}`, { cause: asked.error })
        const { filter } = asked.data
        stop = hub.subscribe(
          (told) => {
            if (told.type !== 'logs' || socket.readyState !== socket.OPEN) return
            for (const record of told.records) {
              const { level, timestamp, flowRunId, taskRunId, message, logger } = record
              if (!meets(filter, { level, timestamp, flowRunId, taskRunId, text: `${message} ${logger}` })) continue
              if (socket.bufferedAmount < BEHIND_MAX_BYTES) socket.send(JSON.stringify({ type: 'log', log: logToWire(record) }))
            }
          },
          { details: true },
        )
      },
      closed: () => stop?.(),
    }
  }
}

function parsed(text: string): unknown {
  try {
    return parseLiterally(text)
  } catch (cause) {
    throw new TuttiError('INVALID_REQUEST', 'a frame is no JSON', { cause })
  }
}
