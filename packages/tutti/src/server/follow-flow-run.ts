import { logToWire } from '../api/logs.ts'
import type { LiveMessage } from '../api/live.ts'
import { stateToWire } from '../api/states.ts'
import type { ServerOrchestrator } from '../core/server-orchestrator.ts'
import { isTerminal } from '../core/state.ts'
import { after as later } from '../core/time.ts'
import type { Clock } from '../core/time.ts'
import type { StreamedEvent } from './event-stream.ts'
import type { Wake } from './wake.ts'

/** How often a run is looked at: not everything that happens to it is told, and another server is told of nothing here. */
const LOOK_MS = 500
/** Who is told of much is not to ask for each single thing. */
const LOOK_MIN_MS = 20
/** Without a word for so long, whatever stands between may take the connection for dead. */
const SILENT_LOOKS_MAX = 30
const PAGE = 500

export interface Following {
  readonly orchestrator: Pick<ServerOrchestrator, 'flowRuns' | 'logs'>
  readonly clock: Clock
  readonly wake: Wake
  readonly id: string
  /** The id of the last event that was received; empty: from the beginning. */
  readonly after: string
  readonly signal: AbortSignal
}

/** How far somebody has come: states, and lines behind the cursor of a page. */
interface Place {
  readonly states: number
  readonly cursor: string
  readonly lines: number
}

/** What happens to a run, told from the database: a message that was missed is told when the reader comes back with the id of the last. */
export async function* followFlowRun({ orchestrator, clock, wake, id, after, signal }: Following): AsyncGenerator<StreamedEvent, void> {
  const { flowRuns, logs } = orchestrator
  const listener = wake.listen()
  let place = placeOf(after)
  const event = (data: LiveMessage): StreamedEvent => ({ id: `${place.states}.${place.lines}.${place.cursor}`, data })
  let silentLooks = 0
  try {
    while (!signal.aborted && listener.isOpen) {
      const before = place
      // The states before the log: when the run has ended, its log is whole.
      const states = await flowRuns.states(id)
      for (;;) {
        const page = await logs.list({ flowRunId: id, limit: PAGE, ...(place.cursor === '' ? undefined : { cursor: place.cursor }) })
        for (const record of page.items.slice(place.lines)) {
          place = { ...place, lines: place.lines + 1 }
          yield event({ type: 'log', log: logToWire(record) })
        }
        if (page.cursor === null) break
        place = { ...place, cursor: page.cursor, lines: 0 }
      }
      for (const state of states.slice(place.states)) {
        place = { ...place, states: place.states + 1 }
        yield event({ type: 'state', state: stateToWire(state, { flowRunId: id, taskRunId: null }) })
      }
      const last = states.at(-1)
      if (last === undefined || isTerminal(last.type)) return yield event({ type: 'end' })
      silentLooks = place === before ? silentLooks + 1 : 0
      if (silentLooks >= SILENT_LOOKS_MAX) {
        silentLooks = 0
        yield null
      }
      await new Promise<void>((resolve) => clock.timer(LOOK_MIN_MS, resolve))
      await listener.heardOr(later(clock.now(), LOOK_MS), signal)
    }
  } finally {
    listener.stop()
  }
}

/** As if everything before that place in the log had been told, but no state. */
export function placeAt(cursor: string | undefined): string {
  return cursor === undefined ? '' : `0.0.${cursor}`
}

/** What is no place that was told here is the beginning: to be told twice is better than never. */
function placeOf(text: string): Place {
  const [, states, lines, cursor] = /^(\d{1,9})\.(\d{1,9})\.([\w-]*)$/.exec(text) ?? []
  return { states: Number(states ?? 0), lines: Number(lines ?? 0), cursor: cursor ?? '' }
}
