import { useSyncExternalStore } from 'react'
import type { ReactElement } from 'react'
import { duration, relative, useTimeFormat } from '../format.ts'

const listeners = new Set<() => void>()
let now = Date.now()
let timer: ReturnType<typeof setInterval> | undefined

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= setInterval(() => {
    now = Date.now()
    for (const each of listeners) each()
  }, 1_000)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) {
      clearInterval(timer)
      timer = undefined
    }
  }
}

/** Milliseconds since the epoch, once a second for all who ask. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => {
    // Asked twice before it runs, it says the same.
    if (timer === undefined && Date.now() - now >= 1_000) now = Date.now()
    return now
  })
}

/** The last moment that such a step began with: who needs no seconds is not drawn again with each. */
export function useNowInSteps(stepMs: number): number {
  return useSyncExternalStore(subscribe, () => {
    if (timer === undefined && Date.now() - now >= 1_000) now = Date.now()
    return stepBefore(now, stepMs)
  })
}

/** The last moment up to this one that such a step began with. */
export function stepBefore(at: number, stepMs: number): number {
  return Math.floor(at / stepMs) * stepMs
}

/** `3 min ago`, with the moment itself beside the pointer. */
export function Ago({ at }: { readonly at: string | null | undefined }): ReactElement {
  const current = useNow()
  const format = useTimeFormat()
  if (at === null || at === undefined) return <span className="text-ink-3">–</span>
  return (
    <time data-hint={format.exact(at)} dateTime={at} className="tabular whitespace-nowrap">
      {relative(Date.parse(at), current)}
    </time>
  )
}

/** `Nov 28, 14:03:09` in the chosen zone; with how long ago beside the pointer. */
export function Moment({ at }: { readonly at: string | null | undefined }): ReactElement {
  const current = useNow()
  const format = useTimeFormat()
  if (at === null || at === undefined) return <span className="text-ink-3">–</span>
  return (
    <time data-hint={`${format.exact(at)} · ${relative(Date.parse(at), current)}`} dateTime={at} className="tabular whitespace-nowrap">
      {format.moment(at)}
    </time>
  )
}

/** From one moment to another, or still going on. */
export function Took({ from, to }: { readonly from: string | null | undefined; readonly to: string | null | undefined }): ReactElement {
  const current = useNow()
  if (from === null || from === undefined) return <span className="text-ink-3">–</span>
  const end = to === null || to === undefined ? current : Date.parse(to)
  return <span className="tabular whitespace-nowrap">{duration(end - Date.parse(from))}</span>
}
