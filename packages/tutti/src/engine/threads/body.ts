import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { currentContext } from '../context.ts'
import { ThreadPool } from './thread-pool.ts'

const POOL = Symbol.for('tutti.threads')

/** One pool per process, even where two copies of the package were loaded: there are only so many cores. */
function processPool(): ThreadPool {
  return ((globalThis as { [POOL]?: ThreadPool })[POOL] ??= new ThreadPool())
}

/**
 * The body of a task that runs on a worker thread, so that computing uses another core and the flow goes on meanwhile.
 *
 * There are as many threads as cores; calls beyond that wait for one, and a `timeout` of the task counts from before that wait. Cancellation
 * and timeouts end its thread. A thread that ends by itself fails the attempt with `THREAD_CRASHED`, which `retries` try again; a function
 * that takes memory too fast for the thread to be ended in time ends the process, and the run can be resumed.
 *
 * @example
 * ```ts
 * const fib = task({ name: 'fib' }, inThread<typeof import('./cpu.ts').fib>(new URL('./cpu.ts', import.meta.url), 'fib'))
 * ```
 *
 * @param module - the file that exports the function: `new URL('./cpu.ts', import.meta.url)`.
 * @param exportName - a plain function; its arguments and its result are copied (structured clone). It knows nothing of the run it works
 * for: `run()` throws `NOT_IN_A_RUN` there, and `log` writes to the terminal only.
 */
export function inThread<F extends (...args: never[]) => unknown>(
  module: URL | string,
  exportName: string,
): (...args: Parameters<F>) => Promise<Awaited<ReturnType<F>>> {
  const body = async (...args: Parameters<F>): Promise<Awaited<ReturnType<F>>> => {
    const context = currentContext()
    const signal = context?.task?.signal() ?? context?.active.controller.signal
    const work = processPool().run({ file: module, exportName, args }, signal)
    const value = await (context?.active.engine.clock.hold?.(work) ?? work)
    return value as Awaited<ReturnType<F>> // the caller names the function's type; what it returned is all there is to know
  }
  let source: string | undefined
  return Object.defineProperties(body, {
    // The task takes its name from the function.
    name: { value: exportName },
    // A cache by source compares the text of functions: here that of the file the function is in.
    toString: { value: () => (source ??= `inThread ${exportName}\n${textOf(module)}`) },
  })
}

/** The file's text; a file that is not there is an error of the call, not of whoever asks for its source. */
function textOf(module: URL | string): string {
  const file = path.resolve(module instanceof URL || module.startsWith('file:') ? fileURLToPath(module) : module)
  return existsSync(file) ? readFileSync(file, 'utf8') : file
}
