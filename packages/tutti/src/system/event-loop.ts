/** Looks at what the event loop of this thread still has to do, for a clock that may only move when nothing is under way. */
export interface EventLoop {
  /** Remembers what is open now: it is not counted from here on, as long as it stays. */
  forget(): void
  look(): LoopActivity
  /** Calls back in the next turn, without counting as work itself. */
  soon(callback: () => void): void
  /** Calls back for another look: in about a millisecond, without counting as work itself. */
  again(callback: () => void): void
  /** Real milliseconds, from any point in time. */
  nowMs(): number
}

/**
 * What an event loop has to do.
 * - `busy`: something that ends by itself is under way: a turn, a file, a connection being made.
 * - `timer`: a real timer is set that was not when `forget` was called.
 * - `open`: only what may stay open for good and was not open then: sockets, threads, processes.
 */
export type LoopActivity = 'idle' | 'open' | 'timer' | 'busy'

/** Waiting for a connection, a signal or a key press is no work. */
const NEVER_WORK: ReadonlySet<string> = new Set(['TCPServerWrap', 'PipeServerWrap', 'SignalWrap', 'TTYWrap', 'FSEventWrap', 'StatWatcher'])
const ENDS_BY_ITSELF = /^(?:Immediate|FSReq\w*|\w+Req|\w+ReqWrap|\w*ConnectWrap|WriteWrap|ShutdownWrap|SendWrap)$/
const AGAIN_MS = 1

/** What all watchers of this thread have under way themselves: watchers must not wait for one another. */
const own = { Immediate: 0, Timeout: 0 }

export function eventLoop(): EventLoop {
  let known = count()
  let seen = known

  return {
    forget() {
      known = count()
      seen = known
    },
    look() {
      const before = seen
      const now = count()
      seen = now
      // Node tells how many there are of a type, not which: when one has gone, it is taken for the one that was not to be counted.
      known = new Map([...known].map(([type, number]) => [type, Math.max(0, number - Math.max(0, of(before, type) - of(now, type)))]))
      if ([...now].some(([type, number]) => number > 0 && ENDS_BY_ITSELF.test(type))) return 'busy'
      if (of(now, 'Timeout') > of(known, 'Timeout')) return 'timer'
      return [...now].some(([type, number]) => number > of(known, type)) ? 'open' : 'idle'
    },
    soon: turn,
    again(callback) {
      // A known timer that ends while another one begins cannot be told from one that stays, so no turn is left out.
      if (of(known, 'Timeout') > 0) turn(callback)
      else later(AGAIN_MS, callback)
    },
    nowMs: () => performance.now(),
  }
}

/** Calls back after real milliseconds. */
export function later(delayMs: number, callback: () => void): void {
  own.Timeout += 1
  setTimeout(() => {
    // Node counts a timer until its callback has returned.
    turn(callback)
    queueMicrotask(() => {
      own.Timeout -= 1
    })
  }, delayMs)
}

function turn(callback: () => void): void {
  own.Immediate += 1
  setImmediate(() => {
    own.Immediate -= 1
    callback()
  })
}

/** By type; only what keeps the process alive is listed. */
function count(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>([
    ['Immediate', -own.Immediate],
    ['Timeout', -own.Timeout],
  ])
  for (const type of process.getActiveResourcesInfo()) {
    if (!NEVER_WORK.has(type)) counts.set(type, of(counts, type) + 1)
  }
  return counts
}

function of(counts: ReadonlyMap<string, number>, type: string): number {
  return counts.get(type) ?? 0
}

/** Calls back once whatever has already come in this turn has been handled. */
export function nextTurn(callback: () => void): void {
  setImmediate(callback)
}
