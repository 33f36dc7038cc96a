import { writeSync } from 'node:fs'

/** Ends this process at once, from any of its threads, after saying why. Nothing of it runs any more, not even exit handlers. */
export function endProcess(reason: string): void {
  // Not through the stream: that of a thread is written by the main thread, which does not come to it any more.
  writeSync(2, `tutti: ${reason}\n`)
  process.kill(process.pid, 'SIGKILL')
}

/** What a running engine wants to hear of its process. */
export interface ProcessEvents {
  /** Ctrl-C or a polite request to end; `again` when it came before. */
  onStop(signal: NodeJS.Signals, again: boolean): void
  /** The event loop is empty: whatever is still awaited can never happen. */
  onIdle(): void
  /** The process ends now; only what happens within the call happens at all. `thrown`: what nobody caught, if that is why. */
  onExit(code: number, thrown: { readonly error: unknown } | undefined): void
}

/** Listens until the returned function is called. */
export function listenToProcess(events: ProcessEvents): () => void {
  let stops = 0
  const onSignal = (signal: NodeJS.Signals): void => events.onStop(signal, stops++ > 0)
  const onIdle = (): void => events.onIdle()
  let thrown: { readonly error: unknown } | undefined
  const onUncaught = (error: unknown): void => {
    thrown = { error }
  }
  const onExit = (code: number): void => events.onExit(code, thrown)
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  process.on('beforeExit', onIdle)
  process.on('uncaughtExceptionMonitor', onUncaught)
  process.on('exit', onExit)
  return () => {
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
    process.off('beforeExit', onIdle)
    process.off('uncaughtExceptionMonitor', onUncaught)
    process.off('exit', onExit)
  }
}

export function exitProcess(code: number): void {
  process.exit(code)
}

export function setExitCode(code: number): void {
  process.exitCode = code
}
