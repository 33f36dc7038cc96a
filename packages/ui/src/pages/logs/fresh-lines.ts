import type { InfiniteData } from '@tanstack/react-query'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import * as queries from '../../queries.ts'
import type { LogSearch, SearchedLines, SearchedLogLine } from '../../queries.ts'
import { seen, whileSeen } from '../../seen.ts'
import { freshLines, startOfLook } from './lines.ts'

/** How often is looked at most, however much is written. */
const REST_MS = 1_000
const PAGES_PER_LOOK = 10
/** More than so many since the page was read: it is read again. */
const FRESH_MAX = 5_000

/** Lines that were written since the pages were read, the newest first; only those are asked for. */
export function useFreshLines(search: LogSearch, data: InfiniteData<SearchedLines> | undefined, isOn: boolean): readonly SearchedLogLine[] {
  const cache = useQueryClient()
  const key = JSON.stringify(search)
  const [held, setHeld] = useState<{ readonly key: string; readonly lines: readonly SearchedLogLine[] }>({ key, lines: [] })
  const fresh = held.key === key ? held.lines : NONE
  const current = useRef({ search, fresh, first: data?.pages[0] })
  useEffect(() => {
    current.current = { search, fresh, first: data?.pages[0] }
  })
  const isRead = data !== undefined
  useEffect(() => {
    if (!isOn || !isRead) return
    const stop = new AbortController()
    const readAgain = (): void => {
      setHeld({ key, lines: [] })
      void cache.invalidateQueries({ queryKey: ['log-feed'] })
    }
    const look = async (): Promise<void> => {
      const { search: asked, fresh: known, first } = current.current
      const since = startOfLook(known[0] ?? first?.lines[0])
      if (since === undefined) return readAgain()
      let cursor: string | null = null
      let found = known
      for (let page = 0; page < PAGES_PER_LOOK; page += 1) {
        const answer = await queries.linesSince(asked, since, cursor, stop.signal)
        found = freshLines(found, answer.lines, first?.lines ?? [])
        cursor = answer.cursor
        if (cursor === null) break
      }
      if (stop.signal.aborted) return
      if (cursor !== null || found.length > FRESH_MAX) return readAgain()
      if (found !== known) setHeld({ key, lines: found })
    }
    void keepLooking(look, stop.signal)
    return () => stop.abort()
  }, [cache, key, isOn, isRead])
  return fresh
}

const NONE: readonly SearchedLogLine[] = []

/** Looks whenever lines were written, once more after what came meanwhile; a connection that is lost is made again. */
async function keepLooking(look: () => Promise<void>, signal: AbortSignal): Promise<void> {
  let isWanted = false
  let isLooking = false
  const ring = async (): Promise<void> => {
    isWanted = true
    if (isLooking) return
    isLooking = true
    while (isWanted && !signal.aborted) {
      isWanted = false
      await look().catch(() => undefined) // asked again with the next line
      await pause(REST_MS)
    }
    isLooking = false
  }
  while (!signal.aborted) {
    await seen(signal)
    const span = whileSeen(signal)
    try {
      for await (const _ of queries.linesWritten(span.signal)) void ring()
    } catch {
      // The page says elsewhere that the server is away.
    } finally {
      span.end()
    }
    if (!signal.aborted && !span.signal.aborted) await pause(REST_MS)
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
