import { parentPort, workerData } from 'node:worker_threads'
import type { BeatAnswer, Orchestrator } from '../../core/orchestrator.ts'
import { after } from '../../core/time.ts'
import type { Clock, Instant } from '../../core/time.ts'
import { systemClock } from '../../system/clock.ts'
import { systemIds, systemRandom } from '../../system/random.ts'
import { systemLiveness } from '../../system/liveness.ts'
import { endProcess } from '../../system/process.ts'
import { LocalBeats } from './local-beats.ts'
import type { BeatThreadData, FromBeatThread, ToBeatThread } from './thread-beats.ts'

/** How often the thread looks whether something it asked for has not happened. */
const WATCH_MS = 250
/** How long one beat may take. */
const BEAT_WAIT_MS = 5_000

const port = parentPort
if (port === null) throw new Error('this file is the beat thread and is started by thread-beats.ts only')
const data = workerData as BeatThreadData // given by thread-beats.ts

const clock: Clock = systemClock()
const orchestrator = await openDoor(data.place)
const beats = new LocalBeats(orchestrator, clock, data.settings)

type Stuck = 'cancelled' | 'timed out' | 'lost'

/** Runs that should end by themselves, and until when. */
const stopping = new Map<string, { readonly until: Instant; readonly reason: Stuck }>()
const deadlines = new Map<string, Instant>()

port.on('message', (message: ToBeatThread) => {
  switch (message.type) {
    case 'add': {
      const { flowRunId } = message.beat
      if (message.deadlineAt !== null) deadlines.set(flowRunId, after(message.deadlineAt, data.graceMs * 2))
      beats.add(message.beat, {
        onTell: (answer) => tell(answer),
        onRenewed: (at) => port?.postMessage({ type: 'renewed', flowRunId, at } satisfies FromBeatThread),
      })
      return
    }
    case 'remove':
      beats.remove(message.flowRunId)
      stopping.delete(message.flowRunId)
      deadlines.delete(message.flowRunId)
      return
    case 'heard':
      // The main thread yields, so it can end the run itself.
      stopping.delete(message.flowRunId)
      return
    case 'close':
      void close()
      return
  }
})

function tell(answer: BeatAnswer): void {
  if (stopping.has(answer.flowRunId)) return
  if (answer.tell !== 'go on' && answer.tell !== 'woken')
    stopping.set(answer.flowRunId, {
      until: after(clock.now(), data.graceMs),
      reason: answer.tell === 'cancel' ? 'cancelled' : 'lost',
    })
  port?.postMessage({ type: 'tell', answer } satisfies FromBeatThread)
}

let stopWatch = watch()

function watch(): () => void {
  return clock.timer(
    WATCH_MS,
    () => {
      const now = clock.now()
      for (const [id, until] of deadlines) if (now >= until) void endStuck(id, 'timed out')
      for (const [id, { until, reason }] of stopping) if (now >= until) void endStuck(id, reason)
      stopWatch = watch()
    },
    { keepAlive: true },
  )
}

/** Code that does not yield can be stopped only together with its process. Its end is recorded first. */
async function endStuck(id: string, reason: Stuck): Promise<void> {
  stopping.delete(id)
  deadlines.delete(id)
  const message = `the run was ${reason} but its code did not yield to the event loop, so its process was ended`
  // It is another process's by now.
  if (reason === 'lost') return endProcess(message)
  const command =
    reason === 'cancelled'
      ? ({ type: 'cancelled', message } as const)
      : ({ type: 'fail', name: 'TimedOut', message, outcome: null, retryDelayMs: null } as const)
  await orchestrator.flowRuns.command(id, command)
  endProcess(message)
}

async function close(): Promise<void> {
  stopWatch()
  await beats.close()
  await orchestrator.close()
  port?.close()
}

/** The same runs as the main thread's, over a connection of this thread's own. */
async function openDoor(place: BeatThreadData['place']): Promise<Orchestrator> {
  if (place.type === 'server') {
    const { remoteOrchestrator } = await import('../../client/remote-orchestrator.ts')
    const { createTransport } = await import('../../client/transport.ts')
    const { nodeSender } = await import('../../system/http.ts')
    const { send } = nodeSender({ ...place.address, silenceMs: BEAT_WAIT_MS })
    const random = systemRandom()
    // What is missed now is told with the next beat.
    const transport = createTransport({
      send,
      clock,
      random: () => random.next(),
      auth: place.address.auth,
      key: place.address.key,
      waitMs: BEAT_WAIT_MS,
    })
    return remoteOrchestrator({ transport, clock })
  }
  const { createOrchestrator } = await import('../../orchestrator/index.ts')
  const { openStore } = await import('../../store/open.ts')
  const { database, durability, busyTimeoutMs } = place
  const store = await openStore({ database, durability, busyTimeoutMs, clock })
  return createOrchestrator({ store, clock, ids: systemIds(clock), liveness: systemLiveness(), resultsFolder: null })
}
