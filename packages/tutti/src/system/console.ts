const LEVELS = { debug: 10, log: 20, info: 20, warn: 30, error: 40 } as const

/** Takes a console line; `false`: it is printed as usual, text: that is printed in its place. */
type Sink = (level: number, args: readonly unknown[]) => boolean | string

let sink: Sink | undefined

/** Sends what `console` is given through `toLog` first. Installed once for the process; a later call replaces the sink. */
export function captureConsole(toLog: Sink): void {
  const installed = sink !== undefined
  sink = toLog
  if (installed) return
  for (const [method, level] of Object.entries(LEVELS) as [keyof typeof LEVELS, number][]) {
    const print = console[method].bind(console)
    console[method] = (...args: unknown[]) => {
      const taken = sink?.(level, args) ?? false
      if (typeof taken === 'string') print('%s', taken)
      else if (!taken) print(...args)
    }
  }
}
