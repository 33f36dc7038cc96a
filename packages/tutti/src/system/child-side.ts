/** The channel of a program to the one that has started it. */
export interface ParentChannel {
  send(message: unknown): void
  onMessage(listener: (message: unknown) => void): void
  /** Whoever started it is gone. */
  onGone(listener: () => void): void
}

export function parentChannel(): ParentChannel {
  // Output that nobody reads any more is no reason to end.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
  return {
    send(message) {
      if (process.connected) process.send?.(message, undefined, undefined, () => undefined)
    },
    onMessage: (listener) => process.on('message', listener),
    onGone: (listener) => process.on('disconnect', listener),
  }
}

/** Sets the environment and the working folder of this process for the code it is about to run. */
export function becomePlace({
  environment,
  folder,
}: {
  readonly environment: Readonly<Record<string, string>>
  readonly folder: string
}): void {
  Object.assign(process.env, environment)
  process.chdir(folder)
}

/** Computing time that this process has used so far, and the memory it has now. */
export function ownUsage(): { readonly cpuMs: number; readonly memoryBytes: number } {
  const { user, system } = process.cpuUsage()
  return { cpuMs: (user + system) / 1000, memoryBytes: process.memoryUsage.rss() }
}
