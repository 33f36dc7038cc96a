/** Looks at what the event loop of this thread still has to do, for a clock that may only move when nothing is under way. */
export interface EventLoop {
  /** Calls back in a later turn, without counting as work itself. */
  turn(callback: () => void): void
  /** Calls back after real milliseconds, without counting as work itself. Keeps the process alive meanwhile. */
  pause(delayMs: number, callback: () => void): void
  /** Remembers what is open now: it is not counted from here on. */
  forget(): void
  /**
   * `busy`: something that ends by itself is under way (a turn, a timer, a file, a connection being made).
   * `open`: only things are open that may stay so (sockets, threads, processes) and that were not when `forget` was called.
   */
  look(): 'idle' | 'open' | 'busy'
}

/** Waiting for a connection, a signal or a key press is no work. */
const NEVER_WORK: ReadonlySet<string> = new Set(['TCPServerWrap', 'PipeServerWrap', 'SignalWrap', 'TTYWrap', 'FSEventWrap', 'StatWatcher'])
const ENDS_BY_ITSELF = /^(?:Immediate|Timeout|FSReq\w*|\w+Req|\w+ReqWrap|\w*ConnectWrap|WriteWrap|ShutdownWrap|SendWrap)$/

/** What all event loop watchers of this thread have under way themselves: watchers must not wait for one another. */
const own = { Immediate: 0, Timeout: 0 }

export function eventLoop(): EventLoop {
  let known = count()

  function turn(callback: () => void): void {
    own.Immediate += 1
    setImmediate(() => {
      own.Immediate -= 1
      callback()
    })
  }

  return {
    turn,
    pause(delayMs, callback) {
      own.Timeout += 1
      setTimeout(() => {
        // Node counts a timer until its callback has returned.
        turn(callback)
        queueMicrotask(() => {
          own.Timeout -= 1
        })
      }, delayMs)
    },
    forget() {
      known = count()
    },
    look() {
      let found: 'idle' | 'open' = 'idle'
      for (const [type, number] of count()) {
        if (number <= (known.get(type) ?? 0)) continue
        if (ENDS_BY_ITSELF.test(type)) return 'busy'
        found = 'open'
      }
      return found
    },
  }
}

/** By type; only what keeps the process alive is listed. */
function count(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>([
    ['Immediate', -own.Immediate],
    ['Timeout', -own.Timeout],
  ])
  for (const type of process.getActiveResourcesInfo()) {
    if (!NEVER_WORK.has(type)) counts.set(type, (counts.get(type) ?? 0) + 1)
  }
  return counts
}
