import { useCallback, useEffect, useRef, useState } from 'react'
import { EMPTY_WINDOW, isAfter, windowOf, withEarlier, withLater, withWritten } from '../../../parts/log-view/log-window.ts'
import type { LogLine, LogPage, LogWindow } from '../../../parts/log-view/log-window.ts'
import * as queries from '../../../queries.ts'
import type { LogFilter, LogPlace } from '../../../queries.ts'
import { seen, whileSeen } from '../../../seen.ts'

const PAGE_LINES = 1_000
const FLUSH_MS = 100
const RETRY_MS = 1_000

export interface RunLog {
  readonly window: LogWindow
  readonly isLoading: boolean
  readonly error: unknown
  /** Lines that were written since, where the end of the log is not held. */
  readonly newer: number
  readonly toStart: () => void
  readonly toEnd: () => void
  readonly toLine: (id: string) => void
  readonly earlier: (() => void) | undefined
  readonly later: (() => void) | undefined
}

interface Held {
  readonly window: LogWindow
  readonly isLoading: boolean
  readonly error: unknown
  readonly newer: number
  /** Something has been read: what is written from now on joins it. */
  readonly isBegun: boolean
}

/** The log of a run around where one reads, with what is being written as long as the run goes on. */
export function useRunLog(
  flowRunId: string,
  { levelMin, taskRunId }: LogFilter,
  { isLive, begin }: { readonly isLive: boolean; readonly begin: 'start' | 'end' },
): RunLog {
  const [held, setHeld] = useState<Held>({ window: EMPTY_WINDOW, isLoading: true, error: undefined, newer: 0, isBegun: false })
  /** Answers to what was asked before something else was chosen do not count. */
  const asked = useRef(new AbortController())
  const isBusy = useRef(false)

  const ask = useCallback(
    (place: LogPlace, take: (window: LogWindow, page: LogPage) => LogWindow, isFresh: boolean) => {
      if (isBusy.current && !isFresh) return
      if (isFresh) {
        asked.current.abort()
        asked.current = new AbortController()
      }
      const { signal } = asked.current
      isBusy.current = true
      setHeld((before) => ({ ...before, isLoading: true, error: undefined }))
      queries.logLines(flowRunId, place, { levelMin, taskRunId }, PAGE_LINES, signal).then(
        (page) => {
          if (signal.aborted) return
          isBusy.current = false
          setHeld((before) => {
            const window = take(before.window, page)
            return { window, isLoading: false, error: undefined, newer: window.hasMoreAfter ? before.newer : 0, isBegun: true }
          })
        },
        (error: unknown) => {
          if (signal.aborted) return
          isBusy.current = false
          setHeld((before) => ({ ...before, isLoading: false, error }))
        },
      )
    },
    [flowRunId, levelMin, taskRunId],
  )

  const toStart = useCallback(() => ask({}, (_, page) => windowOf(page), true), [ask])
  const toEnd = useCallback(() => ask({ tail: '1' }, (_, page) => windowOf(page), true), [ask])
  const toLine = useCallback((id: string) => ask({ around: id }, (_, page) => windowOf(page), true), [ask])

  const beginning = useRef(begin)
  useEffect(() => {
    if (beginning.current === 'end') toEnd()
    else toStart()
    const controller = asked
    return () => controller.current.abort()
  }, [toStart, toEnd])

  const took = (lines: readonly LogLine[]): void =>
    setHeld((before) => {
      if (before.isLoading && before.window.lines.length === 0) return before
      if (!before.window.hasMoreAfter) return { ...before, window: withWritten(before.window, lines) }
      return { ...before, newer: before.newer + lines.length }
    })
  useWritten(flowRunId, { levelMin, taskRunId }, { isLive: isLive && held.isBegun, window: held.window, took })

  const { window } = held
  const first = window.lines[0]
  const last = window.lines.at(-1)
  const earlier = useCallback(() => {
    if (first === undefined) return
    if (window.before !== 'cut') return ask({ before: window.before ?? '' }, withEarlier, false)
    ask({ around: first.id }, (now, page) => withEarlier(now, { ...page, lines: page.lines.filter((line) => isAfter(first, line)) }), false)
  }, [ask, first, window.before])
  const later = useCallback(() => {
    if (last === undefined) return
    if (window.after !== null) return ask({ after: window.after }, withLater, false)
    ask({ around: last.id }, (now, page) => withLater(now, { ...page, lines: page.lines.filter((line) => isAfter(line, last)) }), false)
  }, [ask, last, window.after])
  return {
    ...held,
    toStart,
    toEnd,
    toLine,
    earlier: window.before === null ? undefined : earlier,
    later: window.hasMoreAfter ? later : undefined,
  }
}

interface Written {
  readonly isLive: boolean
  /** What is held as it begins. */
  readonly window: LogWindow
  readonly took: (lines: readonly LogLine[]) => void
}

/** What a run writes from now on, a few times a second. A connection that is lost is made again until the run has ended. */
function useWritten(flowRunId: string, filter: LogFilter, { isLive, window, took }: Written): void {
  const current = useRef({ filter, window, took })
  useEffect(() => {
    current.current = { filter, window, took }
  })
  useEffect(() => {
    if (!isLive) return
    const stop = new AbortController()
    let waiting: LogLine[] = []
    let timer: ReturnType<typeof setTimeout> | undefined
    let last: LogLine | undefined
    const flush = (): void => {
      timer = undefined
      const lines = waiting
      waiting = []
      const { levelMin, taskRunId } = current.current.filter
      const wanted = lines.filter((line) => line.level >= (levelMin ?? 0) && (taskRunId === undefined || line.task_run_id === taskRunId))
      if (wanted.length > 0) current.current.took(wanted)
    }
    const follow = async (signal: AbortSignal): Promise<'ended' | 'lost'> => {
      const after = await placeOfNews(flowRunId, last ?? current.current.window, signal)
      for await (const message of queries.followRun(flowRunId, after, signal)) {
        if (message.type === 'end') return 'ended'
        if (message.type !== 'log' || (last !== undefined && !isAfter(message.log, last))) continue
        last = message.log
        waiting.push(message.log)
        timer ??= setTimeout(flush, FLUSH_MS)
      }
      return 'lost'
    }
    const keep = async (): Promise<void> => {
      while (!stop.signal.aborted) {
        await seen(stop.signal)
        const span = whileSeen(stop.signal)
        const how = await follow(span.signal).catch(() => 'lost' as const) // it is made again
        span.end()
        if (how === 'ended') return
        if (!span.signal.aborted) await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
      }
    }
    void keep()
    return () => {
      stop.abort()
      if (timer !== undefined) clearTimeout(timer)
      flush()
    }
  }, [flowRunId, isLive])
}

/** Behind the last line that was told, or that is held; where the end of the log is not held, behind its end. `null`: from the start. */
async function placeOfNews(flowRunId: string, from: LogLine | LogWindow, signal: AbortSignal): Promise<string | null> {
  const held = 'lines' in from ? from.lines.at(-1) : from
  if ('lines' in from && !from.hasMoreAfter && held === undefined) return from.after
  const place = held === undefined || ('lines' in from && from.hasMoreAfter) ? { tail: '1' as const } : { around: held.id }
  return (await queries.logLines(flowRunId, place, NO_FILTER, 1, signal)).after
}

const NO_FILTER: LogFilter = { levelMin: undefined, taskRunId: undefined }
