import type { Clock } from '../core/time.ts'

/** A loop on the server. Its tick does one bounded piece of work. */
export interface Service {
  readonly name: string
  readonly everyMs: number
  /** Tells whether more is waiting: then the next tick comes at once. */
  tick(signal: AbortSignal): Promise<boolean>
}

export interface RunningServices {
  /** Resolves when the ticks under way have ended. */
  stop(): Promise<void>
}

export interface ServicesDeps {
  readonly clock: Clock
  /** In [0, 1): servers of one database do not all look at the same moment. */
  readonly random: () => number
  readonly onError: (error: unknown, service: string) => void
}

/** After an error a service waits longer and longer, up to this many times its interval. */
const BACK_OFF_MAX = 8
/** Ticks without a pause: a service with much to do leaves others their turn. */
const TICKS_AT_ONCE = 20

/** Each service in a loop of its own: never two ticks of one at once, no tick after `stop`. */
export function runServices(services: readonly Service[], deps: ServicesDeps): RunningServices {
  const stopping = new AbortController()
  const loops = services.map((service) => loop(service, deps, stopping.signal))
  return {
    async stop() {
      stopping.abort(new Error('the server stops'))
      await Promise.all(loops)
    },
  }
}

async function loop(service: Service, { clock, random, onError }: ServicesDeps, signal: AbortSignal): Promise<void> {
  let failures = 0
  // The first look is spread, too: everything starts at the same moment.
  let pauseMs = service.everyMs * random()
  while (await paused(clock, pauseMs, signal)) {
    try {
      for (let ticks = 0; !signal.aborted && (await service.tick(signal)) && ticks < TICKS_AT_ONCE; ticks++);
      failures = 0
    } catch (error) {
      if (signal.aborted) return
      // Where only parts of the work failed, the others do not wait longer for it.
      if (!(error instanceof AggregateError)) failures += 1
      for (const each of error instanceof AggregateError ? error.errors : [error]) onError(each, service.name)
    }
    pauseMs = service.everyMs * Math.min(2 ** failures, BACK_OFF_MAX) * (0.9 + 0.2 * random())
  }
}

/** `false`: the server stops. */
async function paused(clock: Clock, delayMs: number, signal: AbortSignal): Promise<boolean> {
  try {
    await clock.sleep(delayMs, signal)
    return true
  } catch {
    // Sleeping ends early for one reason only.
    return false
  }
}
