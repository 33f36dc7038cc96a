import { currentContext } from '../context.ts'
import { prepareModule } from '../entrypoint.ts'
import { ThreadPool } from './thread-pool.ts'

const POOL = Symbol.for('tutti.threads')

/** One pool per process, even where two copies of the package were loaded: there are only so many cores. */
function processPool(): ThreadPool {
  return ((globalThis as { [POOL]?: ThreadPool })[POOL] ??= new ThreadPool())
}

/**
 * The body of a task that runs on a worker thread, so that computing uses another core and the flow goes on meanwhile.
 *
 * @param module - the file that exports the function: `new URL('./cpu.ts', import.meta.url)`.
 * @param exportName - a plain function; its arguments and its result are copied (structured clone). It knows nothing of the run it works
 * for: `run()` and `log` are not there.
 *
 * Cancellation and timeouts end its thread. A thread that ends by itself fails the attempt with `THREAD_CRASHED`.
 */
export function inThread<F extends (...args: never[]) => unknown>(
  module: URL | string,
  exportName: string,
): (...args: Parameters<F>) => Promise<Awaited<ReturnType<F>>> {
  const body = async (...args: Parameters<F>): Promise<Awaited<ReturnType<F>>> => {
    const context = currentContext()
    const signal = context?.task?.signal() ?? context?.active.controller.signal
    const value = await processPool().run({ module: await prepareModule(module), exportName, args }, signal)
    return value as Awaited<ReturnType<F>> // the caller names the function's type; what it returned is all there is to know
  }
  // The task takes its name from the function, and a cache by source tells functions apart by their text.
  return Object.defineProperties(body, {
    name: { value: exportName },
    toString: { value: () => `inThread(${String(module)}, ${exportName})` },
  })
}
