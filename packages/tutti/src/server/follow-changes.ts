import { changedRunToWire } from '../api/live.ts'
import type { ChangesMessage } from '../api/live.ts'
import type { FlowRun } from '../core/flow-run.ts'
import type { Told } from '../core/told.ts'
import type { Clock } from '../core/time.ts'
import { createBell } from './bell.ts'
import type { StreamedEvent } from './event-stream.ts'
import type { Hub } from './hub.ts'

/** Whoever looks is not to look more often. */
const REST_MS = 250
/** Without a word for so long, whatever stands between may take the connection for dead. */
const SILENT_MS = 15_000
const RUNS_MAX = 200

export interface FollowingChanges {
  readonly hub: Pick<Hub, 'subscribe'>
  readonly clock: Clock
  /** Whether it is told that lines of logs were written; they cost. */
  readonly withLogs?: boolean
  readonly signal: AbortSignal
}

/**
 * What changes on this server, as far as it hears of it, so that a page knows when to look again. A reader that is slow gets everything since
 * its last message in one: nothing is kept for it but the last state of at most so many runs, and the nouns.
 */
export async function* followChanges({ hub, clock, withLogs = false, signal }: FollowingChanges): AsyncGenerator<StreamedEvent, void> {
  const bell = createBell(clock)
  const rest = createBell(clock)
  const runs = new Map<string, FlowRun>()
  const nouns = new Set<string>()
  let more = false
  let messages = 0
  const event = (data: ChangesMessage): StreamedEvent => ({ id: String(messages++), data })
  const hear = (told: Told): void => {
    switch (told.type) {
      case 'flow-run':
        if (runs.size < RUNS_MAX || runs.has(told.run.id)) runs.set(told.run.id, told.run)
        else more = true
        break
      case 'changed':
        nouns.add(told.noun)
        break
      case 'event':
        nouns.add('events')
        break
      case 'logs':
        nouns.add('logs')
        break
      case 'task-run':
        return
    }
    bell.ring()
  }
  const stop = hub.subscribe(hear, { details: withLogs })
  try {
    // Whatever happened before is not told: the reader looks at everything it shows.
    yield event({ type: 'hello' })
    for (;;) {
      await bell.heardOr(SILENT_MS, signal)
      if (signal.aborted) return
      if (runs.size === 0 && nouns.size === 0) {
        yield null
        continue
      }
      const data: ChangesMessage = {
        type: 'changes',
        flow_runs: [...runs.values()].map(changedRunToWire),
        nouns: [...nouns].toSorted(),
        more,
      }
      runs.clear()
      nouns.clear()
      more = false
      yield event(data)
      await rest.heardOr(REST_MS, signal)
    }
  } finally {
    stop()
  }
}
