const LEVELS = { debug: 10, log: 20, info: 20, warn: 30, error: 40 } as const

/** Takes a console line; `false` when it belongs to no run and is printed as usual. */
type Sink = (level: number, args: readonly unknown[]) => boolean

let sink: Sink | undefined

/** Sends what `console` is given through `toLog` first. Installed once for the process; a later call replaces the sink. */
export function captureConsole(toLog: Sink): void {
  const installed = sink !== undefined
  sink = toLog
  if (installed) return
  for (const [method, level] of Object.entries(LEVELS) as [keyof typeof LEVELS, number][]) {
    const print = console[method].bind(console)
    console[method] = (...args: unknown[]) => {
      if (sink?.(level, args) !== true) print(...args)
    }
  }
}
