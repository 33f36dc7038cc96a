// Browsers keep six connections to a server for all of their windows together: a window that nobody sees lets go of its streams.

/** Somebody may only be looking something up. */
const HIDDEN_MS = 5_000

/** Resolves at once where the window is seen. */
export function seen(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (document.hidden && !signal.aborted) return
      document.removeEventListener('visibilitychange', look)
      signal.removeEventListener('abort', look)
      resolve()
    }
    document.addEventListener('visibilitychange', look)
    signal.addEventListener('abort', look)
    look()
  })
}

/** Aborts when the given signal does, and when the window has been out of sight for a while. `end` stops looking. */
export function whileSeen(signal: AbortSignal): { readonly signal: AbortSignal; readonly end: () => void } {
  const unseen = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const look = (): void => {
    clearTimeout(timer)
    if (document.hidden) timer = setTimeout(() => unseen.abort(), HIDDEN_MS)
  }
  document.addEventListener('visibilitychange', look)
  look()
  return {
    signal: AbortSignal.any([signal, unseen.signal]),
    end: () => {
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', look)
    },
  }
}
