import { TuttiError } from '../core/errors.ts'
import type { LeaseHolder } from '../core/lease.ts'
import type { ServerDoor } from '../core/server-door.ts'
import type { Clock } from '../core/time.ts'

export interface ClaimLoop<Run extends Claimed> {
  readonly server: Pick<ServerDoor, 'releaseClaim' | 'releaseOthers'>
  readonly clock: Clock
  /** Asks for up to so many runs, and waits for the first one. */
  readonly claim: (ask: { readonly limit: number; readonly waitS: number }, signal: AbortSignal) => Promise<readonly Run[]>
  /** For whom what is claimed is started at once; `null`: it is only claimed. */
  readonly holder: LeaseHolder | null
  /** Names whoever asks. */
  readonly worker: string
  /** Runs at once. */
  readonly limit: number
  /** Runs it, and resolves when it is over here. Never rejects: how it ended is a state of the run. */
  readonly launch: (run: Run) => Promise<void>
  /** The server cannot be asked, or does not give anything; it is asked again. Told with the first failure, then with the next one after a success. */
  readonly onTrouble: (error: unknown) => void
}

interface Claimed {
  readonly claimId: string
}

/** Shorter than a connection may be silent. */
const WAIT_S = 20
const CLAIMED_AT_ONCE_MAX = 100
const PAUSE_MIN_MS = 250
const PAUSE_MAX_MS = 15_000
/** Whoever stops waits no longer for a server to take back what was claimed. */
const GIVES_BACK_WITHIN_MS = 5_000

/**
 * Claims what fits and launches it, until it is told to stop; then waits for what is under way. A run is claimed by one only, and a claim
 * that is not used is given back.
 */
export async function claimLoop<Run extends Claimed>(loop: ClaimLoop<Run>, signal: AbortSignal): Promise<void> {
  const { server, clock, holder, worker, limit } = loop
  const underWay = new Set<Promise<void>>()
  const claimed = new Set<string>()
  let failures = 0
  while (!signal.aborted) {
    const free = limit - underWay.size
    if (free <= 0) {
      await firstOf(underWay, signal)
      continue
    }
    try {
      // What was started with an answer that was lost seems to be running, and nobody else finds out that it is not.
      if (failures > 0 && holder !== null) await server.releaseOthers(worker, [...claimed], holder, signal)
      const due = await loop.claim({ limit: Math.min(free, CLAIMED_AT_ONCE_MAX), waitS: WAIT_S }, signal)
      failures = 0
      for (const run of due) {
        // What was started is given back with all others.
        if (signal.aborted && holder !== null) break
        if (signal.aborted) await server.releaseClaim(run.claimId)
        else {
          claimed.add(run.claimId)
          track(
            underWay,
            loop.launch(run).finally(() => claimed.delete(run.claimId)),
          )
        }
      }
      // What was launched reaches the user's code before more is asked for.
      if (due.length > 0) await nextTurn()
    } catch (error) {
      if (signal.aborted) break
      failures += 1
      if (failures === 1) loop.onTrouble(error)
      await pause(clock, Math.min(PAUSE_MIN_MS * 2 ** (failures - 1), PAUSE_MAX_MS), signal)
    }
  }
  // The question that was under way may have been answered in the same moment: what was claimed with it is nobody's.
  // When it cannot be given back, its claim expires.
  await Promise.all([
    ...underWay,
    within(clock, GIVES_BACK_WITHIN_MS, (late) => server.releaseOthers(worker, [...claimed], holder, late)).catch(loop.onTrouble),
  ])
}

/** Does it with a signal that aborts when it takes too long: a server that is gone keeps nobody. */
async function within(clock: Clock, limitMs: number, work: (late: AbortSignal) => Promise<void>): Promise<void> {
  const [late, done] = [new AbortController(), new AbortController()]
  void pause(clock, limitMs, done.signal).then(() =>
    late.abort(
      new TuttiError('SERVER_UNREACHABLE', 'the server did not take back what was claimed; it is free again when its claim expires'),
    ),
  )
  try {
    await work(late.signal)
  } finally {
    done.abort()
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function track(underWay: Set<Promise<void>>, run: Promise<void>): void {
  const tracked = run.finally(() => underWay.delete(tracked))
  underWay.add(tracked)
}

/** Until a place is free, or nobody needs one any more. */
async function firstOf(underWay: ReadonlySet<Promise<void>>, signal: AbortSignal): Promise<void> {
  const stopped = Promise.withResolvers<void>()
  const onAbort = (): void => stopped.resolve()
  signal.addEventListener('abort', onAbort, { once: true })
  await Promise.race([...underWay, stopped.promise])
  signal.removeEventListener('abort', onAbort)
}

async function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  try {
    await clock.sleep(delayMs, signal)
  } catch {
    // Told to stop: the loop looks at the signal itself.
  }
}
