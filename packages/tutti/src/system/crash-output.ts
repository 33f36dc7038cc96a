import { writeSync } from 'node:fs'

/** An error that nobody caught as it is to be printed; `undefined`: Node may print it. */
type Describe = (error: unknown) => string | undefined

let describing: Describe | undefined

/**
 * Prints errors that end this process in Node's place when `describe` says how. Those that somebody handles, who then prints what they like,
 * are theirs. Installed once for the process; a later call replaces the function.
 */
export function printCrashes(describe: Describe): void {
  const installed = describing !== undefined
  describing = describe
  if (installed) return
  process.on('uncaughtExceptionMonitor', (error) => {
    if (process.listenerCount('uncaughtException') > 0 || process.hasUncaughtExceptionCaptureCallback()) return
    const text = describing?.(error)
    if (text === undefined) return
    writeSync(2, `Uncaught:\n${text}\n\nNode.js ${process.version}\n`)
    process.exit(1)
  })
}
